"""Kim's visit to Stillwater, as the facts that mails and invites are made of."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.events import AppointmentFacts

BOOKED_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
STAMPED_AT = datetime(2026, 11, 20, 8, 0, 5, tzinfo=UTC)
MANAGE = "https://book.stillwater.example/manage/k3J9vQ2hXw7Zt4bN8mP1cR6sY5uF0aLdGeHiToKqVxE/"


def visit(**changes: Any) -> AppointmentFacts:
    """Kim's hour with Mara on Tuesday 24 November 2026, 10:30 in Berlin, but for `changes`."""
    facts: dict[str, Any] = {
        "appointment_id": 4711,
        "reference": "7KQ2M9XWBD",
        "uid": UUID("6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b11"),
        "status": "booked",
        "version": 1,
        "sequence": 0,
        "start_at": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        "end_at": datetime(2026, 11, 24, 10, 30, tzinfo=UTC),
        "time_zone": "Europe/Berlin",
        "created_at": BOOKED_AT,
        "agreed_at": BOOKED_AT,
        "changed_at": BOOKED_AT,
        "change_until": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "studio_name": "Stillwater",
        "studio_mail": "hello@stillwater.example",
        "studio_reply_to": "desk@stillwater.example",
        "location_slug": "mitte",
        "location_name": "Stillwater Mitte",
        "location_address": "Linienstraße 12, 10178 Berlin",
        "location_phone": "+49 30 1234567",
        "latitude": 52.527111111,
        "longitude": 13.3982,
        "service_slug": "deep-tissue",
        "service_name": "Deep tissue massage",
        "service_kind": "deep-tissue",
        "duration_minutes": 60,
        "add_ons": ("Hot towels",),
        "therapists": ("Mara",),
        "price_amount": Decimal("95.00"),
        "price_currency": "EUR",
        "client_name": "Kim Larsen",
        "client_mail": "kim@example.com",
        "language": "en",
        "partner_name": "",
        "partner_mail": "",
        "tips": True,
    }
    return AppointmentFacts(**(facts | changes))


def visit_at(wall_clock: str, *, zone: str = "Europe/Berlin", minutes: int = 60, **changes: Any) -> AppointmentFacts:
    """A visit that begins at this local time, for example "2026-07-15T10:00", and lasts so many real minutes."""
    start = datetime.fromisoformat(wall_clock).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return visit(start_at=start, end_at=start + timedelta(minutes=minutes), time_zone=zone, **changes)
