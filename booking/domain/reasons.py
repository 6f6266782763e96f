"""Why a start is not offered, found by asking the code that offers with one rule lifted at a time.

The words are the contract's (`/slots/explain/`, and `reasons` of `not-offered`).
"""

from collections.abc import Sequence
from dataclasses import replace

from booking.domain.diary import BACK_TO_BACK, Diary, RoomDiary, Visit
from booking.domain.intervals import ALWAYS, Interval, Minute
from booking.domain.starts import room_is_free, starts, touches

OUTSIDE_HOURS = "outside-hours"
TIME_OFF = "time-off"
BOOKED = "booked"
HELD = "held"
CLEAN_UP = "clean-up"
OFF_GRID = "off-grid"
NOTICE = "notice"
HORIZON = "horizon"
DAILY_LIMIT = "daily-limit"
REST = "rest"
GAP = "gap"
NO_SKILL = "no-skill"
WRONG_ROOM = "wrong-room"
CLOSURE = "closure"

ALL = (
    OUTSIDE_HOURS,
    TIME_OFF,
    CLOSURE,
    BOOKED,
    HELD,
    CLEAN_UP,
    OFF_GRID,
    NOTICE,
    HORIZON,
    DAILY_LIMIT,
    REST,
    GAP,
    NO_SKILL,
    WRONG_ROOM,
)
# What stands at the very time asked for.
TAKEN = frozenset({BOOKED, HELD, CLEAN_UP})


def _fits(diary: Diary, visit: Visit, start: Minute) -> bool:
    return start in starts(diary, visit, earliest=start, latest=start)


def reason_against_therapist(
    diary: Diary,
    visit: Visit,
    start: Minute,
    *,
    earliest: Minute | None = None,
    rooms: Sequence[RoomDiary] | None = None,
) -> str | None:
    """Return the rule that keeps this therapist out at `start`, or None when nothing does.

    `diary.away` holds time off and closures alike; the caller says which of the two it met. `earliest` (None: no
    notice) and `rooms` (None: none is needed) are never a reason here, but decide which starts spare gaps.

    When several rules are broken, the word is that of the rule whose lifting at last lets the visit in. They are
    lifted in this order, and stay so: the fewest gaps (`gap`), limits (`rest`; `daily-limit`, also when both are
    broken), what is held (`held`, also when the visit meets only its clean-up), what is booked (`booked`, or
    `clean-up` when the visit itself meets nothing), `time-off`, the grid (`off-grid`), hours (`outside-hours`).
    Back to back, the grid hangs on what is booked and is lifted before it.
    """
    plain = replace(visit, fewest_gaps=False)
    if not _fits(diary, plain, start):
        return _limit(diary, plain, start) or _against_visits_and_hours(diary, plain, start)
    has_room = rooms is None or any(room_is_free(room, visit, start) for room in rooms)
    if not visit.spares_gaps or not has_room:
        return None
    since = ALWAYS[0] if earliest is None else min(earliest, start)
    offered = starts(diary, visit, earliest=since, latest=start, first=start, rooms=rooms)
    return None if start in offered else GAP


def _limit(diary: Diary, visit: Visit, start: Minute) -> str | None:
    """Return the limit that alone keeps them out; None when there is more in the way, or no limit."""
    if diary.limits is None or not _fits(replace(diary, limits=None), visit, start):
        return None
    rested = replace(diary, limits=replace(diary.limits, longest_stretch=None))
    return REST if _fits(rested, visit, start) else DAILY_LIMIT


def _against_visits_and_hours(diary: Diary, visit: Visit, start: Minute) -> str:
    anywhere = visit.at_any_minute()
    if visit.mode == BACK_TO_BACK:
        # Where such starts stand depends on what is booked, so that is asked first and then left alone.
        if _fits(Diary(diary.openings, diary.away, diary.busy), anywhere, start):
            return OFF_GRID
        visit = anywhere
    booked = not_held(diary.busy, diary.held)
    if diary.held and _fits(Diary(diary.openings, diary.away, booked), visit, start):
        return HELD
    if _fits(Diary(diary.openings, diary.away), visit, start):
        return BOOKED if touches(visit, start, booked) else CLEAN_UP
    if _fits(Diary(diary.openings), visit, start):
        return TIME_OFF
    return OFF_GRID if _fits(Diary(diary.openings), anywhere, start) else OUTSIDE_HOURS


def not_held(busy: Sequence[Interval], held: Sequence[Interval]) -> list[Interval]:
    """Return what of `busy` is more than held."""
    only_held = set(held)
    return [interval for interval in busy if interval not in only_held]


def reason_against_room(room: RoomDiary, visit: Visit, start: Minute) -> str | None:
    """Return `held`, `booked` or `clean-up` when the room is not free at `start`, else None.

    It is `held` when the room would be free without what is only held.
    """
    if room_is_free(room, visit, start):
        return None
    booked = not_held(room.busy, room.held)
    if room_is_free(RoomDiary(booked), visit, start):
        return HELD
    return BOOKED if touches(visit, start, booked) else CLEAN_UP
