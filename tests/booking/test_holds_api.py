"""POST holds/: a time kept for somebody while they type, against everybody, for a while and no longer."""

from datetime import datetime, timedelta

import pytest

from booking.models import Appointment, Assignment, HistoryEntry, Studio, TimeOff
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts, starts_of, statements
from tests.factories import NOW, TUESDAY, api_key, at, guest

TEN_MINUTES, SECOND = timedelta(minutes=10), timedelta(seconds=1)
TEN = {"location": "harbour", "variation": "swedish-60", "start": at("10:00"), "therapist": "anna"}
SAM = guest("Sam Okoro", "sam@example.com")


def ends(answer) -> datetime:
    return datetime.fromisoformat(answer["expires_at"])


class TestHolding:
    def test_answers_with_the_place_and_its_token(self, api, house):
        answer = api.post("holds/", TEN | {"add_ons": ["scalp"]})
        body = answer.json()

        assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
        assert body == {
            "token": body["token"],
            "expires_at": "2026-11-23T09:10:00+01:00",
            "start": at("10:00"),
            "end": at("11:15"),
            "therapists": ["anna"],
            "room": "blue",
        }
        assert len(body["token"]) >= 40

    def test_writes_no_history_and_to_nobody(self, hold):
        token = hold()["token"]

        kept = Appointment.objects.get()
        assert (kept.status, kept.blocks, kept.client) == ("held", True, None)
        assert token not in {kept.hold_digest, kept.holder}
        assert not HistoryEntry.objects.exists()
        assert not Message.objects.exists()

    def test_keeps_two_therapists_and_their_room_for_a_couple(self, hold, slots):
        kept = hold(variation="couples-60")

        assert (kept["therapists"], kept["room"]) == (["anna", "ben"], "suite")
        assert Assignment.objects.filter(blocks=True).count() == 2
        assert at("10:00") not in starts_of(slots())

    def test_is_for_what_is_offered_only(self, api, house):
        assert is_problem(api.post("holds/", TEN | {"start": at("10:10")}), 409, "not-offered")
        assert is_problem(api.post("holds/", TEN | {"start": at("19:00")}), 409, "not-offered")
        assert is_problem(api.post("holds/", TEN | {"therapist": "nobody"}), 400, "invalid")
        assert is_problem(api.post("holds/", TEN | {"partner_gender": "male"}), 400, "invalid")
        assert is_problem(api.post("holds/", TEN | {"expires_at": at("23:00")}), 400, "invalid")
        assert not Appointment.objects.exists()

    def test_twice_with_one_key_is_one_hold(self, api, house):
        answers = [api.post("holds/", TEN, Idempotency_Key="once") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert answers[1]["Idempotency-Replayed"] == "true"
        assert Appointment.objects.count() == 1

    def test_costs_eight_statements_at_most(self, api, house):
        """L-02: with a key, which is two of them, whoever is asked for, and for couples."""
        anybody = {name: value for name, value in TEN.items() if name != "therapist"}
        wishes = [TEN, anybody | {"start": at("12:00")}, anybody | {"start": at("14:00"), "variation": "couples-60"}]
        Studio.objects.update(holds_per_caller=3)

        costs = [statements(lambda one=one: api.post("holds/", one, Idempotency_Key=one["start"])) for one in wishes]

        assert max(costs) <= 8, costs
        assert Appointment.objects.count() == 3


class TestAHeldTime:
    def test_is_taken_for_everybody_else(self, hold, slots, sam, wish):
        """B-17, S34: whoever is faster with the form does not get it, and is told what else is free."""
        hold(therapist="anna")

        assert at("10:00") not in starts_of(slots(sam, therapist="anna"))
        answers = [sam.post("appointments/", wish(therapist="anna", client=SAM)), sam.post("holds/", TEN)]
        assert all(is_problem(answer, 409, "slot-taken") for answer in answers)
        assert [len(answer.json()["nearest"]) for answer in answers] == [3, 3]

    def test_is_taken_to_the_minute_with_its_clean_up(self, hold, slots):
        """B-15, S36: half-open, so a visit may begin where the clean-up ends."""
        hold(therapist="anna", start=at("12:00"))

        free = starts_of(slots(therapist="anna"))

        assert {at("10:30"), at("13:30")} <= set(free)
        assert not {at("11:00"), at("11:30"), at("12:30"), at("13:00")} & set(free)

    def test_is_free_to_its_owner(self, hold, slots):
        """B-19: who presses Back sees the time that is kept for them, and nobody else does."""
        token = hold(therapist="anna")["token"]

        assert at("10:00") in starts_of(slots(therapist="anna", hold=token))
        assert at("10:00") not in starts_of(slots(therapist="anna", hold="somebody-elses"))

    def test_is_held_by_one(self, hold, api):
        """B-19: one live hold a time, also for the one who has it."""
        hold(therapist="anna")

        assert is_problem(api.post("holds/", TEN), 409, "slot-taken")

    def test_is_nobodys_appointment(self, hold, desk):
        """Lists leave it out, unless that status is asked for."""
        hold()

        assert desk.get("appointments/").json()["results"] == []
        assert [one["status"] for one in desk.get("appointments/", {"status": "held"}).json()["results"]] == ["held"]


class TestAnExpiredHold:
    """B-05: it keeps nobody out from that second on, and no job has to run."""

    def test_is_over_to_the_second(self, hold, slots, clock):
        hold(therapist="anna")

        clock.shift(TEN_MINUTES - SECOND)
        assert at("10:00") not in starts_of(slots(therapist="anna"))

        clock.shift(SECOND)
        assert at("10:00") in starts_of(slots(therapist="anna"))

    @pytest.mark.parametrize("variation", ["swedish-60", "swedish-90"])
    def test_makes_way_for_a_booking(self, hold, book, clock, variation):
        hold(therapist="anna")
        clock.shift(TEN_MINUTES)

        assert book(therapist="anna", variation=variation, start=at("09:30"))["therapists"] == ["anna"]
        assert Appointment.objects.get().status == "booked"

    def test_makes_way_for_another_hold(self, hold, clock):
        hold(therapist="anna")
        clock.shift(TEN_MINUTES)

        assert hold(therapist="anna")["therapists"] == ["anna"]
        assert Appointment.objects.count() == 1

    def test_makes_way_for_a_move(self, booked, kim, hold, clock):
        hold(therapist="anna", start=at("14:00"))
        clock.shift(TEN_MINUTES)

        moved = kim.post(f"appointments/{booked['reference']}/reschedule/", {"start": at("14:00"), "therapist": "anna"})

        assert (moved.status_code, moved.json()["therapists"]) == (200, ["anna"])

    def test_makes_way_at_another_location(self, house, hold, book, clock):
        uptown = factories.location("uptown")
        factories.works(house.anna, uptown)
        factories.room("red", uptown)
        hold(therapist="anna", location="uptown")
        clock.shift(TEN_MINUTES)

        assert book(therapist="anna")["location"] == "harbour"

    def test_makes_way_in_its_room(self, house, hold, book, clock):
        """The therapist is another one; the only room was held."""
        house.rooms[1].delete()
        hold(therapist="ben")
        clock.shift(TEN_MINUTES)

        assert book(therapist="anna")["room"] == "blue"

    def test_does_not_count_as_one_of_few(self, hold, clock):
        hold(start=at("10:00"))
        hold(start=at("12:00"))
        clock.shift(TEN_MINUTES)

        assert hold(start=at("14:00"))["start"] == at("14:00")

    def test_ends_when_its_visit_would_begin(self, house, hold, clock, api, wish):
        """B-16: however late somebody holds it, nobody books what has begun."""
        house.swedish.notice_minutes = 0
        house.swedish.save()
        clock.move_to(datetime.fromisoformat(at("09:57")))

        kept = hold()

        assert ends(kept).isoformat() == datetime.fromisoformat(at("10:00")).isoformat()


class TestFewHolds:
    """S37."""

    def test_are_kept_for_one_caller(self, api, sam, hold):
        hold(start=at("10:00"))
        hold(start=at("12:00"))

        refused = api.post("holds/", TEN | {"start": at("14:00")})

        assert is_problem(refused, 429, "too-many-requests")
        assert refused["Retry-After"] == "600"
        assert Appointment.objects.count() == 2
        assert hold(sam, start=at("14:00"))["start"] == at("14:00")

    def test_are_as_many_as_the_studio_says(self, api, hold):
        Studio.objects.update(holds_per_caller=1, hold_minutes=3)

        assert ends(hold()) == NOW + timedelta(minutes=3)
        refused = api.post("holds/", TEN | {"start": at("14:00")})
        assert is_problem(refused, 429, "too-many-requests")
        assert refused["Retry-After"] == "180"

    def test_do_not_bind_the_desk(self, desk, hold):
        for clock_time in ("09:00", "10:30", "12:00", "13:30"):
            hold(desk, start=at(clock_time))

        assert Appointment.objects.count() == 4

    def test_bind_who_may_only_read(self, house, hold):
        reader = Caller(Authorization=f"Bearer {api_key('read')}")
        hold(reader)
        hold(reader, start=at("12:00"))

        assert is_problem(reader.post("holds/", TEN | {"start": at("14:00")}), 429, "too-many-requests")


class TestReplacing:
    """S37: somebody may change their mind, and keeps no time longer by that."""

    def test_swaps_one_for_the_other(self, hold, slots):
        Studio.objects.update(holds_per_caller=1)
        old = hold(therapist="anna")

        new = hold(therapist="anna", start=at("14:00"), replaces=old["token"])

        assert Appointment.objects.count() == 1
        free = starts_of(slots(therapist="anna"))
        assert at("10:00") in free
        assert at("14:00") not in free
        assert ends(new) == NOW + TEN_MINUTES

    @pytest.mark.parametrize("start", ["09:30", "10:00", "10:30"])
    def test_by_a_time_that_overlaps_does_not_extend_it(self, hold, clock, start):
        old = hold(therapist="anna")
        for _ in range(3):
            clock.shift(timedelta(minutes=2))
            old = hold(therapist="anna", start=at(start), replaces=old["token"])

        assert ends(old) == NOW + TEN_MINUTES
        clock.shift(timedelta(minutes=4))
        assert not Appointment.objects.filter(expires_at__gt=NOW + TEN_MINUTES).exists()

    def test_by_a_time_that_is_taken_leaves_the_old_one(self, hold, api, book):
        old = hold(therapist="anna")
        book(therapist="anna", start=at("14:00"))

        refused = api.post("holds/", TEN | {"start": at("14:00"), "replaces": old["token"]})

        assert is_problem(refused, 409, "slot-taken")
        assert Appointment.objects.filter(status="held").count() == 1

    def test_of_what_has_ended_is_refused(self, hold, api, clock):
        old = hold()
        clock.shift(TEN_MINUTES)
        before = row_counts()

        answers = [api.post("holds/", TEN | {"replaces": token}) for token in (old["token"], "no-such-hold")]

        assert all(is_problem(answer, 410, "hold-expired") for answer in answers)
        assert row_counts() == before


class TestGivingBack:
    def test_frees_the_time_at_once(self, api, sam, hold, book):
        token = hold(therapist="anna")["token"]

        first, second = (api.send("DELETE", f"holds/{token}/") for _ in range(2))

        assert (first.status_code, first.content) == (204, b"")
        assert is_problem(second, 404, "not-found")
        assert book(therapist="anna")["status"] == "booked"

    def test_of_somebodys_booking_or_nothing_is_not_found(self, api, booked):
        for token in (booked["token"], "no-such-hold", "%00"):
            assert is_problem(api.send("DELETE", f"holds/{token}/"), 404, "not-found")
        assert Appointment.objects.get().status == "booked"


class TestAHoldOverTimeOff:
    def test_that_came_later_still_books(self, hold, api, house):
        """What was promised is kept; the absence then lists the visit."""
        token = hold(therapist="anna")["token"]
        day = datetime.fromisoformat(at("00:00", on=TUESDAY))
        TimeOff.objects.create(therapist=house.anna, start_at=day, end_at=day + timedelta(days=1))

        answer = api.post("appointments/", {"hold": token, "client": guest()})

        assert (answer.status_code, answer.json()["therapists"]) == (201, ["anna"])
