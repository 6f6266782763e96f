"""A request that is moved before the desk has answered: when it ends. Found by tests/booking/test_state_machine.py."""

from datetime import UTC, datetime, timedelta

import pytest

from booking import errors
from booking.actions.reschedule import reschedule_appointment
from booking.models import Appointment
from tests import factories
from tests.booking.machine_probes import DESK
from tests.factories import NOW, TUESDAY, at

TODAY, HOUR = NOW.date(), timedelta(hours=1)


@pytest.fixture
def request_of(house, book):
    """Kim asks for a time; the desk has a day to answer."""

    def request_of(clock, on=TUESDAY):
        house.swedish.needs_confirmation = True
        house.swedish.save()
        return Appointment.objects.get(reference=book(start=at(clock, on))["reference"])

    return request_of


def move(request, clock, on, now=NOW):
    start_at = datetime.fromisoformat(at(clock, on)).astimezone(UTC)
    return reschedule_appointment(request, start_at=start_at, by=DESK, now=now)


class TestARequestThatIsMoved:
    def test_ends_when_its_visit_would_begin(self, request_of):
        moved = move(request_of("10:00"), "14:00", TODAY)

        assert moved.expires_at == moved.start_at == datetime(2026, 11, 23, 13, tzinfo=UTC)

    def test_to_a_later_day_leaves_the_desk_its_time_to_answer(self, request_of):
        asked = request_of("14:00", TODAY)
        assert asked.expires_at == asked.start_at

        moved = move(asked, "10:00", TUESDAY)

        assert moved.expires_at == NOW + 24 * HOUR

    def test_is_refused_once_nobody_has_answered_in_time(self, request_of):
        with pytest.raises(errors.WrongState, match="has ended"):
            move(request_of("10:00"), "14:00", TUESDAY, now=NOW + 25 * HOUR)

    def test_keeps_no_end_when_it_is_booked(self, house, book):
        factories.studio(request_hours=1)
        booked = Appointment.objects.get(reference=book()["reference"])

        assert move(booked, "14:00", TUESDAY).expires_at is None
