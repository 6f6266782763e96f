"""A universe of 200 minutes, small enough to collide, and answers too simple to be wrong: sets of minutes."""

from collections.abc import Iterable, Sequence
from itertools import permutations

from hypothesis import strategies as st

from booking.domain.diary import Diary, RoomDiary, Visit
from booking.domain.intervals import Interval
from booking.domain.workload import Calendar, Hands, Limits

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
lengths = {
    "duration": st.integers(1, 60),
    "before": st.integers(0, 20),
    "after": st.integers(0, 20),
    "step": st.integers(1, 45),
    "therapists": st.integers(1, 2),
    "clean_up_within_hours": st.booleans(),
}
visits = st.builds(Visit, **lengths)

# The same with limits and modes. Days of forty minutes and weeks of three of them; the last week is cut short.
CALENDAR = Calendar([(n, n + 40) for n in range(-40, 240, 40)], [(-40, 80), (80, 200), (200, 240)])
loads = st.integers(0, 90)
limits = st.builds(
    Limits,
    longest_stretch=st.none() | st.integers(0, 150),
    rest=st.integers(0, 30),
    a_day=st.none() | st.integers(0, 100),
    a_week=st.none() | st.integers(0, 200),
)
hands = st.lists(st.tuples(instants, loads), max_size=10, unique_by=lambda pair: pair[0]).map(
    lambda cuts: [(start, end, load) for (start, load), (end, _) in zip(*[iter(sorted(cuts))] * 2, strict=False)]
)


@st.composite
def any_diaries(draw: st.DrawFn) -> Diary:
    """With limits or without; some of what occupies them is only held; hands on whatever their diary says."""
    busy = draw(taken)
    held = draw(st.lists(st.sampled_from(busy), unique=True)) if busy else []
    bound = draw(st.none() | limits)
    return Diary(draw(openings), draw(away), busy, held, bound, draw(hands) if bound else (), CALENDAR)


any_visits = st.builds(
    Visit,
    **lengths,
    load=st.none() | loads,
    mode=st.sampled_from(["step", "back-to-back"]),
    fewest_gaps=st.booleans(),
    smallest_gap=st.integers(0, 60),
)


def occupied(visit: Visit, start: int) -> set[int]:
    return set(range(start - visit.before, start + visit.duration + visit.after))


def fits(diary: Diary, visit: Visit, start: int) -> bool:
    """Say whether `start` stands on the grid of an opening that has room, and nothing else is there."""
    return any(
        (start - opening[0]) % visit.step == 0 for opening in diary.openings if _holds(diary, visit, opening, start)
    )


def _holds(diary: Diary, visit: Visit, opening: Interval, start: int) -> bool:
    itself = set(range(start, start + visit.duration))
    bounded = occupied(visit, start) if visit.clean_up_within_hours else itself
    is_free = not occupied(visit, start) & minutes(diary.busy)
    return is_free and bounded <= minutes([opening]) - minutes(diary.away)


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def sums_stay_low(calendar: Calendar, limits: Limits, before: Sequence[Hands], visit: Hands) -> bool:
    """Insert the visit and add up the day and the week it starts in."""
    every = [*before, visit]
    return all(
        sum(load for start, _, load in every if since <= start < until) <= most
        for most, spans in ((limits.a_day, calendar.days), (limits.a_week, calendar.weeks))
        for since, until in spans
        if most is not None and since <= visit[0] < until
    )


def stretch_stays_short(limits: Limits, before: Sequence[Hands], visit: Hands) -> bool:
    """Insert the visit, and take in whoever is nearer than the rest until nobody is."""
    stretch, others = [visit], list(before)
    for _ in before:
        for other in list(others):
            if any(max(one[0] - other[1], other[0] - one[1]) < max(limits.rest, 1) for one in stretch):
                stretch.append(other)
                others.remove(other)
    return limits.longest_stretch is None or sum(load for _, _, load in stretch) <= limits.longest_stretch


def hands_can(diary: Diary, visit: Visit, start: int) -> bool:
    if diary.limits is None:
        return True
    work = (start, start + visit.duration, visit.duration if visit.load is None else visit.load)
    return sums_stay_low(diary.calendar, diary.limits, diary.hands, work) and stretch_stays_short(
        diary.limits, diary.hands, work
    )


def waste(gap: Sequence[int], start: int, smallest: int) -> int:
    idle = (start - gap[0], gap[-1] - start)
    return sum(minutes for minutes in idle if 0 < minutes < smallest)


def possible(diary: Diary, visit: Visit, *, earliest: int = 0, places: Sequence[RoomDiary] | None = None) -> list[int]:
    """Return each start from `earliest` on at which the therapist can, by asking every minute of every opening."""
    found = set()
    for opening in diary.openings:
        for gap in _runs(start for start in range(LAST + 1) if _holds(diary, visit, opening, start)):
            back_to_back = visit.mode == "back-to-back"
            anchor, step = (gap[0], len(occupied(visit, 0))) if back_to_back else (opening[0], visit.step)
            starts = [
                one for one in gap if (one - anchor) % step == 0 and one >= earliest and hands_can(diary, visit, one)
            ]
            if visit.fewest_gaps and visit.therapists == 1:
                starts = [one for one in starts if has_room(places, visit, one)]
                least = min((waste(gap, one, visit.smallest_gap) for one in starts), default=0)
                starts = [one for one in starts if waste(gap, one, visit.smallest_gap) == least]
            found.update(starts)
    return sorted(found)


def room_fits(room: RoomDiary, visit: Visit, start: int) -> bool:
    return not occupied(visit, start) & minutes(room.busy)


def has_room(places: Sequence[RoomDiary] | None, visit: Visit, start: int) -> bool:
    return places is None or any(room_fits(room, visit, start) for room in places)


def working_teams(
    free: Iterable[int], count: int, wishes: Sequence[frozenset[int] | None] = (), named: int | None = None
) -> list[tuple[int, ...]]:
    """Return all ordered teams, by trying them."""
    return [
        team
        for team in permutations(free, count)
        if (named is None or named in team)
        and all(wish is None or one in wish for one, wish in zip(team, wishes or [None] * count, strict=True))
    ]


def offered(
    people: Sequence[Diary],
    places: Sequence[RoomDiary] | None,
    visit: Visit,
    *,
    earliest: int,
    latest: int,
    wishes: Sequence[frozenset[int] | None] = (),
    named: int | None = None,
) -> dict[int, list[int]]:
    """Return who could be of a team that serves the visit at each start, by asking everybody at every minute."""
    found = {}
    can = [set(possible(diary, visit, earliest=earliest, places=places)) for diary in people]
    for start in range(earliest, latest + 1):
        free = [index for index, theirs in enumerate(can) if start in theirs]
        members = {one for team in working_teams(free, visit.therapists, wishes, named) for one in team}
        if members and has_room(places, visit, start):
            found[start] = sorted(members)
    return found
