"""What we answer, as plain dictionaries: an allow-list of fields, never a model poured out."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from booking.access import Caller
from booking.actions.book import Booked
from booking.domain import policy, status
from booking.models import AddOn, Appointment, Location, Reply, Service, Therapist, Variation
from booking.queries import change_until, warnings_about

# The values of a history entry that are instants.
INSTANTS = frozenset({"start", "end", "expires", "occupied_from", "occupied_until"})


def money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{amount:.2f}", "currency": currency}


def instant(at: datetime, zone: str) -> str:
    """Return RFC 3339 with the offset of `zone` at that instant."""
    return at.astimezone(ZoneInfo(zone)).isoformat()


def location(one: Location) -> dict[str, Any]:
    geo = None if one.latitude is None else {"latitude": one.latitude, "longitude": one.longitude}
    return {
        "slug": one.slug,
        "name": one.name,
        "time_zone": one.time_zone,
        "address": one.address,
        "phone": one.phone,
        "geo": geo,
    }


def service(one: Service, *, currency: str) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "description": one.description,
        "category": one.category,
        "therapists_required": one.therapists_required,
        "needs_confirmation": one.needs_confirmation,
        "variations": [_variation(variation, currency) for variation in one.variations.all()],
        "add_ons": [_add_on(add_on, currency) for add_on in one.add_ons.all()],
        "policy": {
            "notice_minutes": one.notice_minutes,
            "horizon_days": one.horizon_days,
            "change_deadline_minutes": one.change_deadline_minutes,
        },
    }


def _variation(one: Variation, currency: str) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "duration_minutes": one.duration_minutes,
        "price": money(one.price_amount, currency),
    }


def _add_on(one: AddOn, currency: str) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "duration_minutes": one.duration_minutes,
        "price": money(one.price_amount, currency),
    }


def therapist(one: Therapist) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "bio": one.bio,
        "languages": one.languages,
        "gender": one.gender,
        "services": [skill.slug for skill in one.skills.all()],
    }


def appointment(one: Appointment, *, caller: Caller, now: datetime) -> dict[str, Any]:
    """Return the appointment as this caller may see it: a link's holder gets the first name only."""
    room = one.room.slug if one.room is not None else None
    return _appointment(one, therapists=_slugs(one), room=room, caller=caller, now=now)


def one_appointment(one: Appointment, *, caller: Caller, now: datetime) -> dict[str, Any]:
    """Return the appointment as an answer about it alone: staff hear what to mind about the client, too."""
    answer = _with_warnings(appointment(one, caller=caller, now=now), one, caller)
    return answer | {"replies": [reply_of(reply) for reply in one.replies.all()]} if caller.is_staff else answer


def _with_warnings(answer: dict[str, Any], one: Appointment, caller: Caller) -> dict[str, Any]:
    return answer | {"warnings": warnings_about(one.client)} if caller.is_staff else answer


def _appointment(
    one: Appointment, *, therapists: list[str], room: str | None, caller: Caller, now: datetime
) -> dict[str, Any]:
    zone = one.time_zone
    deadline = change_until(one)
    changeable = one.status in status.CHANGEABLE and one.start_at > now
    answer: dict[str, Any] = {
        "reference": one.reference,
        "status": one.status,
        "late": one.late,
        "series": one.series.reference if one.series is not None else None,
        "version": one.version,
        "service": one.service.slug,
        "variation": one.variation.slug,
        "add_ons": one.add_ons,
        "location": one.location.slug,
        "room": room,
        "therapists": therapists,
        "requested_therapist": one.requested_therapist,
        "start": instant(one.start_at, zone),
        "end": instant(one.end_at, zone),
        "time_zone": zone,
        "price": money(one.price_amount, one.price_currency),
        "policy": {
            "change_deadline": instant(deadline, zone),
            "can_change": changeable and (caller.is_staff or policy.may_change(now, until=deadline)),
            "late_cancel_percent": one.late_cancel_percent,
        },
        "expires_at": None if one.expires_at is None else instant(one.expires_at, zone),
        "client": _client(one, caller),
    }
    if caller.is_staff:
        answer |= {
            "source": one.source,
            "note": one.note,
            "overridden": one.overridden,
            "alongside": one.alongside,
            "message_failed": getattr(one, "message_failed", False),
            "history": _history(one),
        }
    return answer


def booked(done: Booked, *, caller: Caller, now: datetime) -> dict[str, Any]:
    """Return the answer to a booking, the only one that carries the token."""
    known = _appointment(done.appointment, therapists=sorted(done.therapists), room=done.room, caller=caller, now=now)
    known = _with_warnings(known, done.appointment, caller)
    return known | {"token": done.token, "manage_url": f"{settings.PUBLIC_URL}/manage/{done.token}/"}


def _slugs(one: Appointment) -> list[str]:
    return sorted(assignment.therapist.slug for assignment in one.assignments.all())


def _client(one: Appointment, caller: Caller) -> dict[str, str] | None:
    if one.client is None:
        return None
    if not caller.is_staff:
        return {"name": one.client.name.split()[0]}
    client = one.client
    return {
        "reference": client.reference,
        "name": client.name,
        "email": client.email,
        "phone": client.phone,
        "language": client.language,
    }


def reply_of(one: Reply) -> dict[str, Any]:
    """Return what a guest's calendar answered to an invite."""
    return {
        "guest": one.role,
        "answer": str(one.partstat),
        "sequence": one.sequence,
        "received_at": instant(one.received_at, one.appointment.time_zone),
    }


def _history(one: Appointment) -> list[dict[str, Any]]:
    return [
        {
            "at": instant(entry.at, one.time_zone),
            "action": entry.action,
            "by": entry.actor,
            "channel": entry.channel,
            "before": _local(entry.before, one.time_zone),
            "after": _local(entry.after, one.time_zone),
        }
        for entry in one.history.all()
    ]


def _local(values: dict[str, Any], zone: str) -> dict[str, Any]:
    """Return a history entry's values with its instants by the clock of the appointment's zone."""
    return {
        name: instant(datetime.fromisoformat(value), zone) if value and name in INSTANTS else value
        for name, value in values.items()
    }
