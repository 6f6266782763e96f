"""Event to delivery rows, inside the booking's own transaction: both are there or neither."""

import secrets

from django.db import connection, transaction

from booking import events, queries
from booking.events import AppointmentEvent
from notifications.bell import ring_for_webhooks
from notifications.webhooks import payload
from notifications.webhooks.models import WebhookDelivery

# KEY SHARE: a webhook that is deleted at this moment must not undo the booking. It hinders nothing but that.
LISTENING = """
SELECT id FROM notifications_webhook WHERE is_active AND %(heard_as)s::text = ANY(events) ORDER BY id FOR KEY SHARE
"""


def on_event(event: AppointmentEvent) -> None:
    """Write a row for each webhook that asked for exactly this event. One statement when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(LISTENING, {"heard_as": payload.EVENTS[type(event)].value})
        tell(event, [webhook_id for (webhook_id,) in cursor.fetchall()])


def tell(event: AppointmentEvent, listening: list[int]) -> None:
    """Write a row for each of these webhooks, and ring for their worker once the event is committed."""
    if not listening:
        return
    kind = payload.EVENTS[type(event)]
    facts = queries.facts_of([event.appointment_id])[event.appointment_id]
    body, event_id = payload.of_event(event, facts), new_event_id()
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            webhook_id=webhook_id,
            event_id=event_id,
            event=kind,
            body=body,
            appointment_id=event.appointment_id,
            due_at=event.happened_at,
            created_at=event.happened_at,
        )
        for webhook_id in listening
    )
    transaction.on_commit(ring_for_webhooks, robust=True)


def new_event_id() -> str:
    """Return 128 random bits: the same event may happen again to the same revision of an appointment."""
    return f"evt_{secrets.token_hex(16)}"


def subscribe() -> None:
    """Listen to all but bookings: who hears of those is asked with the mail that is owed (notifications/listeners)."""
    for kind in payload.EVENTS:
        if kind is not events.AppointmentBooked:
            events.subscribe(kind, on_event)
