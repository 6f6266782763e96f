"""Holds under real threads: one time has one holder, one hold one booking, one caller few holds."""

import itertools
import time
from collections import Counter
from datetime import timedelta

import pytest

from booking.models import Appointment, Assignment, HistoryEntry, Studio
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller
from tests.factories import TUESDAY, at, guest
from tests.races.overlaps import overlapping_pairs
from tests.races.test_booking_races import booking

TEN_MINUTES = timedelta(minutes=10)
TAKEN = (409, "slot-taken")


def holding(number: int, **changes):
    """Return a call that holds Tuesday at ten with anna, as somebody at address `number`."""
    caller = Caller()
    caller.browser.defaults["REMOTE_ADDR"] = f"198.51.{number // 250}.{number % 250 + 1}"
    body = {"location": "harbour", "variation": "swedish-60", "start": at("10:00"), "therapist": "anna"} | changes
    return lambda: caller.post("holds/", body)


def taking_up(token: str, number: int):
    body = {"hold": token, "client": guest(f"Kim {chr(65 + number)}", f"kim{number}@example.com")}
    return lambda: Caller().post("appointments/", body)


def outcomes(answers):
    return Counter((answer.status_code, answer.json().get("code")) for answer in answers)


@pytest.fixture
def token(house):
    return holding(0)().json()["token"]


class TestManyHoldsOfOneTime:
    def test_are_one_hold_and_named_refusals(self, house, at_once):
        """S34, B-19: a hundred callers at a server of sixteen workers: one winner, and nobody waits long."""
        calls = [holding(number) for number in range(100)]

        def timed(call):
            begun = time.perf_counter()
            return call(), time.perf_counter() - begun

        def worker(mine):
            return lambda: [timed(call) for call in mine]

        found = [one for answers in at_once([worker(calls[n::16]) for n in range(16)]) for one in answers]

        assert outcomes(answer for answer, _ in found) == {(201, None): 1, TAKEN: 99}
        assert (Appointment.objects.count(), Assignment.objects.count()) == (1, 1)
        # One process and two cores for sixteen threads: the figure of a real server is measured by the bench.
        assert max(seconds for _, seconds in found) < 10

    def test_of_other_lengths_and_starts_never_overlap(self, house, at_once):
        wishes = [(start, length) for start in ("09:30", "10:00", "10:30") for length in ("swedish-60", "swedish-90")]

        answers = at_once([holding(n, start=at(start), variation=length) for n, (start, length) in enumerate(wishes)])

        assert set(outcomes(answers)) == {(201, None), TAKEN}
        assert overlapping_pairs() == (0, 0)


class TestHoldsAgainstBookings:
    def test_have_one_winner(self, house, at_once):
        """B-17, S34."""
        calls = [holding(n) if n % 2 else booking(n) for n in range(20)]

        answers = at_once(calls)

        assert outcomes(answers) == {(201, None): 1, TAKEN: 19}
        present = Appointment.objects.get()
        assert Message.objects.count() == HistoryEntry.objects.count() == (present.status == "booked")

    def test_of_a_couple_have_one_winner(self, house, at_once):
        """S35: the room for two is one, and so is each therapist."""
        calls = [
            holding(n, variation="couples-60", therapist="ben") if n % 2 else booking(n, start=at("10:30"))
            for n in range(20)
        ]

        answers = at_once(calls)

        assert outcomes(answers) == {(201, None): 1, TAKEN: 19}
        assert overlapping_pairs() == (0, 0)


class TestManyBookingsOfOneHold:
    def test_are_one_appointment(self, token, at_once):
        answers = at_once([taking_up(token, number) for number in range(20)])

        assert outcomes(answers) == {(201, None): 1, (410, "hold-expired"): 19}
        assert Appointment.objects.get().status == "booked"
        assert [model.objects.count() for model in (Assignment, Message, HistoryEntry)] == [1, 1, 1]

    def test_against_its_being_given_back_are_one_story(self, token, at_once):
        booked, given_back = at_once([taking_up(token, 1), lambda: Caller().send("DELETE", f"holds/{token}/")])

        story = booked.status_code, given_back.status_code
        assert story in {(201, 404), (410, 204)}
        assert Appointment.objects.count() == (story == (201, 404))

    def test_against_its_being_replaced_are_one_story(self, token, at_once):
        booked, replaced = at_once([taking_up(token, 1), holding(0, start=at("14:00"), replaces=token)])

        story = booked.status_code, replaced.status_code
        assert story in {(201, 410), (410, 201)}
        assert Appointment.objects.get().status == ("booked" if story == (201, 410) else "held")


class TestOneCaller:
    def test_holds_few_at_once(self, house, at_once):
        """S37: times of other days have other locks, and are counted together all the same."""
        days = [TUESDAY + timedelta(days=n) for n in range(12)]

        answers = at_once([holding(7, start=at("10:00", on=day)) for day in days])

        assert outcomes(answers) == {(201, None): 2, (429, "too-many-requests"): 10}
        assert Appointment.objects.count() == 2

    def test_replaces_one_hold_once(self, house, at_once):
        Studio.objects.update(holds_per_caller=1)
        token = holding(7)().json()["token"]

        starts = [at("14:00", on=TUESDAY + timedelta(days=n)) for n in range(8)]
        answers = at_once([holding(7, start=start, replaces=token) for start in starts])

        assert outcomes(answers) == {(201, None): 1, (410, "hold-expired"): 7}
        assert Appointment.objects.count() == 1


class TestAnExpiredHold:
    """B-05: whoever runs into its row removes it, also when several do at once."""

    def test_makes_way_for_one_of_many(self, token, at_once, clock):
        clock.shift(TEN_MINUTES)

        answers = at_once([holding(n) if n % 2 else booking(n) for n in range(20)])

        assert outcomes(answers) == {(201, None): 1, TAKEN: 19}
        assert Appointment.objects.count() == 1

    def test_makes_way_at_two_locations_for_one(self, house, token, at_once, clock):
        """Each location has its lock, so both may find the row; the constraint has the last word."""
        uptown = factories.location("uptown")
        factories.works(house.anna, uptown)
        factories.room("red", uptown)
        clock.shift(TEN_MINUTES)

        answers = at_once([booking(n, location=place) for n, place in enumerate(["harbour", "uptown"] * 4)])

        assert outcomes(answers) == {(201, None): 1, TAKEN: 7}
        assert Appointment.objects.count() == 1

    def test_that_is_booked_in_its_last_moment_is_one_story(self, token, at_once, clock):
        """A booking that began in time against those who came a moment later."""
        clock.shift(TEN_MINUTES - timedelta(seconds=1))
        late = taking_up(token, 1)

        booked, *others = at_once([late, *(booking(n) for n in range(2, 8))])

        assert booked.status_code == 201
        assert outcomes(others) == {TAKEN: 6}
        assert overlapping_pairs() == (0, 0)


class TestTheDesksScissors:
    def test_never_cut_a_visit(self, house, at_once):
        """Clean-up set aside at both locations at once, where the locks are two and the therapist is one."""
        uptown = factories.location("uptown")
        factories.works(house.anna, uptown)
        factories.room("red", uptown)
        key = {"Authorization": f"Bearer {factories.api_key('desk')}"}
        override = {"rules": ["clean-up"], "reason": "Both at once"}
        places = enumerate(["harbour", "uptown"] * 4)
        calls = [
            booking(n, location=place, start=at(f"10:{n % 3 * 15:02}"), override=override, headers=key)
            for n, place in places
        ]

        answers = at_once(calls)

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert sum(answer.status_code == 201 for answer in answers) == Appointment.objects.count() >= 1
        visits = sorted(Appointment.objects.values_list("start_at", "end_at"))
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(visits))
