"""Appointments as the desk lists them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from booking import errors
from booking.models import Appointment, Client

SHOWN = ("location", "room", "service", "variation", "client")


def whole(appointment: Appointment) -> Appointment:
    """Return it again with everything its answer shows, in four statements at most."""
    return (
        Appointment.objects.select_related(*SHOWN)
        .prefetch_related("assignments__therapist", "history")
        .get(pk=appointment.pk)
    )


def appointments(found: QuerySet[Appointment], wanted: dict[str, Any]) -> QuerySet[Appointment]:
    """Narrow `found` by a fixed list of filters.

    `from` and `until` are dates, both included, by the clock of each appointment's location.
    """
    filters: dict[str, Any] = {}
    # The agreed wall time is kept as text that sorts like time; the instant only lets the index help.
    if "from" in wanted:
        filters["wall_start__gte"] = wanted["from"].isoformat()
        filters["start_at__gte"] = _midnight(wanted["from"]) - timedelta(days=1)
    if "until" in wanted:
        filters["wall_start__lt"] = (wanted["until"] + timedelta(days=1)).isoformat()
        filters["start_at__lt"] = _midnight(wanted["until"]) + timedelta(days=2)
    for name, column in (
        ("location", "location__slug"),
        ("therapist", "assignments__therapist__slug"),
        ("status", "status"),
        ("client", "client__reference"),
    ):
        if name in wanted:
            filters[column] = wanted[name]
    return found.filter(**filters).select_related(*SHOWN).prefetch_related("assignments__therapist", "history")


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(0), UTC)


def client(reference: str) -> Client:
    """Return the client. Raises errors.UnknownValue."""
    found = Client.objects.filter(reference=reference).first()
    if found is None:
        raise errors.UnknownValue("client.reference", f"There is no client {reference}.")
    return found
