"""Somebody books while the desk enters an absence: refused with the reason, or among those affected; never between."""

from datetime import date, timedelta

import pytest

from booking.models import Appointment, Closure, TimeOff
from tests import factories
from tests.booking.caller import Caller
from tests.factories import TUESDAY, at, guest
from tests.races.overlaps import overlapping_pairs

HOURS = [f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 30)]
ROUNDS = 5


@pytest.fixture
def desk(house):
    """Says who the desk is; each call makes its own caller, because threads share none."""
    key = factories.api_key("desk")
    return lambda: Caller(Authorization=f"Bearer {key}")


@pytest.fixture
def place(house):
    """A room for every hour, so that only anna's diary and the absence decide."""
    for number in range(6):
        factories.room(f"room-{number}", house.harbour)


def booking(number: int, on: date, clock_time: str):
    body = {
        "location": "harbour",
        "variation": "swedish-60",
        "start": at(clock_time, on=on),
        "therapist": "anna",
        "client": guest(f"Kim {chr(65 + number)}", f"kim{number}@example.com"),
    }
    return lambda: Caller().post("appointments/", body)


def a_day_off(desk, door: str, on: date):
    what = {"therapist": "anna"} if door == "time-off/" else {"location": "harbour"}
    body = what | {"from": at("00:00", on=on), "until": at("00:00", on=on + timedelta(days=1))}
    return lambda: desk().post(door, body)


@pytest.mark.parametrize(("door", "reason"), [("time-off/", "time-off"), ("closures/", "closure")])
@pytest.mark.usefixtures("place")
class TestAnAbsenceAgainstBookings:
    def test_leaves_nobody_between(self, house, desk, at_once, door, reason):
        """Issue 3: time off against book. One winner, a named refusal for the other, no 5xx."""
        for number in range(ROUNDS):
            on = TUESDAY + timedelta(days=number)
            calls = [booking(n, on, clock_time) for n, clock_time in enumerate(HOURS[number::3])]
            *answers, absent = at_once([*calls, a_day_off(desk, door, on)])

            assert absent.status_code == 201, absent.content
            affected = {one["appointment"] for one in absent.json()["affected"]}
            booked = {answer.json()["reference"] for answer in answers if answer.status_code == 201}
            assert affected == booked
            refused = [answer.json() for answer in answers if answer.status_code != 201]
            assert {answer["code"] for answer in refused} <= {"not-offered", "slot-taken"}
            assert all(reason in answer["reasons"] for answer in refused if answer["code"] == "not-offered")
        assert overlapping_pairs() == (0, 0)


@pytest.mark.usefixtures("place")
class TestTwoDesks:
    def test_that_move_the_same_visits_move_each_once(self, house, desk, at_once):
        for number, clock_time in enumerate(("09:00", "10:30", "12:00")):
            assert booking(number, TUESDAY, clock_time)().status_code == 201
        Appointment.objects.update(requested_therapist=False)
        away = a_day_off(desk, "time-off/", TUESDAY)().json()
        path = f"time-off/{away['reference']}/move/"

        answers = at_once([lambda: desk().post(path, {"automatic": True})] * 4)

        assert {answer.status_code for answer in answers} == {200}
        moved = [one["appointment"] for answer in answers for one in answer.json()["moved"]]
        assert sorted(moved) == sorted(Appointment.objects.values_list("reference", flat=True))
        assert set(Appointment.objects.values_list("version", flat=True)) == {2}
        assert overlapping_pairs() == (0, 0)


@pytest.mark.usefixtures("place")
class TestAMoveAgainstABooking:
    def test_of_the_place_it_wanted_ends_with_both_somewhere(self, house, desk, at_once):
        """Ben is free at ten: the visit that is moved and a new client both want him."""
        assert booking(0, TUESDAY, "10:00")().status_code == 201
        Appointment.objects.update(requested_therapist=False)
        away = a_day_off(desk, "time-off/", TUESDAY)().json()
        wish = {
            "location": "harbour",
            "variation": "swedish-60",
            "start": at("10:00"),
            "therapist": "ben",
            "client": guest("Sam Okoro", "sam@example.com"),
        }

        moved, booked = at_once(
            [
                lambda: desk().post(f"time-off/{away['reference']}/move/", {"automatic": True}),
                lambda: Caller().post("appointments/", wish),
            ]
        )

        assert moved.status_code == 200
        assert len(moved.json()["moved"]) == 1
        assert booked.status_code == 201 or booked.json()["code"] == "slot-taken"
        assert overlapping_pairs() == (0, 0)
        assert (TimeOff.objects.count(), Closure.objects.count()) == (1, 0)
