"""Event to outbox row, inside the booking's own transaction: both are there or neither (ADR 3)."""

from datetime import datetime

from django.db import transaction

from booking import events
from notifications import bell
from notifications.models import Kind, Message, State


def on_booked(event: events.AppointmentBooked) -> None:
    _owe(event, Kind.CONFIRMATION)


def on_rescheduled(event: events.AppointmentRescheduled) -> None:
    _forget_older(event)
    _owe(event, Kind.RESCHEDULED)


def on_relocated(event: events.AppointmentRelocated) -> None:
    _forget_older(event)
    _owe(event, Kind.RELOCATED)


def on_cancelled(event: events.AppointmentCancelled) -> None:
    _forget_older(event)
    _owe(event, Kind.CANCELLED)


def subscribe() -> None:
    events.subscribe(events.AppointmentBooked, on_booked)
    events.subscribe(events.AppointmentRescheduled, on_rescheduled)
    events.subscribe(events.AppointmentRelocated, on_relocated)
    events.subscribe(events.AppointmentCancelled, on_cancelled)


def _owe(event: events.AppointmentEvent, kind: Kind) -> None:
    """Write one row a recipient, and ring for a worker once the booking is committed."""
    if not event.recipients:
        return
    Message.objects.bulk_create(
        Message(
            appointment_id=event.appointment_id,
            kind=kind,
            recipient=recipient,
            sequence=event.sequence,
            name=message_name(event, kind, recipient),
            due_at=event.happened_at,
            created_at=event.happened_at,
        )
        for recipient in event.recipients
    )
    transaction.on_commit(bell.ring, robust=True)


def message_name(event: events.AppointmentEvent, kind: Kind, recipient: str) -> str:
    """Return what makes the message itself and no other, and becomes its Message-ID."""
    return f"{event.uid}.{event.sequence}.{kind}.{recipient}"


def _forget_older(event: events.AppointmentEvent) -> None:
    """Drop what is still waiting about the appointment as it was. A worker that holds a row asks for itself."""
    older = Message.objects.filter(appointment_id=event.appointment_id, state=State.PENDING)
    older.update(state=State.CANCELLED, words=_overtaken(event.happened_at))


def _overtaken(at: datetime) -> str:
    return f"Overtaken by a change at {at:%Y-%m-%d %H:%M} UTC."
