from datetime import datetime

from booking.actions.freed import time_came_free
from booking.actions.locks import in_one_transaction, lock_days, set_limits
from booking.models import Assignment, Closure, DateOverride, TimeOff, WeeklyHours
from booking.queries import utc_days

# More would be more locks at once than PostgreSQL keeps room for on a small server. See docs/locking.md.
MOST_DAYS = 366


def put_down(absence: TimeOff | Closure, *, now: datetime) -> None:
    """Save the new or changed absence, so that no booking can slip past it.

    Whoever gives away time at a place holds the lock of its days from before they look until they commit. We hold
    the same locks while we write: a booking that did not see the absence has been committed before, and stands
    among those affected; one that comes later sees it and is refused. Raises errors.StudioBusy.
    """

    def run() -> None:
        days = utc_days(max(absence.start_at, now), max(absence.end_at, now))
        for location_id in sorted(_places(absence)):
            lock_days(location_id, days)
        before = type(absence).objects.filter(pk=absence.pk).first()
        absence.save()
        if before is not None:
            _may_be_had_again(before, now=now)

    in_one_transaction(run)


def lift(absence: TimeOff | Closure, *, now: datetime) -> None:
    """Take the absence away. Its time comes free in the same commit; that needs no lock on the diary."""

    def run() -> None:
        set_limits()
        _may_be_had_again(absence, now=now)
        absence.delete()

    in_one_transaction(run)


def _may_be_had_again(absence: TimeOff | Closure, *, now: datetime) -> None:
    for location_id in sorted(_places(absence)):
        time_came_free(location_id, now=now, near=(absence.start_at, absence.end_at))


def _places(absence: TimeOff | Closure) -> set[int]:
    """Return where it could be met: a therapist is away from every location they work at or are booked at."""
    if isinstance(absence, Closure):
        return {absence.location_id}
    who = absence.therapist_id
    return {
        *WeeklyHours.objects.filter(therapist=who).values_list("location_id", flat=True),
        *DateOverride.objects.filter(therapist=who).values_list("location_id", flat=True),
        *Assignment.objects.filter(therapist=who, occupied__endswith__gt=absence.start_at).values_list(
            "appointment__location_id", flat=True
        ),
    }
