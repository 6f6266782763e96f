"""Visits that come again, as tests speak of them: by their week."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from booking.models import Appointment
from tests.factories import TUESDAY, at

WEEK = timedelta(weeks=1)
LATER = {"scope": "this-and-later"}


def on(week: int, clock_time: str = "10:00", *, days: int = 0) -> str:
    """Return the instant at which clocks in Berlin show it, so many weeks after the first Tuesday."""
    return at(clock_time, on=TUESDAY + week * WEEK + timedelta(days=days))


def times() -> list[str]:
    """Return the starts of what blocks, by the clock in Berlin."""
    found = Appointment.objects.filter(blocks=True).order_by("start_at").values_list("start_at", flat=True)
    return [one.astimezone(ZoneInfo("Europe/Berlin")).isoformat() for one in found]
