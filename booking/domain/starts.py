"""When one therapist, or a room, is free for a visit.

What is asked with `earliest` and `latest` follows the rules, notice and horizon. What is asked with `first` and
`last` is what somebody looks at, and changes nothing: the answer for a window is the whole answer, cut to it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain

from booking.domain.diary import BACK_TO_BACK, Diary, RoomDiary, Visit
from booking.domain.intervals import Interval, Minute, merged, overlaps, subtract
from booking.domain.workload import too_much, without_rest

StartRange = tuple[Minute, Minute]  # first and last start, both included
Gap = tuple[Minute, Minute, Minute]  # first and last start in it, and the anchor of its grid


def free_starts(
    busy: Sequence[Interval], visit: Visit, first: Minute, last: Minute, *, skip: int = 0
) -> list[StartRange]:
    """Return the ranges of starts in [first, last] at which the occupied time meets nothing in `busy`.

    `skip` leading entries of `busy` are known to lie too early to matter.
    """
    found: list[StartRange] = []
    needs_before, needs_after = visit.before, visit.duration + visit.after
    cursor = first
    for index in range(skip, len(busy)):
        taken_start, taken_end = busy[index]
        just_before = taken_start - needs_after
        if just_before >= last:
            break
        if cursor <= just_before:
            found.append((cursor, just_before))
        if cursor < taken_end + needs_before:
            cursor = taken_end + needs_before
    if cursor <= last:
        found.append((cursor, last))
    return found


def starts(
    diary: Diary,
    visit: Visit,
    *,
    earliest: Minute,
    latest: Minute,
    first: Minute | None = None,
    last: Minute | None = None,
    rooms: Sequence[RoomDiary] | None = None,
) -> list[Minute]:
    """Return each start in [earliest, latest], cut to [first, last], at which the visit fits into the diary.

    Ascending, once each. `rooms` count only where the fewest gaps are wanted: a start that no room is free for
    saves none (None: the service needs no room).
    """
    wanted = cut(earliest, latest, first, last)
    roomy = rooms_while_open(rooms, [diary], visit) if visit.spares_gaps else None
    return fitting(diary, visit, wanted, earliest=earliest, roomy=roomy)


def cut(earliest: Minute, latest: Minute, first: Minute | None, last: Minute | None) -> StartRange:
    """Return what of the rules' range somebody looks at; None is no cut."""
    low = earliest if first is None else max(earliest, first)
    return low, latest if last is None else min(latest, last)


def fitting(
    diary: Diary, visit: Visit, wanted: StartRange, *, earliest: Minute, roomy: list[StartRange] | None
) -> list[Minute]:
    """Return each start in `wanted` at which the visit fits, ascending, once each.

    `earliest` and `roomy`, the starts for which some room is free (None: any), decide which starts spare gaps.
    """
    if visit.spares_gaps:
        return _thrifty(diary, visit, wanted, earliest, roomy)
    whole = visit.mode == BACK_TO_BACK  # its starts are counted from where the gap begins
    gaps = _gaps(diary, visit, wanted, whole=whole)
    found = _once_each(list(chain.from_iterable(_starts_in(gaps, visit))))
    if whole:
        found = within(found, [wanted])
    return found if diary.limits is None else without(found, _forbidden(diary, visit))


def _once_each(found: list[Minute]) -> list[Minute]:
    """Return the starts ascending; only openings that overlap give them in another order."""
    return found if all(map(int.__lt__, found, found[1:])) else sorted(set(found))


def _gaps(diary: Diary, visit: Visit, wanted: StartRange, *, whole: bool) -> list[Gap]:
    """Return each free gap of the openings that meet the wanted range: cut to the range, or `whole`.

    Whatever is chosen within a gap must see it whole, to depend neither on the clock nor on who looks.
    """
    found: list[Gap] = []
    before = visit.before if visit.clean_up_within_hours else 0
    needed = visit.duration + (visit.after if visit.clean_up_within_hours else 0)
    low, high = wanted
    busy, ends = diary.busy, [end for _, end in diary.busy]
    for opening in diary.openings:
        anchor = opening[0]
        if opening[1] <= low or anchor > high:
            continue
        for window_start, window_end in subtract(opening, diary.away) if diary.away else [opening]:
            first, last = window_start + before, window_end - needed
            if not whole:
                first, last = max(first, low), min(last, high)
            if first > last:
                continue
            skip = bisect_left(ends, first - visit.before)
            for gap_first, gap_last in free_starts(busy, visit, first, last, skip=skip):
                found.append((gap_first, gap_last, anchor))
    return found


def _starts_in(gaps: Iterable[Gap], visit: Visit) -> list[range]:
    """Return the starts in each of the gaps: on its grid, or one visit after the other from its beginning."""
    if visit.mode == BACK_TO_BACK:
        length = visit.before + visit.duration + visit.after
        return [range(first, last + 1, length) for first, last, _ in gaps]
    step = visit.step
    return [range(anchor - (anchor - first) // step * step, last + 1, step) for first, last, anchor in gaps]


def _thrifty(
    diary: Diary, visit: Visit, wanted: StartRange, earliest: Minute, roomy: list[StartRange] | None
) -> list[Minute]:
    """Return, of each gap, the starts that waste the least of those that nothing but `latest` forbids.

    A start that is offered stays so until `earliest` passes it: the waste of a start never changes, and the
    clock only takes rivals away.
    """
    gaps = _gaps(diary, visit, wanted, whole=True)
    starts_in = _starts_in(gaps, visit)
    possible = sorted({start for start in chain.from_iterable(starts_in) if start >= earliest})
    possible = without(possible, _forbidden(diary, visit))
    allowed = set(possible if roomy is None else within(possible, roomy))
    found: list[Minute] = []
    for gap, starts_of_gap in zip(gaps, starts_in, strict=True):
        wasted = [(_waste(start, gap, visit.smallest_gap), start) for start in starts_of_gap if start in allowed]
        least = min(wasted, default=(0, 0))[0]
        found.extend(start for waste, start in wasted if waste == least)
    return within(_once_each(found), [wanted])


def _waste(start: Minute, gap: Gap, smallest: int) -> int:
    before, after = start - gap[0], gap[1] - start
    return (before if before < smallest else 0) + (after if after < smallest else 0)


def _forbidden(diary: Diary, visit: Visit) -> list[Interval]:
    """Return the starts that the therapist's limits forbid, half-open, ascending, merged."""
    limits = diary.limits
    if limits is None:
        return []
    load = visit.hands_on
    full = too_much(diary.hands, load=load, limits=limits, calendar=diary.calendar)
    tired = without_rest(diary.hands, duration=visit.duration, load=load, limits=limits)
    return merged(full + tired) if full and tired else full or tired


def rooms_free(rooms: Iterable[RoomDiary], visit: Visit, first: Minute, last: Minute) -> list[StartRange]:
    """Return the ranges of starts in [first, last] at which at least one of the rooms is free, ascending."""
    ranges = [found for room in rooms for found in free_starts(room.busy, visit, first, last)]
    return [(start, end - 1) for start, end in merged((start, end + 1) for start, end in ranges)]


def rooms_while_open(
    rooms: Sequence[RoomDiary] | None, diaries: Sequence[Diary], visit: Visit
) -> list[StartRange] | None:
    """Return the starts for which a room is free, for as long as any diary has openings; None when none is needed."""
    if rooms is None:
        return None
    openings = [opening for diary in diaries for opening in diary.openings]
    first, last = min((start for start, _ in openings), default=0), max((end for _, end in openings), default=0)
    return rooms_free(rooms, visit, first, last)


def room_is_free(room: RoomDiary, visit: Visit, start: Minute) -> bool:
    return bool(free_starts(room.busy, visit, start, start))


def within(ascending: list[Minute], ranges: Iterable[StartRange]) -> list[Minute]:
    """Return those that lie in one of the ranges, which ascend and include both ends."""
    kept: list[Minute] = []
    position = 0
    for first, last in ranges:
        low = bisect_left(ascending, first, position)
        position = bisect_left(ascending, last + 1, low)
        kept.extend(ascending[low:position])
    return kept


def without(ascending: list[Minute], intervals: Iterable[Interval]) -> list[Minute]:
    """Return those that lie in none of the intervals, which ascend and are half-open."""
    kept: list[Minute] = []
    position = 0
    for start, end in intervals:
        low = bisect_left(ascending, start, position)
        kept.extend(ascending[position:low])
        position = bisect_left(ascending, end, low)
    kept.extend(ascending[position:])
    return kept


def touches(visit: Visit, start: Minute, intervals: Iterable[Interval]) -> bool:
    """Say whether the visit itself, clean-up left out, meets any of the intervals."""
    return any(overlaps((start, start + visit.duration), interval) for interval in intervals)
