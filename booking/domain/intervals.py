"""Half-open stretches of time, counted in whole minutes since the epoch, in UTC.

Integers instead of datetimes: a month of fifty diaries is ten thousand stretches, and this is ten times faster
than datetime arithmetic and cannot be naive or in another zone (ADR 4).
"""

from collections.abc import Iterable
from datetime import UTC, datetime

Minute = int
Interval = tuple[Minute, Minute]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS: Interval = (-(1 << 60), 1 << 60)  # longer than anybody will keep a diary


def minute_of(instant: datetime) -> Minute:
    """Return the minute that holds `instant`, rounded down. Raises ValueError if it is naive."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return int(instant.timestamp() // 60)


def minute_after(instant: datetime) -> Minute:
    """Return the first whole minute at or after `instant`."""
    whole = minute_of(instant)
    return whole if instant.second == 0 and instant.microsecond == 0 else whole + 1


def instant_of(minute: Minute) -> datetime:
    """Return the aware UTC datetime of `minute`."""
    return datetime.fromtimestamp(minute * 60, UTC)


def overlaps(one: Interval, other: Interval) -> bool:
    """Say whether they share a minute; intervals that touch do not, nor does an empty one."""
    return max(one[0], other[0]) < min(one[1], other[1])


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same minutes as disjoint intervals, ascending, with no two touching and none empty."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def subtract(base: Interval, taken: Iterable[Interval]) -> list[Interval]:
    """Return what is left of `base` without the minutes of `taken`, ascending and disjoint."""
    left: list[Interval] = []
    cursor, end = base
    for taken_start, taken_end in sorted(taken):
        if taken_end <= cursor or taken_start >= taken_end:
            continue
        if taken_start >= end:
            break
        if taken_start > cursor:
            left.append((cursor, taken_start))
        cursor = max(cursor, taken_end)
    if cursor < end:
        left.append((cursor, end))
    return left
