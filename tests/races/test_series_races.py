"""Visits that come again, at once: several days are locked in one order, so nobody waits in a circle."""

from collections import Counter
from datetime import timedelta

import pytest

from booking.models import Appointment, Assignment, Series
from notifications.models import Message
from tests.booking.caller import Caller
from tests.factories import TUESDAY, at, guest
from tests.races.overlaps import overlapping_pairs
from tests.races.test_booking_races import booking

WEEK = timedelta(weeks=1)
TIMES = 6


def series(number, *, first_week=0, **changes):
    """Return a call that books six Tuesdays at ten with anna, as client `number`."""
    body = {
        "location": "harbour",
        "variation": "swedish-60",
        "start": at("10:00", on=TUESDAY + first_week * WEEK),
        "therapist": "anna",
        "repeat": {"every_weeks": 1, "times": TIMES},
        "client": guest(f"Kim {chr(65 + number)}", f"kim{number}@example.com"),
    }
    body = {key: value for key, value in (body | changes).items() if value is not ...}
    headers = body.pop("headers", {})
    return lambda: Caller().post("series/", body, **headers)


class TestTwelveSeriesOverOneHour:
    def test_are_one_winner_and_eleven_who_were_slower(self, house, at_once):
        answers = at_once([series(number) for number in range(12)])

        statuses = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
        assert statuses == {(201, None): 1, (409, "slot-taken"): 11}
        assert (Series.objects.count(), Appointment.objects.count(), Message.objects.count()) == (1, TIMES, 1)

    def test_that_begin_in_different_weeks_never_overlap_and_never_wait_in_a_circle(self, house, at_once):
        """Each needs days of the others'; the keys are taken ascending, whatever the first day."""
        calls = [series(n, first_week=5 - n, skip_conflicts=True, therapist=...) for n in range(6)]

        answers = at_once(calls)

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert overlapping_pairs() == (0, 0)
        booked = sum("reference" in one for answer in answers for one in answer.json()["occurrences"])
        # Two therapists and two rooms for an hour on eleven Tuesdays: none of these places is left free.
        places = Counter(min(5 - n + week, 10) for n in range(6) for week in range(TIMES))
        assert booked == Appointment.objects.count() == sum(min(2, wanted) for wanted in places.values())

    def test_and_single_visits_never_overlap(self, house, at_once):
        singles = [booking(20 + week, start=at("10:30", on=TUESDAY + week * WEEK)) for week in range(TIMES)]

        answers = at_once([series(0), *singles, series(1, skip_conflicts=True)])

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert overlapping_pairs() == (0, 0)


class TestTheSameKey:
    def test_ten_times_at_once_is_one_series_and_one_answer(self, house, at_once):
        answers = at_once([series(0, headers={"Idempotency_Key": "once"})] * 10)

        assert Counter(answer.status_code for answer in answers) == {201: 10}
        assert len({answer.content for answer in answers}) == 1
        assert (Series.objects.count(), Appointment.objects.count(), Message.objects.count()) == (1, TIMES, 1)


@pytest.fixture
def visits(house):
    return series(0)().json()["occurrences"]


def changing(visit, how, body):
    headers = {"Authorization": f"Link {visit['token']}"}
    path = f"appointments/{visit['reference']}/{how}/"
    return lambda: Caller(**headers).post(path, body | {"scope": "this-and-later"})


class TestMovingASeries:
    def test_against_cancelling_it_ends_in_one_of_two_stories(self, visits, at_once):
        moved, cancelled = at_once(
            [
                changing(visits[1], "reschedule", {"start": at("14:00", on=TUESDAY + WEEK)}),
                changing(visits[1], "cancel", {}),
            ]
        )

        codes = {moved.status_code, cancelled.status_code}
        assert codes in ({200}, {200, 409}, {200, 412}), (moved.content, cancelled.content)
        live = Appointment.objects.filter(blocks=True).count()
        assert live == (1 if cancelled.status_code == 200 else TIMES)
        assert Assignment.objects.filter(blocks=True).count() == live

    def test_from_two_of_its_visits_at_once_is_both_or_one(self, visits, at_once):
        answers = at_once(
            [
                changing(visits[1], "reschedule", {"start": at("11:00", on=TUESDAY + WEEK)}),
                changing(visits[3], "reschedule", {"start": at("12:00", on=TUESDAY + 3 * WEEK)}),
            ]
        )

        assert {answer.status_code for answer in answers} <= {200, 412}
        assert Appointment.objects.filter(blocks=True).count() == TIMES
        assert overlapping_pairs() == (0, 0)

    def test_against_those_who_want_its_new_times_leaves_nobody_in_two_places(self, visits, at_once):
        rivals = [booking(20 + week, start=at("14:00", on=TUESDAY + week * WEEK)) for week in range(1, TIMES)]

        moved, *booked = at_once(
            [changing(visits[1], "reschedule", {"start": at("14:00", on=TUESDAY + WEEK)}), *rivals]
        )

        assert moved.status_code in {200, 409}
        assert {answer.status_code for answer in booked} <= {201, 409}
        assert overlapping_pairs() == (0, 0)
        if moved.status_code == 409:
            assert Appointment.objects.exclude(series=None).filter(version=1, blocks=True).count() == TIMES
