"""When a visit fits: the one piece of code that decides what is offered and what is accepted.

Everything is in minutes since the epoch, UTC, half-open. A visit occupies its clean-up before, its duration and
its clean-up after. Openings bound the visit itself; whether they bound the clean-up too is the location's choice.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from booking.domain.intervals import Interval, Minute, merged, overlaps, subtract

StartRange = tuple[Minute, Minute]  # first and last start, both included


@dataclass(frozen=True, slots=True)
class Visit:
    """What is wanted: lengths in minutes; `step` is the distance between starts on the grid."""

    duration: int
    before: int
    after: int
    step: int
    therapists: int = 1
    clean_up_within_hours: bool = False

    def __post_init__(self) -> None:
        if self.duration <= 0 or self.step <= 0 or self.before < 0 or self.after < 0:
            raise ValueError("a visit needs a positive duration and step, and no negative clean-up")

    def occupied(self, start: Minute) -> Interval:
        return start - self.before, start + self.duration + self.after


@dataclass(frozen=True, slots=True)
class Diary:
    """One therapist's time: when they work, when they are away, and what already occupies them.

    `openings` ascending, each the anchor of its own grid; `busy` ascending and disjoint.
    """

    openings: Sequence[Interval]
    away: Sequence[Interval] = ()
    busy: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True)
class RoomDiary:
    """One room's time. A room has no hours of its own; `busy` ascending by start."""

    busy: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True)
class Offers:
    """Who can serve a visit at which start; `by_start` ascending, therapists in the order of the diaries."""

    by_start: dict[Minute, list[int]] = field(default_factory=dict)


def free_starts(
    busy: Sequence[Interval], visit: Visit, first: Minute, last: Minute, *, skip: int = 0
) -> list[StartRange]:
    """Return the ranges of starts in [first, last] at which the occupied time meets nothing in `busy`.

    `skip` leading entries of `busy` are known to lie too early to matter.
    """
    found: list[StartRange] = []
    needs_after = visit.duration + visit.after
    cursor = first
    for index in range(skip, len(busy)):
        taken_start, taken_end = busy[index]
        if taken_start >= last + needs_after:
            break
        if cursor <= taken_start - needs_after:
            found.append((cursor, taken_start - needs_after))
        cursor = max(cursor, taken_end + visit.before)
    if cursor <= last:
        found.append((cursor, last))
    return found


def starts(diary: Diary, visit: Visit, *, earliest: Minute, latest: Minute) -> list[Minute]:
    """Return each start in [earliest, latest] at which the visit fits into the diary, ascending, once each."""
    before = visit.before if visit.clean_up_within_hours else 0
    after = visit.after if visit.clean_up_within_hours else 0
    found: list[Minute] = []
    ends = [end for _, end in diary.busy]
    for opening in diary.openings:
        anchor = opening[0]
        if opening[1] <= earliest or anchor > latest:
            continue
        windows = subtract(opening, diary.away) if diary.away else [opening]
        for window_start, window_end in windows:
            first = max(window_start + before, earliest)
            last = min(window_end - visit.duration - after, latest)
            if first > last:
                continue
            skip = bisect_left(ends, first - visit.before)
            for free_first, free_last in free_starts(diary.busy, visit, first, last, skip=skip):
                on_grid = anchor - (anchor - free_first) // visit.step * visit.step
                found.extend(range(on_grid, free_last + 1, visit.step))
    return found if _ascends(found) else sorted(set(found))


def _ascends(numbers: list[Minute]) -> bool:
    return all(map(int.__lt__, numbers, numbers[1:]))


def rooms_free(rooms: Iterable[RoomDiary], visit: Visit, first: Minute, last: Minute) -> list[StartRange]:
    """Return the ranges of starts in [first, last] at which at least one of the rooms is free, ascending."""
    ranges = [found for room in rooms for found in free_starts(room.busy, visit, first, last)]
    return [(start, end - 1) for start, end in merged((start, end + 1) for start, end in ranges)]


def offers(
    diaries: Sequence[Diary],
    rooms: Sequence[RoomDiary] | None,
    visit: Visit,
    *,
    earliest: Minute,
    latest: Minute,
) -> Offers:
    """Return every start at which enough therapists and a room are free together.

    `rooms` None means that the service needs no room. Indexes in the answer are positions in `diaries`.
    """
    by_start: dict[Minute, list[int]] = {}
    for index, diary in enumerate(diaries):
        for start in starts(diary, visit, earliest=earliest, latest=latest):
            if start in by_start:
                by_start[start].append(index)
            else:
                by_start[start] = [index]
    if visit.therapists > 1:
        by_start = {start: who for start, who in by_start.items() if len(who) >= visit.therapists}
    if rooms is None:
        return Offers({start: by_start[start] for start in sorted(by_start)})
    open_ranges = rooms_free(rooms, visit, earliest, latest)
    return Offers({start: by_start[start] for start in _within(sorted(by_start), open_ranges)})


def _within(ascending: list[Minute], ranges: list[StartRange]) -> list[Minute]:
    kept: list[Minute] = []
    position = 0
    for first, last in ranges:
        low = bisect_left(ascending, first, position)
        position = bisect_left(ascending, last + 1, low)
        kept.extend(ascending[low:position])
    return kept


def room_is_free(room: RoomDiary, visit: Visit, start: Minute) -> bool:
    return bool(free_starts(room.busy, visit, start, start))


def touches(visit: Visit, start: Minute, intervals: Iterable[Interval]) -> bool:
    """Say whether the visit itself, clean-up left out, meets any of the intervals."""
    return any(overlaps((start, start + visit.duration), interval) for interval in intervals)
