"""What a webhook is told: {type, timestamp, data}. Facts as they were when it happened, and nobody's name."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from booking import events, queries
from booking.events import AppointmentEvent, AppointmentFacts
from notifications.webhooks.models import TEST, Event, Webhook, WebhookDelivery

EVENTS: dict[type[AppointmentEvent], Event] = {
    events.AppointmentBooked: Event.BOOKED,
    events.AppointmentRescheduled: Event.RESCHEDULED,
    events.AppointmentRelocated: Event.RELOCATED,
    events.AppointmentCancelled: Event.CANCELLED,
    events.AppointmentRequested: Event.REQUESTED,
    events.AppointmentConfirmed: Event.CONFIRMED,
    events.AppointmentDeclined: Event.DECLINED,
    events.AppointmentAttended: Event.ATTENDED,
    events.AppointmentNoShow: Event.NO_SHOW,
    events.AppointmentTakenBack: Event.TAKEN_BACK,
    events.WaitlistOffered: Event.OFFERED,
}


def of_event(event: AppointmentEvent, facts: AppointmentFacts) -> str:
    """Return the body for an event, as JSON; instants of the visit are in the studio's zone, others in UTC."""
    data = _appointment(facts)
    if isinstance(event, events.WaitlistOffered):
        zone = ZoneInfo(facts.time_zone)
        answer_until = event.answer_until.astimezone(zone).isoformat()
        data |= {"waitlist_entry": event.entry_reference, "answer_until": answer_until}
    return _body(EVENTS[type(event)], data, at=event.happened_at)


def of_test(webhook: Webhook, *, at: datetime) -> str:
    return _body(TEST, {"webhook": webhook.reference}, at=at)


def _body(event: str, data: dict[str, Any], *, at: datetime) -> str:
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return _json({"type": str(event), "timestamp": timestamp, "data": data})


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _appointment(facts: AppointmentFacts) -> dict[str, Any]:
    zone = ZoneInfo(facts.time_zone)
    return {
        "reference": facts.reference,
        "status": facts.status,
        "version": facts.version,
        "sequence": facts.sequence,
        "location": facts.location_slug,
        "service": facts.service_slug,
        "duration_minutes": facts.duration_minutes,
        "add_ons": list(facts.add_ons),
        "therapists": list(facts.therapist_slugs),
        "start": facts.start_at.astimezone(zone).isoformat(),
        "end": facts.end_at.astimezone(zone).isoformat(),
        "time_zone": facts.time_zone,
        "price": {"amount": str(facts.price_amount), "currency": facts.price_currency},
    }


def to_send(deliveries: Iterable[WebhookDelivery]) -> dict[int, bytes]:
    """Return what to send, by delivery id; with the client, as known now, for webhooks that ask for them."""
    found = list(deliveries)
    asked = {each.appointment_id for each in found if each.webhook.include_client and each.appointment_id is not None}
    facts = queries.facts_of(asked) if asked else {}
    bodies = {}
    for each in found:
        body = each.body
        if each.webhook.include_client and each.appointment_id is not None:
            body = _with_client(body, facts.get(each.appointment_id))
        bodies[each.pk] = body.encode()
    return bodies


def _with_client(body: str, facts: AppointmentFacts | None) -> str:
    """Add the client: null for a walk-in, and for who has asked to be forgotten."""
    whole = json.loads(body)
    known = facts is not None and (facts.client_name or facts.client_mail)
    whole["data"]["client"] = _client(facts) if facts is not None and known else None
    return _json(whole)


def _client(facts: AppointmentFacts) -> dict[str, str]:
    return {"name": facts.client_name, "email": facts.client_mail, "language": facts.language}
