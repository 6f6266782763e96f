"""POST appointments/ with a hold: what was kept is booked as it was kept, once, and by nobody else."""

from datetime import datetime, timedelta

import pytest

from booking.models import Appointment, Assignment, BlockedContact, HistoryEntry, LinkToken, Service, Studio, Variation
from notifications.models import Message
from tests.booking.caller import Caller, is_problem, row_counts, starts_of, statements
from tests.booking.waiting import join, opens, window
from tests.factories import NOW, api_key, at, guest

TEN_MINUTES = timedelta(minutes=10)
SAM = guest("Sam Okoro", "sam@example.com")


@pytest.fixture
def take_up(api):
    """Book what the token keeps, as Kim."""

    def take_up(token, caller=api, headers=None, **changes):
        return caller.post("appointments/", {"hold": token, "client": guest()} | changes, **(headers or {}))

    return take_up


class TestBookingAHold:
    def test_makes_it_the_appointment(self, hold, take_up, slots):
        kept = hold(therapist="anna", add_ons=["scalp"])

        answer = take_up(kept["token"], note="Left shoulder", tips=True)
        body = answer.json()

        assert (answer.status_code, answer["ETag"]) == (201, '"1"')
        assert {name: body[name] for name in ("status", "start", "end", "therapists", "room", "add_ons")} == {
            "status": "booked",
            "start": kept["start"],
            "end": kept["end"],
            "therapists": ["anna"],
            "room": "blue",
            "add_ons": ["Scalp"],
        }
        assert (body["price"]["amount"], body["requested_therapist"], body["expires_at"]) == ("107.50", True, None)
        row = Appointment.objects.get()
        assert (row.hold_digest, row.holder, row.note, row.tips) == (None, "", "Left shoulder", True)
        assert at("10:00") not in starts_of(slots(therapist="anna", hold=kept["token"]))

    def test_leaves_what_every_booking_leaves(self, hold, take_up):
        body = take_up(hold()["token"]).json()

        assert [model.objects.count() for model in (Appointment, Assignment, LinkToken)] == [1, 1, 1]
        assert list(Message.objects.values_list("kind", "recipient")) == [("confirmation", "client")]
        assert HistoryEntry.objects.get().action == "booked"
        assert Assignment.objects.values_list("after_minutes", "load_minutes").get() == (15, 60)
        kim = Caller(Authorization=f"Link {body['token']}")
        assert kim.get(f"appointments/{body['reference']}/").status_code == 200

    def test_takes_a_couple_as_it_was_held(self, hold, take_up):
        """A-02, per person: the partner gets a mail of their own."""
        kept = hold(variation="couples-60", gender="male", partner_gender="female")

        body = take_up(kept["token"], partner={"name": "Robin", "email": "robin@example.com"}).json()

        assert (body["therapists"], body["room"]) == (["anna", "ben"], "suite")
        row = Appointment.objects.get()
        assert (row.requested_gender, row.partner_gender) == ("male", "female")
        assert set(Message.objects.values_list("recipient", flat=True)) == {"client", "partner"}

    def test_has_no_place_for_a_second_person_in_what_is_for_one(self, hold, take_up):
        refused = take_up(hold()["token"], partner={"name": "Robin"})

        assert is_problem(refused, 400, "invalid")
        assert list(refused.json()["errors"]) == ["partner"]

    @pytest.mark.parametrize("field", ["start", "location", "variation", "therapist", "add_ons", "override"])
    def test_takes_no_word_on_what_the_hold_says(self, hold, take_up, field):
        """S39: neither time nor price can be had by holding one thing and booking another."""
        refused = take_up(hold()["token"], **{field: "swedish-90"})

        assert is_problem(refused, 400, "invalid")
        assert list(refused.json()["errors"]) == [field]

    def test_costs_eight_statements_at_most(self, hold, take_up):
        """L-02: also with a key, which is two of them, and for couples."""
        tokens = [hold()["token"], hold(variation="couples-60", start=at("12:00"))["token"]]

        costs = [statements(lambda token=token: take_up(token, headers={"Idempotency_Key": token})) for token in tokens]

        assert max(costs) <= 8, costs
        assert Appointment.objects.filter(status="booked").count() == 2


class TestWhatWasAgreedAtTheHold:
    def test_is_what_is_booked(self, house, hold, take_up):
        """S39, policy snapshot: prices and rules that change meanwhile are for those who come later."""
        token = hold()["token"]
        Variation.objects.update(price_amount="200.00", duration_minutes=75)
        Service.objects.update(change_deadline_minutes=60, late_cancel_percent=50)

        body = take_up(token).json()

        assert (body["price"]["amount"], body["end"]) == ("95.00", at("11:00"))
        assert body["policy"]["change_deadline"] == "2026-11-30T10:00:00+01:00"
        assert body["policy"]["late_cancel_percent"] == 0

    def test_outlives_the_notice(self, house, hold, take_up, clock, api, wish):
        """B-10: the notice passes while it is held; to the holder that is nothing, to others it is."""
        clock.move_to(datetime.fromisoformat(at("08:00")))
        token = hold(therapist="anna")["token"]
        clock.shift(timedelta(minutes=5))

        assert is_problem(api.post("appointments/", wish(therapist="ben", client=SAM)), 409, "not-offered")
        assert take_up(token).status_code == 201

    def test_holds_for_what_is_no_longer_sold(self, house, hold, take_up):
        token = hold()["token"]
        Variation.objects.update(is_active=False)

        assert take_up(token).json()["variation"] == "swedish-60"


class TestATokenThatOpensNothing:
    def test_books_nothing(self, hold, take_up, clock):
        """S34: unknown, given back, used and expired are the same."""
        used = hold(start=at("12:00"))["token"]
        assert take_up(used).status_code == 201
        late = hold(start=at("14:00"))["token"]
        clock.shift(TEN_MINUTES)
        before = row_counts()

        answers = [take_up(token, client=SAM) for token in ("no-such-hold", used, late)]

        assert all(is_problem(answer, 410, "hold-expired") for answer in answers)
        assert len({answer.json()["detail"] for answer in answers}) == 1
        assert row_counts() == before

    def test_is_read_strictly(self, take_up, house):
        for token in (None, "", 7, "x" * 65, ["a"]):
            assert is_problem(take_up(token), 400, "invalid")

    def test_of_a_link_opens_no_hold(self, booked, take_up):
        assert is_problem(take_up(booked["token"], client=SAM), 410, "hold-expired")


class TestTheSameKey:
    def test_with_a_hold_answers_again(self, hold, take_up):
        """B-06: though the hold is used by then."""
        token = hold()["token"]

        answers = [take_up(token, headers={"Idempotency_Key": "once"}) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        assert Appointment.objects.count() == 1


class TestARequestFromAHold:
    @pytest.mark.parametrize("blocks", [True, False])
    def test_waits_for_the_desk(self, house, hold, take_up, desk, slots, blocks):
        """B-04, B-05."""
        Service.objects.update(needs_confirmation=True)
        Studio.objects.update(requests_block=blocks)

        body = take_up(hold(therapist="anna")["token"]).json()

        assert body["status"] == "pending"
        assert datetime.fromisoformat(body["expires_at"]) == NOW + timedelta(days=1)
        assert (at("10:00") in starts_of(slots(therapist="anna"))) is not blocks
        assert set(Assignment.objects.values_list("blocks", flat=True)) == {blocks}
        assert HistoryEntry.objects.get().action == "requested"
        assert desk.post(f"appointments/{body['reference']}/confirm/").json()["status"] == "booked"

    def test_is_a_request_by_who_may_only_read_too(self, house, hold, take_up):
        Service.objects.update(needs_confirmation=True)
        reader = Caller(Authorization=f"Bearer {api_key('read')}")

        assert take_up(hold()["token"], caller=reader).json()["status"] == "pending"

    def test_of_the_desk_is_booked(self, house, hold, take_up, desk):
        Service.objects.update(needs_confirmation=True)

        body = take_up(hold()["token"], caller=desk, client=None, source="walk-in").json()

        assert (body["status"], body["client"], body["source"]) == ("booked", None, "walk-in")


class TestAGuestWhoIsRefused:
    def test_because_they_are_blocked_sees_a_time_that_is_taken(self, house, hold, take_up):
        """S38: nothing tells them, and the hold stands for somebody else."""
        BlockedContact.objects.create(kind="address", value="kim@example.com", created_at=NOW)
        token = hold()["token"]

        refused = take_up(token)

        assert is_problem(refused, 409, "slot-taken")
        assert refused.json()["detail"] == "This time has just been taken."
        assert Appointment.objects.get().status == "held"
        assert take_up(token, client=SAM).status_code == 201

    def test_because_they_have_enough_keeps_the_hold(self, house, hold, take_up):
        """S37."""
        Studio.objects.update(open_appointments_per_client=1)
        assert take_up(hold()["token"]).status_code == 201
        token = hold(start=at("14:00"))["token"]

        assert is_problem(take_up(token), 429, "too-many-requests")
        assert Appointment.objects.filter(status="held").count() == 1

    def test_because_they_are_elsewhere_then_keeps_the_hold(self, hold, take_up, desk):
        """B-12: one person at one time, unless the desk knows better."""
        assert take_up(hold(therapist="anna")["token"]).status_code == 201
        token = hold(therapist="ben", start=at("10:30"))["token"]

        assert is_problem(take_up(token), 409, "slot-taken")
        assert take_up(token, caller=desk, alongside=True).json()["alongside"] is True


class TestTimeThatAHoldFrees:
    @pytest.mark.parametrize("how", ["given back", "replaced"])
    def test_goes_to_who_waits_for_it(self, house, hold, api, committed, how):
        opens(house, ("10:00", "11:00"), ("14:00", "15:00"))
        opens(house, who="ben")
        token = hold()["token"]
        waiting = join(windows=[window(closes="12:00")])
        assert waiting.state == "waiting"

        if how == "replaced":
            committed(lambda: hold(start=at("14:00"), replaces=token))
        else:
            committed(lambda: api.send("DELETE", f"holds/{token}/"))

        assert waiting.offered == at("10:00")
