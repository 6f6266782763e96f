"""A location's new address reaches everybody who is to come. Check 10: the SEQUENCE of their invites rises by one."""

from datetime import timedelta

from booking import access
from booking.actions.cancel import cancel_appointment
from booking.actions.relocate import change_address
from booking.actions.reschedule import reschedule_appointment
from booking.models import Appointment, Location
from notifications.models import Message
from tests.notifications.stage import NOW, Stillwater

DESK = access.staff("Mara", channel="admin")


def relocate(address: str = "Quay 7\n10178 Berlin", now=NOW) -> int:
    return change_address(Location.objects.get(), address=address, by=DESK, now=now)


class TestANewAddress:
    def test_is_told_to_everybody_who_is_to_come(self, db):
        visit = Stillwater().book()

        assert relocate() == 1
        moved = Appointment.objects.get(pk=visit.pk)
        assert (moved.sequence, moved.version) == (visit.sequence + 1, visit.version + 1)
        assert Message.objects.filter(kind="relocated", sequence=moved.sequence, state="pending").count() == 1
        assert moved.history.last().after == {"address": "Quay 7\n10178 Berlin"}

    def test_is_not_told_when_it_is_the_same(self, db):
        Stillwater().book()

        assert relocate(Location.objects.get().address) == 0
        assert not Message.objects.filter(kind="relocated").exists()

    def test_is_not_told_to_those_who_have_cancelled(self, db):
        visit = Stillwater().book()
        cancel_appointment(visit, by=DESK, now=NOW)

        assert relocate() == 0

    def test_is_not_told_to_those_who_have_been(self, db):
        visit = Stillwater().book()

        assert relocate(now=visit.end_at + timedelta(minutes=1)) == 0


class TestAnotherTherapistAtTheSameTime:
    def test_raises_the_sequence_like_every_change_that_is_told(self, db):
        """Check 10, first half: the policy in docs/messages.md."""
        visit = Stillwater().book()

        moved = reschedule_appointment(visit, start_at=visit.start_at, therapist="mara", by=DESK, now=NOW)

        assert moved.sequence == visit.sequence + 1
        assert Message.objects.filter(kind="rescheduled", sequence=moved.sequence).count() == 1
