"""Wall-clock time, and the only place where it becomes UTC.

A local time that a clock change skips is read with the offset before the change, and one that happens twice is
its first occurrence (RFC 5545 section 3.3.5). Everything returned is in minutes since the epoch, half-open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from booking.domain.intervals import Interval, Minute, instant_of, minute_of
from booking.domain.workload import Calendar

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class WeeklySpan:
    """One span of a working week: `weekday` 0 is Monday; closing at or before opening means the next day.

    It holds from `valid_from` (included) until `valid_until` (not included; None is for good).
    """

    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class DaySpan:
    """What holds on one date instead of the week; without times it says that the day is off."""

    on: date
    opens: time | None
    closes: time | None


def days(first_on: date, last_on: date) -> list[date]:
    """Return each date from `first_on` to `last_on`, both included."""
    return [first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1)]


def instant(on: date, at: time, zone: str) -> datetime:
    """Return the UTC instant at which clocks in `zone` show `at` on `on`."""
    return datetime.combine(on, at.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def wall_clock(at: datetime, zone: str) -> datetime:
    """Return what the clock shows in `zone` at the instant `at`, naive on purpose."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def local_date(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)
def local_day(on: date, zone: str) -> Interval:
    """Return the minutes of the date `on` in `zone`: 1380 of them when clocks go forward, 1500 when back."""
    midnight = time(0)
    return (
        minute_of(instant(on, midnight, zone)),
        minute_of(instant(on + timedelta(days=1), midnight, zone)),
    )


def calendar(first_on: date, last_on: date, zone: str) -> Calendar:
    """Return the whole weeks, Monday to Sunday, that hold a date from the day before `first_on` to the day after
    `last_on`, and their days: openings over midnight begin and end on those."""
    early, late = first_on - timedelta(days=1), last_on + timedelta(days=1)
    monday = early - timedelta(days=early.weekday())
    dates = days(monday, late + timedelta(days=6 - late.weekday()))
    each = [local_day(on, zone) for on in dates]
    return Calendar(each, [(each[n][0], each[n + 6][1]) for n in range(0, len(each), 7)])


@lru_cache(maxsize=4096)
def _midnight_of_a_plain_day(on: date, zone: str) -> Minute | None:
    """Return the day's first minute when its clock runs straight through it, None when an offset changes.

    Most days are plain, and on those a wall time is an addition: this keeps zone look-ups, which cost more
    than all the rest of finding slots, to one a day instead of two a span.
    """
    start, end = local_day(on, zone)
    noon = minute_of(instant(on, time(12), zone))
    plain = end - start == MINUTES_A_DAY and noon - start == MINUTES_A_DAY // 2
    return start if plain else None


def _minute(on: date, at: time, zone: str) -> Minute:
    midnight = _midnight_of_a_plain_day(on, zone)
    if midnight is None:
        return minute_of(instant(on, at, zone))
    return midnight + at.hour * 60 + at.minute


def _span(on: date, opens: time, closes: time, zone: str) -> Interval:
    closes_on = on if closes > opens else on + timedelta(days=1)
    return _minute(on, opens, zone), _minute(closes_on, closes, zone)


def _exceptional(day: date, exceptions: list[DaySpan], zone: str) -> list[Interval]:
    return [
        _span(day, exception.opens, exception.closes, zone)
        for exception in exceptions
        if exception.opens is not None and exception.closes is not None
    ]


def openings(
    week: Iterable[WeeklySpan], exceptions: Iterable[DaySpan], *, on: Iterable[date], zone: str
) -> list[Interval]:
    """Return the working spans that begin on the given dates, ascending; a clock change may leave none.

    A date with any exception follows its exceptions alone. Spans are not merged: each is the anchor of its
    own grid of starts. The order of `on` does not matter.
    """
    spans_of_day: list[list[WeeklySpan]] = [[] for _ in range(7)]
    for span in week:
        spans_of_day[span.weekday].append(span)
    exceptions_of: dict[date, list[DaySpan]] = {}
    for exception in exceptions:
        exceptions_of.setdefault(exception.on, []).append(exception)
    found: list[Interval] = []
    for day in on:
        if day in exceptions_of:
            found.extend(_exceptional(day, exceptions_of[day], zone))
        else:
            found.extend(
                _span(day, span.opens, span.closes, zone)
                for span in spans_of_day[day.weekday()]
                if span.valid_from <= day and (span.valid_until is None or day < span.valid_until)
            )
    return sorted((start, end) for start, end in found if start < end)


def iso_local(minute: Minute, zone: ZoneInfo) -> str:
    """Return `minute` as RFC 3339 with the offset that `zone` has at that instant."""
    return instant_of(minute).astimezone(zone).isoformat()


def known_zone(name: str) -> bool:
    """Say whether `name` is an IANA zone of the installed tzdata, never a path or a fixed offset."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return "/" in name or name == "UTC"
