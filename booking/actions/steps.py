"""One step in the life of an appointment: what must stand before it, and what it leaves behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking import errors, events
from booking.access import Caller
from booking.actions.change import locked
from booking.actions.freed import time_came_free
from booking.actions.locks import lock_days
from booking.actions.record import history_of, tell
from booking.domain import status
from booking.models import Appointment
from booking.queries import utc_days

# What the desk can do instead, by the status that stands in the way.
STANDS = {
    status.HELD: "This is only a hold.",
    status.PENDING: "This is a request that is not confirmed yet. Confirm or decline it first.",
    status.BOOKED: "The appointment is booked, and the client has not been checked in.",
    status.ARRIVED: "The client is here: the check-in can be undone, or the visit be completed.",
    status.FULFILLED: "The visit is completed.",
    status.CANCELLED: "The appointment is cancelled. Please book a new one.",
    status.NOSHOW: "The appointment is marked as a no-show.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """From status `needs` to status `becomes`. `word` is what the history calls it; `for_calendars` says that
    invites get a new revision."""

    needs: str
    becomes: str
    word: str
    event: type[events.AppointmentEvent] | None
    for_calendars: bool = False


CONFIRMED = Step(*status.UNDONE["confirm"], "confirmed", events.AppointmentConfirmed, for_calendars=True)
DECLINED = Step(*status.UNDONE["decline"], "declined", events.AppointmentDeclined, for_calendars=True)
CHECKED_IN = Step(*status.UNDONE["check-in"], "checked-in", events.AppointmentAttended)
COMPLETED = Step(*status.UNDONE["complete"], "completed", None)
NO_SHOW = Step(*status.UNDONE["no-show"], "no-show", events.AppointmentNoShow)


def locked_with_its_days(appointment: Appointment) -> Appointment:
    """Return the row as it is now, locked after the diary of its days: for steps that may take time.

    The order is that of every booking, days before rows, so there is no circle. Raises errors.Stale when
    the appointment was moved to other days since it was read.
    """
    days = _days(appointment)
    lock_days(appointment.location_id, days)
    present = locked(appointment)
    if _days(present) != days:
        raise errors.Stale("The appointment has just been moved. Read it again.")
    return present


def _days(appointment: Appointment) -> list[int]:
    return utc_days(appointment.occupied.lower, appointment.occupied.upper)


def check_stands(present: Appointment, step: Step) -> None:
    """Raise errors.WrongState, with what can be done instead, unless the step begins at its status."""
    if present.status != step.needs:
        raise errors.WrongState(STANDS[present.status])


def is_over(request: Appointment, *, now: datetime) -> bool:
    """Say whether it is too late to say yes to this request: nobody answered, or the time has come."""
    return request.start_at <= now or (request.expires_at is not None and request.expires_at <= now)


def standing(appointment: Appointment) -> dict[str, Any]:
    """Return what a step can change, as the history keeps it; instants in UTC."""
    expires_at = appointment.expires_at
    return {
        "status": appointment.status,
        "blocks": appointment.blocks,
        "expires": None if expires_at is None else expires_at.isoformat(),
        "reason": appointment.cancel_reason,
    }


def write(present: Appointment, step: Step, *, before: dict[str, Any], by: Caller, now: datetime) -> Appointment:
    """Save the changed row, note who changed what, and tell those who listen, in the caller's transaction.

    When the time comes free by it, whoever waits for it hears of that too.
    """
    present.version += 1
    present.sequence += step.for_calendars
    present.changed_at = now
    present.save()
    entry = history_of(present, step.word, by=by, now=now, before=before, after=standing(present))
    entry.save(force_insert=True)
    if step.event is not None:
        tell(step.event, present, by=by, now=now)
    if before["blocks"] and not present.blocks:
        time_came_free(present.location_id, now=now, near=(present.occupied.lower, present.occupied.upper))
    return present
