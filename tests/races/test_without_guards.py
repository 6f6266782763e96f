"""The races are real: without one guard the next one holds, without all of them everybody gets the same hour.

pretix keeps a test of its own race with locking switched off, so that the set-up is known to make sense; so do we.
"""

import threading
from collections import Counter
from contextlib import suppress

import pytest
from django.db import connection

from booking.actions import book, locks
from booking.models import Appointment, Service
from tests.races.overlaps import overlapping_pairs
from tests.races.test_booking_races import booking

CALLERS = 6
NO_THERAPIST_RULE = "ALTER TABLE booking_assignment DROP CONSTRAINT a_therapist_sees_one_client_at_a_time"
THERAPIST_RULE = """
ALTER TABLE booking_assignment ADD CONSTRAINT a_therapist_sees_one_client_at_a_time
EXCLUDE USING gist (therapist_id WITH =, occupied WITH &&) WHERE (blocks)
"""


@pytest.fixture
def everybody_looks_first(monkeypatch):
    """No lock, and nobody writes before all have seen the hour free: the worst timing, every time."""
    all_have_looked = threading.Barrier(CALLERS)
    place_at = book.place_at

    def look(*asked, **more):
        place = place_at(*asked, **more)
        if not all_have_looked.broken:
            all_have_looked.wait(timeout=20)
        return place

    monkeypatch.setattr(book, "lock_days", lambda *asked, **more: None)
    monkeypatch.setattr(book, "place_at", look)
    # One try each: a second one would wait for others who are long done.
    monkeypatch.setattr(locks, "RETRY_AFTER_MS", ())


@pytest.fixture
def time_to_look(monkeypatch):
    """Who has seen the hour free waits a moment for others to see it too; the lock must keep them from it."""
    others = threading.Barrier(2)
    place_at = book.place_at

    def look(*asked, **more):
        place = place_at(*asked, **more)
        with suppress(threading.BrokenBarrierError):
            others.wait(timeout=0.4)
        return place

    monkeypatch.setattr(book, "place_at", look)


@pytest.fixture
def no_constraint(house):
    """The last word is taken away, and given back. Without a room, whose rule would stop them too."""
    Service.objects.update(needs_room=False)
    with connection.cursor() as cursor:
        cursor.execute(NO_THERAPIST_RULE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM booking_assignment")
        cursor.execute(THERAPIST_RULE)


class TestWithoutTheLock:
    def test_the_constraint_alone_lets_one_win(self, house, everybody_looks_first, at_once):
        """Promise 1: PostgreSQL refuses it, whatever the code does; nobody sees a 500."""
        answers = at_once([booking(number) for number in range(CALLERS)])

        statuses = Counter(answer.status_code for answer in answers)
        assert statuses[201] == 1
        assert set(statuses) <= {201, 409, 503}  # a deadlock among the losers is told as "please try again"
        assert Appointment.objects.count() == 1
        assert overlapping_pairs() == (0, 0)


class TestWithoutLockAndConstraint:
    def test_everybody_gets_the_same_hour(self, house, no_constraint, everybody_looks_first, at_once):
        """The control: this is what the guards are for."""
        answers = at_once([booking(number) for number in range(CALLERS)])

        assert Counter(answer.status_code for answer in answers) == {201: CALLERS}
        assert overlapping_pairs()[0] == CALLERS * (CALLERS - 1) // 2


class TestWithTheLock:
    def test_the_check_alone_lets_one_win(self, house, no_constraint, time_to_look, at_once):
        """The lock and the check are enough by themselves; the constraint is for the day they are not."""
        answers = at_once([booking(number) for number in range(CALLERS)])

        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CALLERS - 1}
        assert overlapping_pairs() == (0, 0)
