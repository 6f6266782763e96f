from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking import errors
from booking.access import LINK_LIVES_AFTER_THE_VISIT, Caller
from booking.actions.change import locked
from booking.actions.expire import release_expired
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.record import agree_on, history_of, tell
from booking.events import AppointmentRescheduled
from booking.models import Appointment
from booking.queries import utc_days
from booking.queries.wall_time import LIVE, Drift, drift_of


def repair_wall_time(drift: Drift, *, by: Caller, now: datetime) -> Appointment:
    """Move the appointment to the instant at which the clocks will show what was agreed, and tell the client.

    Therapists and room stay: by the wall nothing has moved. One that has been moved or has ended in the meantime
    stays as it is. Raises errors.SlotTaken when somebody else has the instant, errors.TooLate when it is already
    past, errors.StudioBusy; then nothing is written.
    """

    def run() -> Appointment:
        found = drift.appointment
        shift = drift.meant_at - found.start_at
        occupied = DateTimeTZRange(found.occupied.lower + shift, found.occupied.upper + shift)
        lock_days(found.location_id, utc_days(occupied.lower, occupied.upper))
        present = locked(found)
        if present.version != found.version or present.status not in LIVE or drift_of(present) is None:
            return present
        if drift.meant_at <= now:
            raise errors.TooLate("By the new clocks it should have begun already. Please call the client.")
        release_expired(occupied, now=now)
        return _move(present, shift, occupied, by=by, now=now)

    return in_one_transaction(run)


def _move(
    present: Appointment, shift: timedelta, occupied: DateTimeTZRange, *, by: Caller, now: datetime
) -> Appointment:
    """Save it; a foreign key carries the occupied range to the assignments, and the constraints have the last word."""
    before = _standing(present)
    present.start_at += shift
    present.end_at += shift
    present.occupied = occupied
    present.version += 1
    present.sequence += 1
    agree_on(present, zone=present.time_zone, now=now)
    present.save()
    present.links.update(expires_at=present.end_at + LINK_LIVES_AFTER_THE_VISIT)
    history_of(present, "rescheduled", by=by, now=now, before=before, after=_standing(present)).save(force_insert=True)
    tell(AppointmentRescheduled, present, by=by, now=now)
    return present


def _standing(one: Appointment) -> dict[str, str]:
    return {"start": one.start_at.isoformat(), "end": one.end_at.isoformat(), "wall_start": one.wall_start}
