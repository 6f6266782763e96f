"""Offer other times; move the appointment when one was chosen and the button pressed."""

from datetime import UTC, date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from booking import errors, queries
from booking.actions.reschedule import reschedule_appointment
from web import press
from web.choices import week_for
from web.doors import link_page
from web.views.held import Held, back, opened, refused, unchangeable

TAKEN = "Somebody has just taken that time. Your appointment stays as it was. Please choose another time."
NOT_OFFERED = "That time is not free. Your appointment stays as it was. Please choose another time."
# Others are no time to be at a studio, and at both ends of the calendar arithmetic on dates fails.
YEARS = range(2000, 3000)
CHOOSE = "Please choose a time first."


@link_page
def move(request: HttpRequest, token: str) -> HttpResponse:
    held = opened(token, now=timezone.now())
    if held.state != "open":
        return unchangeable(request, held)
    if request.method != "POST":
        return _offer(request, held, day=_date(request.GET.get("day", "")))
    return _move(request, held, start_at=_instant(request.POST.get("start", "")))


def _move(request: HttpRequest, held: Held, *, start_at: datetime | None) -> HttpResponse:
    day = _date(request.GET.get("day", ""))
    if start_at is not None:
        day = queries.wall_clock(start_at, held.facts.time_zone).date()
    try:
        version = press.version_in(request.POST.get("press", ""), held.token, "move", now=held.now)
        if start_at is None:
            return _offer(request, held, day=day, says=CHOOSE, status=400)
        reschedule_appointment(held.appointment, start_at=start_at, by=held.holder, now=held.now, version=version)
    except press.Refused as not_counted:
        return _offer(request, held, day=day, says=not_counted.sentence, status=409, chosen_at=start_at)
    except errors.SlotTaken:
        return _offer(request, held, day=day, says=TAKEN, status=409)
    except errors.NotOffered:
        return _offer(request, held, day=day, says=NOT_OFFERED, status=409)
    except errors.Refusal as refusal:
        return refused(request, held, refusal)
    return back(held)


def _offer(
    request: HttpRequest,
    held: Held,
    *,
    day: date | None,
    says: str = "",
    status: int = 200,
    chosen_at: datetime | None = None,
) -> HttpResponse:
    value = press.value_for(held.token, "move", version=held.facts.version, now=held.now)
    week = week_for(held.appointment, day=day, now=held.now, chosen_at=chosen_at)
    return held.page(request, "web/manage/move.html", status=status, says=says, press=value, week=week)


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    """Return the instant in UTC, None for what is none, or has no zone, or lies beyond the calendar."""
    try:
        found = parse_datetime(text)
        start_at = None if found is None or found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return start_at if start_at is not None and start_at.year in YEARS else None
