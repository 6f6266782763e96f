"""Appointments as the desk lists them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from booking import errors
from booking.domain import status
from booking.models import Appointment, Client
from booking.queries.flags import flagged

SHOWN = ("location", "room", "service", "variation", "client", "series")


def whole(appointment: Appointment) -> Appointment:
    """Return it again with everything its answer shows, in four statements at most."""
    return (
        flagged(Appointment.objects.select_related(*SHOWN))
        .prefetch_related("assignments__therapist", "history")
        .get(pk=appointment.pk)
    )


def appointments(found: QuerySet[Appointment], wanted: dict[str, Any]) -> QuerySet[Appointment]:
    """Narrow `found` by a fixed list of filters.

    `from` and `until` are dates, both included, by the clock of each appointment's location. What is only held is
    nobody's appointment, and listed only when that status is asked for.
    """
    filters: dict[str, Any] = {}
    if "status" not in wanted:
        found = found.exclude(status=status.HELD)
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
    found = flagged(found.filter(**filters))
    return found.select_related(*SHOWN).prefetch_related("assignments__therapist", "history")


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(0), UTC)


def client(reference: str) -> Client:
    """Return the client. Raises errors.UnknownValue."""
    found = Client.objects.filter(reference=reference).first()
    if found is None:
        raise errors.UnknownValue("client.reference", f"There is no client {reference}.")
    return found
