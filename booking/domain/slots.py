"""When a visit fits: the one piece of code that decides what is offered and what is accepted.

Everything is in minutes since the epoch, UTC, half-open. A visit occupies its clean-up before, its duration and
its clean-up after. Openings bound the visit itself; whether they bound the clean-up too is the location's choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from booking.domain.diary import Diary, RoomDiary, Visit
from booking.domain.intervals import Minute
from booking.domain.starts import (
    cut,
    fitting,
    free_starts,
    room_is_free,
    rooms_free,
    rooms_while_open,
    starts,
    touches,
    within,
)
from booking.domain.teams import Place, members_by_role, roles

__all__ = [
    "Diary",
    "Offers",
    "RoomDiary",
    "Visit",
    "free_starts",
    "offers",
    "room_is_free",
    "rooms_free",
    "starts",
    "touches",
]


@dataclass(frozen=True, slots=True)
class Offers:
    """Who can serve a visit at which start; `by_start` ascending, therapists in the order of the diaries."""

    by_start: dict[Minute, list[int]] = field(default_factory=dict)


def offers(
    diaries: Sequence[Diary],
    rooms: Sequence[RoomDiary] | None,
    visit: Visit,
    *,
    earliest: Minute,
    latest: Minute,
    first: Minute | None = None,
    last: Minute | None = None,
    places: Sequence[Place] = (),
    named: int | None = None,
) -> Offers:
    """Return every start in [earliest, latest], cut to [first, last], at which a team and a room are free together.

    `rooms` None means that the service needs no room. Indexes in the answer are positions in `diaries`: everyone
    who is part of some working team. `places` says for each place of the visit who may take it, `named` who must
    be part. Raises ValueError for places unless there is one for each of at most two therapists.
    """
    wanted = cut(earliest, latest, first, last)
    roles_of = _roles(len(diaries), visit, places)
    only = named if visit.therapists == 1 else None
    roomy = rooms_while_open(rooms, diaries, visit) if visit.spares_gaps else None
    by_start: dict[Minute, list[int]] = {}
    for index, diary in enumerate(diaries):
        if not roles_of[index] or only not in {None, index}:
            continue
        for start in fitting(diary, visit, wanted, earliest=earliest, roomy=roomy):
            if start in by_start:
                by_start[start].append(index)
            else:
                by_start[start] = [index]
    if visit.therapists > 1:
        by_start = _teams_only(by_start, visit, places, roles_of, named)
    ascending = sorted(by_start)
    if rooms is not None and roomy is None:
        ascending = within(ascending, rooms_free(rooms, visit, *wanted))
    return Offers({start: by_start[start] for start in ascending})


def _roles(count: int, visit: Visit, places: Sequence[Place]) -> list[int]:
    if not places:
        return [1] * count
    if len(places) != visit.therapists:
        raise ValueError("a visit has a place for each therapist")
    return roles(count, places)


def _teams_only(
    by_start: dict[Minute, list[int]],
    visit: Visit,
    places: Sequence[Place],
    roles_of: Sequence[int],
    named: int | None,
) -> dict[Minute, list[int]]:
    if any(place is not None for place in places):
        teams = ((start, members_by_role(who, roles_of, named=named)) for start, who in by_start.items())
        return {start: who for start, who in teams if who}
    return {
        start: who
        for start, who in by_start.items()
        if len(who) >= visit.therapists and (named is None or named in who)
    }
