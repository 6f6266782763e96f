"""Who and where, when the client leaves it to the studio.

Therapists: those who fill the wishes, named and kept ones first, then the least loaded that day, then the least
recently booked. Rooms: where the therapist usually works, then the one with the least that others may need.
"""

from collections.abc import Collection, Mapping, Sequence

from booking.domain.diary import Diary, RoomDiary, Visit
from booking.domain.intervals import Interval, Minute, overlaps
from booking.domain.starts import room_is_free
from booking.domain.teams import Place, teams

Team = tuple[int, ...]
NEVER: Mapping[int, int] = {}


def minutes_within(busy: Sequence[Interval], day: Interval) -> int:
    """Return how many minutes of `busy` lie in `day`."""
    return sum(min(end, day[1]) - max(start, day[0]) for start, end in busy if overlaps((start, end), day))


def least_loaded(free: Sequence[int], diaries: Sequence[Diary], *, day: Interval, count: int) -> list[int]:
    """Return `count` of the free therapists: those with the fewest occupied minutes that day.

    Ties keep the order of the diaries, which is by slug, so the same question has the same answer.
    """
    return sorted(free, key=lambda index: (minutes_within(diaries[index].busy, day), index))[:count]


def best_team(
    free: Sequence[int],
    diaries: Sequence[Diary],
    *,
    day: Interval,
    count: int = 1,
    places: Sequence[Place] = (),
    keep: Sequence[int] = (),
    named: int | None = None,
    latest: Mapping[int, int] = NEVER,
) -> list[int] | None:
    """Return the best of all working teams of `count`, in order of places, or None when there is none.

    Whoever is `named` is part. Then, one after the other: most of those to `keep`, fewest occupied minutes that
    day together, least recently booked. `latest` maps who was booked before to a number that grows with time; of
    two teams the one whose most recent member waited longer comes first, then the other one's turn counts. Of
    the same two people, the named one takes the first place and kept ones their old place, when wishes allow;
    then the order of the diaries decides. Tries all teams.
    """

    never = min(latest.values(), default=0) - 1

    def order(team: Team) -> tuple[list[int], bool, int, Team]:
        recency = sorted((latest.get(index, never) for index in team), reverse=True)
        moved = sum(index != before for index, before in zip(team, keep, strict=False))
        return recency, named is not None and team[0] != named, moved, team

    leading = _leading(free, diaries, day=day, count=count, places=places, keep=keep, named=named)
    return [*min(leading, key=order)] if leading else None


def tied(
    free: Sequence[int],
    diaries: Sequence[Diary],
    *,
    day: Interval,
    count: int = 1,
    places: Sequence[Place] = (),
    keep: Sequence[int] = (),
    named: int | None = None,
) -> list[int]:
    """Return the therapists whose `latest` decides which team is best, ascending; empty when nothing hangs on it."""
    leading = _leading(free, diaries, day=day, count=count, places=places, keep=keep, named=named)
    people = {frozenset(team) for team in leading}
    return sorted(frozenset.union(*people)) if len(people) > 1 else []


def _leading(
    free: Sequence[int],
    diaries: Sequence[Diary],
    *,
    day: Interval,
    count: int,
    places: Sequence[Place],
    keep: Sequence[int],
    named: int | None,
) -> list[Team]:
    """Return the teams that are best in all but recency."""
    kept = set(keep)
    load = {index: minutes_within(diaries[index].busy, day) for index in free}
    ranked = [
        (sum(index not in kept for index in team), sum(load[index] for index in team), team)
        for team in teams(free, count, places, named=named)
    ]
    best = min(ranked, default=(0, 0, ()))[:2]
    return [team for *rank, team in ranked if tuple(rank) == best]


def plainest_room(rooms: Sequence[RoomDiary], features: Sequence[int], visit: Visit, start: Minute) -> int | None:
    """Return the free room with the fewest features, so that scarce rooms stay free for those who need them.

    `features` counts each room's features. Ties keep the order given. None when no room is free.
    """
    return best_room(rooms, features, visit, start)


def best_room(
    rooms: Sequence[RoomDiary],
    features: Sequence[int],
    visit: Visit,
    start: Minute,
    *,
    usual: Collection[int] = (),
    others: Collection[int] = (),
) -> int | None:
    """Return the free room that is `usual` for who was chosen, else the plainest, else one nobody else works in.

    `features` counts each room's features, so that scarce rooms stay free for those who need them; `others` are
    rooms usual for somebody else. Ties keep the order given. None when no room is free.
    """
    free = [index for index, room in enumerate(rooms) if room_is_free(room, visit, start)]
    return min(free, key=lambda index: (index not in usual, features[index], index in others, index), default=None)
