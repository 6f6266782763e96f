"""Taking the time that is offered: a booking like any other, and the end of the entry."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking import access
from booking.actions.revoke_links import revoke_links
from booking.models import Appointment, Assignment, Client, OfferLink, WaitlistEntry, WaitlistOffer
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts
from tests.booking.waiting import ROBIN, Waiting, half_a_minute_passes, join, one_hour
from tests.factories import NOW, at, guest

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def sam(house):
    """Offered the only hour of Tuesday."""
    one_hour(house)
    entry = join(note="Left shoulder, please.", tips=True)
    half_a_minute_passes()
    return entry


class TestAccepting:
    def test_answers_like_a_booking(self, sam):
        answer = sam.accept()
        body = answer.json()

        assert (answer.status_code, answer["ETag"]) == (201, '"1"')
        assert answer["Location"] == f"/api/v1/appointments/{body['reference']}/"
        assert (body["status"], body["start"], body["therapists"]) == ("booked", at("10:00"), ["anna"])
        assert body["client"] == {"name": "Sam"}
        assert body["manage_url"].endswith(f"/manage/{body['token']}/")
        assert Caller(Authorization=f"Link {body['token']}").get(answer["Location"][8:]).status_code == 200

    def test_uses_up_the_hold_and_ends_the_entry(self, sam):
        sam.accept()

        appointment = Appointment.objects.get()
        assert (appointment.status, appointment.note, appointment.tips) == ("booked", "Left shoulder, please.", True)
        assert Assignment.objects.count() == 1
        assert WaitlistOffer.objects.get().state == "accepted"
        shown = sam.read()
        assert (shown["state"], shown["offer"], shown["position"]) == ("accepted", None, None)

    def test_twice_is_one_appointment(self, sam):
        sam.accept()
        before = row_counts()

        answer = sam.accept()

        assert is_problem(answer, 409, "wrong-state")
        assert row_counts() == before

    def test_twice_with_one_key_has_one_answer(self, sam):
        first, second = (sam.accept(Idempotency_Key="yes") for _ in range(2))

        assert (second.status_code, second.json()) == (201, first.json())
        assert second["Idempotency-Replayed"] == "true"

    def test_works_until_the_deadline_whatever_the_notice(self, house, clock):
        """The hold keeps it: what was offered in time stays bookable for as long as was said."""
        one_hour(house)
        entry = join()
        clock.move_to(at("08:00"))  # the notice is two hours, so this is the last moment
        half_a_minute_passes(timezone.now())

        clock.shift(AN_HOUR - timedelta(seconds=1))
        answer = entry.accept()

        assert answer.status_code == 201, answer.content

    def test_is_refused_from_the_deadline_on(self, sam, clock):
        clock.shift(AN_HOUR)
        before = row_counts()

        assert is_problem(sam.accept(), 410, "hold-expired")
        assert is_problem(sam.decline(), 410, "hold-expired")
        assert row_counts() == before
        half_a_minute_passes(NOW + AN_HOUR)
        assert is_problem(sam.accept(), 410, "hold-expired")

    @pytest.mark.parametrize("answer", ["accept", "decline"])
    def test_without_an_offer_is_refused(self, house, answer):
        assert is_problem(getattr(join(), answer)(), 409, "wrong-state")

    def test_after_declining_is_refused(self, sam):
        sam.decline()

        assert is_problem(sam.accept(), 409, "wrong-state")
        assert is_problem(sam.decline(), 409, "wrong-state")

    def test_after_leaving_is_refused(self, sam):
        sam.leave()

        assert is_problem(sam.accept(), 409, "wrong-state")
        assert not Appointment.objects.exists()

    def test_takes_no_fields(self, sam):
        answer = sam.caller.post(f"{sam.path}accept/", {"start": at("12:00")})

        assert is_problem(answer, 400, "invalid")
        assert sam.state == "offered"

    def test_of_a_service_that_needs_confirmation_is_a_request(self, house):
        house.swedish.needs_confirmation = True
        house.swedish.save()
        one_hour(house)
        entry = join()
        half_a_minute_passes()

        assert entry.accept().json()["status"] == "pending"

    def test_of_a_couples_visit_brings_the_partner(self, house):
        entry = join(variation="couples-60", partner={"name": "Noor", "email": "noor@example.com"})
        half_a_minute_passes()

        assert len(entry.accept().json()["therapists"]) == 2
        assert Appointment.objects.get().partner_email == "noor@example.com"

    def test_may_be_done_by_the_desk(self, sam, desk):
        assert is_problem(
            Caller(Authorization=f"Bearer {factories.api_key('read')}").post(f"{sam.path}accept/"), 403, "forbidden"
        )
        assert desk.post(f"{sam.path}accept/").status_code == 201


class TestAnAcceptedTimeThatIsCancelled:
    def test_goes_to_the_next_and_not_back(self, sam, committed, desk):
        """W-01: the entry is closed, the place does not stay blocked, the next in line is asked at once."""
        robin = join(client=guest(**ROBIN))
        booked = sam.accept().json()
        assert robin.offered is None

        committed(lambda: desk.post(f"appointments/{booked['reference']}/cancel/"))

        assert (sam.state, robin.offered) == ("accepted", at("10:00"))
        half_a_minute_passes()
        assert WaitlistOffer.objects.filter(entry__reference=sam.reference).count() == 1
        committed(robin.decline)
        assert sam.state == "accepted"

    def test_without_anybody_waiting_is_free(self, sam, desk, slots, committed):
        booked = sam.accept().json()

        committed(lambda: desk.post(f"appointments/{booked['reference']}/cancel/"))

        assert [day["slots"][0]["start"] for day in slots()["days"]] == [at("10:00")]


class TestLeaving:
    def test_with_an_open_offer_gives_the_time_back(self, sam, slots):
        sam.leave()

        assert [day["slots"][0]["start"] for day in slots()["days"]] == [at("10:00")]
        assert not Appointment.objects.exists()

    def test_after_accepting_is_refused(self, sam):
        """There is an appointment now, to be cancelled as such."""
        sam.accept()

        assert is_problem(sam.leave(), 409, "wrong-state")
        assert WaitlistEntry.objects.get().state == "accepted"


class TestTheLinkInTheMail:
    @pytest.fixture
    def mailed(self, sam):
        hold = Appointment.objects.get()
        [token] = access.issue_offer_links([(hold.pk, hold.end_at)])
        return token

    def with_link(self, sam: Waiting, token: str) -> Waiting:
        return Waiting({"reference": sam.reference, "token": token})

    def test_opens_the_entry_and_no_appointment(self, sam, mailed):
        """S16, S21: kept as a digest, and nothing at other doors."""
        entry = self.with_link(sam, mailed)

        assert entry.offered == at("10:00")
        assert not OfferLink.objects.filter(digest=mailed).exists()
        hold = Appointment.objects.get()
        assert is_problem(entry.caller.get(f"appointments/{hold.reference}/"), 404, "not-found")
        assert is_problem(entry.caller.send("DELETE", f"holds/{mailed}/"), 404, "not-found")
        assert entry.accept().status_code == 201

    def test_still_opens_it_when_the_offer_has_gone(self, sam, mailed, clock):
        half_a_minute_passes(NOW + AN_HOUR)
        clock.shift(AN_HOUR)

        assert self.with_link(sam, mailed).state == "waiting"

    def test_ends_a_day_after_the_visit_or_with_the_address(self, sam, mailed, clock):
        """S20."""
        entry = self.with_link(sam, mailed)
        revoke_links(Client.objects.get(), now=NOW)
        assert is_problem(entry.caller.get(entry.path), 404, "not-found")
        OfferLink.objects.update(revoked_at=None)

        clock.move_to(at("10:59:59", NOW.date().replace(month=12, day=2)))
        assert entry.caller.get(entry.path).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert is_problem(entry.caller.get(entry.path), 404, "not-found")

    def test_of_a_hold_that_has_gone_opens_nothing(self, sam):
        [token] = access.issue_offer_links([(0, NOW)])

        entry = self.with_link(sam, token)
        assert is_problem(entry.caller.get(entry.path), 404, "not-found")
