"""Who and where, when the client leaves it to the studio."""

from collections.abc import Sequence

from booking.domain.intervals import Interval, Minute, overlaps
from booking.domain.slots import Diary, RoomDiary, Visit, room_is_free


def minutes_within(busy: Sequence[Interval], day: Interval) -> int:
    """Return how many minutes of `busy` lie in `day`."""
    return sum(min(end, day[1]) - max(start, day[0]) for start, end in busy if overlaps((start, end), day))


def least_loaded(free: Sequence[int], diaries: Sequence[Diary], *, day: Interval, count: int) -> list[int]:
    """Return `count` of the free therapists: those with the fewest occupied minutes that day.

    Ties keep the order of the diaries, which is by slug, so the same question has the same answer.
    """
    return sorted(free, key=lambda index: (minutes_within(diaries[index].busy, day), index))[:count]


def plainest_room(rooms: Sequence[RoomDiary], features: Sequence[int], visit: Visit, start: Minute) -> int | None:
    """Return the free room with the fewest features, so that scarce rooms stay free for those who need them.

    `features` counts each room's features. Ties keep the order given. None when no room is free.
    """
    free = [index for index, room in enumerate(rooms) if room_is_free(room, visit, start)]
    return min(free, key=lambda index: (features[index], index), default=None)
