"""What every change of an appointment leaves behind: a line of history, and the fact for those who listen."""

from datetime import datetime
from typing import Any

from booking import events
from booking.access import Caller
from booking.domain.hours import wall_clock
from booking.models import Appointment, HistoryEntry

ACTOR_LENGTH = 120


def snapshot(appointment: Appointment, *, therapists: list[str], room: str | None) -> dict[str, Any]:
    """Return the values that history keeps, as JSON; instants in UTC."""
    return {
        "status": appointment.status,
        "start": appointment.start_at.isoformat(),
        "end": appointment.end_at.isoformat(),
        "room": room,
        "therapists": therapists,
    }


def line_of(action: str, *, by: Caller, now: datetime, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of an entry; only what changed stands in it."""
    changed = [key for key in after if before.get(key) != after[key]]
    return {
        "at": now,
        "action": action,
        "actor": by.name[:ACTOR_LENGTH],
        "channel": by.channel,
        "before": {key: before[key] for key in changed if key in before},
        "after": {key: after[key] for key in changed},
    }


def history_of(
    appointment: Appointment,
    action: str,
    *,
    by: Caller,
    now: datetime,
    before: dict[str, Any],
    after: dict[str, Any],
) -> HistoryEntry:
    """Return the unsaved entry."""
    return HistoryEntry(appointment=appointment, **line_of(action, by=by, now=now, before=before, after=after))


def tell(
    kind: type[events.AppointmentEvent], appointment: Appointment, *, by: Caller, now: datetime, told: bool = True
) -> None:
    """Publish the fact to those who have an address, inside the transaction.

    With `told` False nobody gets a mail of it: of a series that changes at once, one mail tells all.
    """
    events.publish(
        kind(
            appointment_id=appointment.pk,
            uid=appointment.uid,
            sequence=appointment.sequence,
            happened_at=now,
            recipients=recipients(appointment) if told else (),
            by_desk=by.is_desk,
        )
    )


def recipients(appointment: Appointment) -> tuple[str, ...]:
    """Return who is to be told, by role; nobody when the desk asked for silence."""
    if not appointment.notify:
        return ()
    client = "client" if appointment.client is not None and appointment.client.email else ""
    partner = "partner" if appointment.partner_email else ""
    return tuple(role for role in (client, partner) if role)


def agree_on(appointment: Appointment, *, zone: str, now: datetime) -> None:
    """Write down the wall time that is agreed now, so that a later change of clock rules can be found."""
    appointment.time_zone = zone
    appointment.wall_start = wall_clock(appointment.start_at, zone).isoformat(timespec="minutes")
    appointment.agreed_at = now
    appointment.changed_at = now
