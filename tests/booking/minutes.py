"""A universe of 200 minutes, small enough to collide, and answers too simple to be wrong: sets of minutes."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from booking.domain.intervals import Interval
from booking.domain.slots import Diary, RoomDiary, Visit

LAST = 200
instants = st.integers(0, LAST)
any_interval = st.tuples(instants, instants)  # some are empty, some end before they start
intervals = any_interval.map(lambda pair: (min(pair), max(pair)))


def minutes(found: Iterable[Interval]) -> set[int]:
    return {minute for start, end in found for minute in range(start, end)}


def _in_pairs(cuts: list[int]) -> list[Interval]:
    ordered = sorted(cuts)
    return [(start, end) for start, end in zip(ordered[::2], ordered[1::2], strict=False) if start < end]


# Ascending and disjoint, as appointments of one therapist are; some touch.
taken = st.lists(instants, max_size=8).map(_in_pairs)
# Ascending; spans of one day may overlap, and each is the anchor of its own grid.
openings = st.lists(intervals.filter(lambda one: one[0] < one[1]), min_size=1, max_size=3).map(sorted)
away = st.lists(intervals, max_size=2).map(sorted)

diaries = st.builds(Diary, openings=openings, away=away, busy=taken)
rooms = st.builds(RoomDiary, busy=taken)
visits = st.builds(
    Visit,
    duration=st.integers(1, 60),
    before=st.integers(0, 20),
    after=st.integers(0, 20),
    step=st.integers(1, 45),
    therapists=st.integers(1, 2),
    clean_up_within_hours=st.booleans(),
)


def occupied(visit: Visit, start: int) -> set[int]:
    return set(range(start - visit.before, start + visit.duration + visit.after))


def fits(diary: Diary, visit: Visit, start: int) -> bool:
    """Say whether `start` stands on the grid of an opening that has room, and nothing else is there."""
    itself = set(range(start, start + visit.duration))
    bounded = occupied(visit, start) if visit.clean_up_within_hours else itself
    return not occupied(visit, start) & minutes(diary.busy) and any(
        (start - opening[0]) % visit.step == 0 and bounded <= minutes([opening]) - minutes(diary.away)
        for opening in diary.openings
    )


def room_fits(room: RoomDiary, visit: Visit, start: int) -> bool:
    return not occupied(visit, start) & minutes(room.busy)


def offered(
    people: Sequence[Diary], places: Sequence[RoomDiary] | None, visit: Visit, *, earliest: int, latest: int
) -> dict[int, list[int]]:
    """Return who could serve the visit at each start, by asking everybody at every minute."""
    found = {}
    for start in range(earliest, latest + 1):
        who = [index for index, diary in enumerate(people) if fits(diary, visit, start)]
        has_room = places is None or any(room_fits(room, visit, start) for room in places)
        if len(who) >= visit.therapists and has_room:
            found[start] = who
    return found
