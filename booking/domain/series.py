"""Visits that come again: the same local time every few weeks, whatever clocks do in between.

A wall time that a clock change skips, or shows twice, is read as everywhere else: `hours.instant` says how. One
occurrence that is shifted by it does not shift the next.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from booking.domain.hours import instant, wall_clock
from booking.domain.intervals import Minute, instant_of, minute_of


def occurrences(on: date, at: time, zone: str, *, every_weeks: int, times: int) -> list[Minute]:
    """Return `times` starts, the first on the date `on`, each at the wall time `at` in `zone`; ascending.

    Raises ValueError unless both numbers are positive.
    """
    if every_weeks < 1 or times < 1:
        raise ValueError("a series comes at least once, and every so many weeks")
    return [minute_of(instant(on + timedelta(weeks=every_weeks * n), at, zone)) for n in range(times)]


def shifted(later: Iterable[Minute], zone: str, *, moved_from: Minute, moved_to: Minute) -> list[Minute]:
    """Return where `later` visits go when one of their series moves and they follow, in the order given.

    Each moves by the same difference on the wall clock of `zone`, in days and time of day: from Tuesday 10:00 to
    Wednesday 11:30 is a day and an hour and a half for each, also beyond a clock change.
    """
    difference = _shown(moved_to, zone) - _shown(moved_from, zone)
    if not difference:
        return list(later)
    return [_first_shown(_shown(start, zone) + difference, zone) for start in later]


def _shown(start: Minute, zone: str) -> datetime:
    return wall_clock(instant_of(start), zone)


def _first_shown(wall: datetime, zone: str) -> Minute:
    return minute_of(instant(wall.date(), wall.time(), zone))
