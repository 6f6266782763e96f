from datetime import datetime

from booking.access import Caller
from booking.actions.change import check_may_change, check_version, locked
from booking.actions.freed import time_came_free
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.record import history_of, tell
from booking.domain import policy, status
from booking.events import AppointmentCancelled
from booking.models import Appointment
from booking.queries import change_until


def cancel_appointment(
    appointment: Appointment, *, by: Caller, now: datetime, reason: str = "", version: int | None = None
) -> Appointment:
    """Cancel the appointment, which frees its time in the same commit. Cancelling twice does it once.

    After the deadline only the desk may, and it counts as late. Freeing time needs no lock on the diary.
    Raises errors.WrongState, errors.TooLate, errors.Stale.
    """

    def run() -> Appointment:
        set_limits()
        present = locked(appointment)
        if present.status == status.CANCELLED:
            return present
        check_version(present, version)
        check_may_change(present, by=by, now=now)
        return take_back(present, reason=reason, by=by, now=now)

    return in_one_transaction(run)


def take_back(present: Appointment, *, reason: str, by: Caller, now: datetime, told: bool = True) -> Appointment:
    """Write it down as cancelled; the caller has locked the row and found that it may be."""
    before = {"status": present.status}
    present.status, present.blocks, present.expires_at = status.CANCELLED, False, None
    present.cancelled_at = present.changed_at = now
    present.cancel_reason = reason
    present.late = not policy.may_change(now, until=change_until(present))
    present.version += 1
    present.sequence += 1
    present.save()
    after = {"status": present.status, "reason": reason, "late": present.late}
    history_of(present, "cancelled", by=by, now=now, before=before, after=after).save(force_insert=True)
    tell(AppointmentCancelled, present, by=by, now=now, told=told)
    time_came_free(present.location_id, now=now, near=(present.occupied.lower, present.occupied.upper))
    return present
