"""What the admin pages say of visits that an absence has come to lie over."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from booking.domain.hours import wall_clock
from booking.queries.absence import Absence, affected

MOST_NAMED = 10


def warn_of_affected(page: Any, request: HttpRequest, absence: Absence, *, now: datetime) -> None:
    """Warn of the appointments that still stand in the absence, each with its time by the clock agreed."""
    found = affected(absence, now=now)
    if not found:
        return
    named = [f"{one.reference} ({wall_clock(one.start_at, one.time_zone):%Y-%m-%d %H:%M})" for one in found]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    text = f"Still booked then, to be moved or cancelled: {', '.join(named[:MOST_NAMED])}{more}."
    page.message_user(request, text, level=messages.WARNING)
