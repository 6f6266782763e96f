"""Why a start is not offered, found by asking the code that offers with one rule lifted at a time.

The words are the contract's (`/slots/explain/`, and `reasons` of `not-offered`).
"""

from booking.domain.intervals import Minute
from booking.domain.slots import Diary, RoomDiary, Visit, room_is_free, starts, touches

OUTSIDE_HOURS = "outside-hours"
TIME_OFF = "time-off"
BOOKED = "booked"
CLEAN_UP = "clean-up"
OFF_GRID = "off-grid"
NOTICE = "notice"
HORIZON = "horizon"
NO_SKILL = "no-skill"
WRONG_ROOM = "wrong-room"
CLOSURE = "closure"

ALL = (
    OUTSIDE_HOURS,
    TIME_OFF,
    CLOSURE,
    BOOKED,
    CLEAN_UP,
    OFF_GRID,
    NOTICE,
    HORIZON,
    NO_SKILL,
    WRONG_ROOM,
)


def _fits(diary: Diary, visit: Visit, start: Minute) -> bool:
    return start in starts(diary, visit, earliest=start, latest=start)


def reason_against_therapist(diary: Diary, visit: Visit, start: Minute) -> str | None:
    """Return the rule that keeps this therapist out at `start`, or None when nothing does.

    `diary.away` holds time off and closures alike; the caller says which of the two it met.
    """
    if _fits(diary, visit, start):
        return None
    if _fits(Diary(diary.openings, diary.away), visit, start):
        return BOOKED if touches(visit, start, diary.busy) else CLEAN_UP
    if _fits(Diary(diary.openings), visit, start):
        return TIME_OFF
    any_minute = Visit(
        duration=visit.duration,
        before=visit.before,
        after=visit.after,
        step=1,
        clean_up_within_hours=visit.clean_up_within_hours,
    )
    return OFF_GRID if _fits(Diary(diary.openings), any_minute, start) else OUTSIDE_HOURS


def reason_against_room(room: RoomDiary, visit: Visit, start: Minute) -> str | None:
    """Return `booked` or `clean-up` when the room is not free at `start`, else None."""
    if room_is_free(room, visit, start):
        return None
    return BOOKED if touches(visit, start, room.busy) else CLEAN_UP
