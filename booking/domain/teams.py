"""Who can be part of a visit that takes one therapist or two, each wished for by their own client.

A place is one client's wish: the positions of the therapists who may take it, or None when anybody may. A team
fills every place with another therapist.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

Place = frozenset[int] | None

FIRST, SECOND = 1, 2  # bits: which of the two places somebody may take


def may_take(place: Place, index: int) -> bool:
    return place is None or index in place


def roles(count: int, places: Sequence[Place]) -> list[int]:
    """Return, for each of `count` therapists, the bits of the places they may take.

    Raises ValueError unless there are one or two places.
    """
    if len(places) not in {1, 2}:
        raise ValueError("a visit with wishes has one place or two")
    return [sum(1 << number for number, place in enumerate(places) if may_take(place, index)) for index in range(count)]


def team_members(who: Sequence[int], places: Sequence[Place], *, named: int | None = None) -> list[int]:
    """Return those of `who` who are part of some team of them, in the same order; `named` is part of each team.

    Raises ValueError unless there are one or two places.
    """
    if len(places) == 1:
        roles(0, places)
        return [index for index in who if may_take(places[0], index) and named in {None, index}]
    return members_by_role(who, roles(max(who, default=-1) + 1, places), named=named)


def members_by_role(who: Sequence[int], role_of: Sequence[int], *, named: int | None = None) -> list[int]:
    """Return those of `who` who are part of some pair. Counts instead of trying pairs: this runs for every start."""
    if named is not None:
        if named not in who:
            return []
        partners = [index for index in who if index != named and _are_a_pair(role_of[index], role_of[named])]
        members = {named, *partners} if partners else set()
        return [index for index in who if index in members]
    firsts = sum(role_of[index] & FIRST for index in who)
    seconds = sum(role_of[index] >> 1 for index in who)
    # Whoever may take a place needs somebody else for the other one; who may take both is counted in both.
    useful = {
        0: False,
        FIRST: seconds > 0,
        SECOND: firsts > 0,
        FIRST | SECOND: firsts > 1 or seconds > 1,
    }
    return [index for index in who if useful[role_of[index]]]


def _are_a_pair(one: int, other: int) -> bool:
    return bool((one & FIRST and other & SECOND) or (one & SECOND and other & FIRST))


def teams(
    free: Sequence[int], count: int, places: Sequence[Place], *, named: int | None = None
) -> Iterator[tuple[int, ...]]:
    """Yield every team of `count`, in order of places; without `places` anybody may take any."""
    for team in permutations(free, count):
        fills = all(may_take(place, index) for place, index in zip(places, team, strict=True)) if places else True
        if fills and (named is None or named in team):
            yield team
