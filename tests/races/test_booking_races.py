"""Many callers, one diary: exactly one of them wins, and the others are told so."""

import itertools
import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from booking.models import Appointment, Assignment, HistoryEntry, IdempotencyKey, LinkToken
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller
from tests.factories import TUESDAY, at, guest
from tests.races.overlaps import overlapping_pairs


def booking(number: int, **changes):
    """Return a call that books Tuesday at ten with anna, as client `number`."""
    body = {"location": "harbour", "variation": "swedish-60", "start": at("10:00"), "therapist": "anna"} | changes
    body["client"] = guest(f"Kim {chr(65 + number % 26)}{chr(65 + number // 26)}", f"kim{number}@example.com")
    headers = body.pop("headers", {})
    body = {key: value for key, value in body.items() if value is not ...}
    return lambda: Caller().post("appointments/", body, **headers)


class TestFiftyCallersOfOneSlot:
    def test_are_one_winner_and_49_who_were_slower(self, house, at_once):
        """B-01, B-02, S32: one 201, the rest slot-taken, one confirmation, no 5xx, nobody is left waiting."""

        def timed(call):
            def run():
                begun = time.perf_counter()
                return call(), time.perf_counter() - begun

            return run

        found = at_once([timed(booking(number)) for number in range(50)])

        statuses = Counter((answer.status_code, answer.json().get("code")) for answer, _ in found)
        assert statuses == {(201, None): 1, (409, "slot-taken"): 49}
        written = (Appointment, Assignment, Message, LinkToken, HistoryEntry)
        assert [model.objects.count() for model in written] == [1] * 5
        # One process and two cores for fifty threads: the figure of a real server is measured by the bench.
        assert max(seconds for _, seconds in found) < 10

    def test_of_different_lengths_and_starts_never_overlap(self, house, at_once):
        """B-02: a unique start would miss 10:00-11:00 against 10:30-11:30."""
        wishes = list(itertools.product(("09:30", "10:00", "10:30", "11:00"), ("swedish-60", "swedish-90"))) * 2

        answers = at_once([booking(n, start=at(start), variation=length) for n, (start, length) in enumerate(wishes)])

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert overlapping_pairs() == (0, 0)
        assert 1 <= Appointment.objects.count() <= 2


class TestFiveHundredBookings:
    def test_of_overlapping_lengths_leave_no_overlapping_pair(self, house, at_once):
        """16 threads, 5 therapists, 3 rooms, 2 days: no overlap, and no deadlock reaches a client."""
        for slug in ("carl", "dora", "eve"):
            factories.works(factories.therapist(slug, house.swedish, house.couples.service), house.harbour)
        factories.room("green", house.harbour)
        dice = random.Random(7)
        lengths = ("swedish-60", "swedish-60", "swedish-90", "couples-60")

        def any_booking(number):
            on, clock_time = (
                TUESDAY + timedelta(dice.randrange(2)),
                f"{dice.randrange(9, 17):02}:{dice.choice(('00', '30'))}",
            )
            return booking(number, start=at(clock_time, on=on), variation=dice.choice(lengths), therapist=...)

        calls = [any_booking(number) for number in range(500)]

        def worker(mine):
            return lambda: [call() for call in mine]

        answers = [answer for found in at_once([worker(calls[n::16]) for n in range(16)]) for answer in found]

        assert Counter(answer.status_code for answer in answers if answer.status_code not in {201, 409}) == {}
        assert overlapping_pairs() == (0, 0)
        taken = Appointment.objects.count()
        assert taken == sum(answer.status_code == 201 for answer in answers) == Message.objects.count()
        assert taken > 20


class TestOneTherapistInTwoHouses:
    def test_is_not_booked_in_both(self, house, at_once):
        """The two locations have a lock each, so the constraint has the last word; a deadlock is tried again."""
        uptown = factories.location("uptown")
        factories.works(house.anna, uptown)
        factories.room("red", uptown)

        for hour in ("09:00", "10:30", "12:00", "13:30"):
            places = enumerate(["harbour", "uptown"] * 4)
            calls = [booking(number, location=place, start=at(hour)) for number, place in places]
            statuses = Counter(answer.status_code for answer in at_once(calls))
            assert statuses == {201: 1, 409: 7}

        assert overlapping_pairs() == (0, 0)


class TestTheSameKey:
    def test_twenty_times_at_once_is_one_appointment_and_one_answer(self, house, at_once):
        """B-06, S43: whoever was slower gets the first one's answer, not a refusal."""
        call = booking(0, headers={"Idempotency_Key": "once"}, therapist=...)

        answers = at_once([call] * 20)

        assert Counter(answer.status_code for answer in answers) == {201: 20}
        assert len({answer.content for answer in answers}) == 1
        assert sum("Idempotency-Replayed" in answer for answer in answers) == 19
        assert [model.objects.count() for model in (Appointment, Message, IdempotencyKey)] == [1, 1, 1]

    def test_with_two_requests_is_one_appointment_and_a_conflict(self, house, at_once):
        calls = [booking(0, headers={"Idempotency_Key": "once"}, start=at(hour)) for hour in ("10:00", "14:00")]

        answers = at_once(calls)

        assert sorted(answer.status_code for answer in answers) == [201, 422]
        assert Appointment.objects.count() == 1


@pytest.fixture
def appointment(house):
    return booking(0)().json()


class TestAMoveAgainstACancel:
    def test_ends_in_one_of_two_stories(self, house, appointment, at_once):
        """Either moved and then cancelled, or cancelled and the move refused; never a moved, cancelled diary entry."""
        path = f"appointments/{appointment['reference']}/"
        kim = {"Authorization": f"Link {appointment['token']}"}

        moved, cancelled = at_once(
            [
                lambda: Caller(**kim).post(path + "reschedule/", {"start": at("14:00")}),
                lambda: Caller(**kim).post(path + "cancel/"),
            ]
        )

        assert cancelled.status_code == 200
        assert moved.status_code == 200 or moved.json()["code"] == "wrong-state"
        present = Appointment.objects.get()
        assert (present.status, present.blocks) == ("cancelled", False)
        assert not Assignment.objects.filter(blocks=True).exists()
        assert present.version == (3 if moved.status_code == 200 else 2)


class TestTwoMoves:
    def test_of_one_version_are_one_move(self, house, appointment, at_once):
        """The second finds the version gone that it named in If-Match."""
        path, kim = f"appointments/{appointment['reference']}/reschedule/", f"Link {appointment['token']}"

        answers = at_once(
            [
                lambda hour=hour: Caller(Authorization=kim).post(path, {"start": at(hour)}, If_Match='"1"')
                for hour in ("12:00", "13:00", "14:00", "15:00")
            ]
        )

        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        assert Appointment.objects.get().version == 2
        assert Assignment.objects.count() == 1

    def test_to_one_slot_are_one_move_and_one_that_stays(self, house, at_once):
        """S19: two links confirmed for one slot; the slower keeps the old time."""
        done = [booking(number, start=at(hour))().json() for number, hour in enumerate(("09:00", "10:30", "12:00"))]

        answers = at_once(
            [
                lambda one=one: Caller(Authorization=f"Link {one['token']}").post(
                    f"appointments/{one['reference']}/reschedule/", {"start": at("15:00")}
                )
                for one in done
            ]
        )

        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        assert overlapping_pairs() == (0, 0)
        assert Appointment.objects.filter(version=1).count() == 2
