"""Who and where, when the client leaves it to the studio."""

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.choice import best_room, best_team, least_loaded, minutes_within, plainest_room, tied
from booking.domain.slots import Diary, RoomDiary, Visit
from tests.booking.minutes import instants, intervals, minutes, room_fits, rooms, taken, visits, working_teams

DAY = (0, 200)
ANNA, BEN, CLARA = range(3)


def people_with(*minutes_booked):
    return [Diary([DAY], busy=[(0, booked)] if booked else []) for booked in minutes_booked]


@st.composite
def questions(draw):
    """Who is free, and what is asked of the team."""
    people = [Diary([DAY], busy=busy) for busy in draw(st.lists(taken, min_size=1, max_size=4))]
    who = st.integers(0, len(people) - 1)
    places = draw(st.lists(st.none() | st.frozensets(who), min_size=1, max_size=2))
    return {
        "free": sorted(draw(st.sets(who))),
        "diaries": people,
        "day": draw(intervals),
        "places": places,
        "count": len(places),
        "keep": draw(st.lists(who, unique=True, max_size=2)),
        "named": draw(st.none() | who),
    }


def load(asked, team):
    return sum(len(minutes(asked["diaries"][one].busy) & minutes([asked["day"]])) for one in team)


def teams_for(asked):
    return working_teams(asked["free"], asked["count"], asked["places"], asked["named"])


class TestMinutesWithin:
    @given(taken, intervals)
    def test_counts_the_minutes_of_that_day(self, busy, day):
        assert minutes_within(busy, day) == len(minutes(busy) & minutes([day]))


class TestTheLeastLoaded:
    @given(st.lists(taken, min_size=1, max_size=5), intervals, st.integers(1, 3), st.data())
    def test_are_those_with_the_fewest_minutes_and_then_the_first(self, busy, day, count, data):
        people = [Diary([DAY], busy=one) for one in busy]
        free = sorted(data.draw(st.sets(st.integers(0, len(people) - 1), min_size=1)))
        load = {index: (len(minutes(busy[index]) & minutes([day])), index) for index in free}

        chosen = least_loaded(free, people, day=day, count=count)

        assert chosen == sorted(free, key=load.__getitem__)[:count]

    def test_are_two_different_ones_for_a_couple(self):
        """A-01: exactly two different therapists."""
        assert least_loaded([ANNA, BEN, CLARA], people_with(60, 0, 30), day=DAY, count=2) == [BEN, CLARA]


class TestTheBestTeam:
    @given(questions(), st.dictionaries(st.integers(0, 3), st.integers(-5, 5)))
    def test_works_and_no_other_that_works_is_better(self, asked, latest):
        working = teams_for(asked)

        chosen = best_team(**asked, latest=latest)

        if not working:
            assert chosen is None
            return
        team = tuple(chosen)
        assert team in working
        rank = {one: (-len({*one} & {*asked["keep"]}), load(asked, one)) for one in working}
        assert rank[team] == min(rank.values())
        waited = {one: sorted((latest.get(index, -9) for index in one), reverse=True) for one in working}
        assert waited[team] == min(waited[one] for one in working if rank[one] == rank[team])

    @given(questions())
    def test_hangs_on_who_was_booked_last_only_when_that_is_said(self, asked):
        asking = tied(**asked)

        chosen = {
            frozenset(best_team(**asked, latest={one: 1 for one in range(4) if one != favourite}) or ())
            for favourite in range(4)
        }

        assert (len(chosen) > 1) <= bool(asking)
        assert set(asking) <= set(asked["free"])
        assert asking == sorted(asking)

    @given(questions())
    def test_is_the_same_whatever_the_others_waited(self, asked):
        asking = tied(**asked)
        latest = {one: one * one % 7 for one in range(4)}

        assert best_team(**asked, latest=latest) == best_team(
            **asked, latest={one: at for one, at in latest.items() if one in asking}
        )

    def test_is_the_least_loaded_that_day(self):
        """A-01: exactly two different therapists, those with the fewest minutes."""
        assert best_team([ANNA, BEN, CLARA], people_with(60, 0, 30), day=DAY, count=2) == [BEN, CLARA]

    def test_takes_turns_when_nobody_has_less_to_do(self):
        """The one never booked first, then who waited longest."""
        alike = people_with(0, 0, 0)

        assert tied([ANNA, BEN, CLARA], alike, day=DAY) == [ANNA, BEN, CLARA]
        assert best_team([ANNA, BEN, CLARA], alike, day=DAY, latest={ANNA: 7, BEN: 3}) == [CLARA]
        assert best_team([ANNA, BEN], alike, day=DAY, latest={ANNA: 7, BEN: 3}) == [BEN]
        assert best_team([ANNA, BEN], alike, day=DAY) == [ANNA]

    def test_is_fair_beside_somebody_fixed(self):
        """A-06: Anna is named every time; the other turn goes round among the rest."""
        alike, seen, latest = people_with(0, 0, 0), [], {}
        for turn in range(4):
            team = best_team([ANNA, BEN, CLARA], alike, day=DAY, count=2, named=ANNA, latest=latest)
            seen.append(team)
            latest |= dict.fromkeys(team, turn)

        assert seen == [[ANNA, BEN], [ANNA, CLARA]] * 2

    def test_keeps_who_it_was_though_others_have_less_to_do(self):
        assert best_team([ANNA, BEN, CLARA], people_with(90, 0, 0), day=DAY, keep=[ANNA]) == [ANNA]

    def test_gives_the_client_the_one_they_named(self):
        """The client's place is the first, the partner's the second, also when the named one is last by slug."""
        alike = people_with(0, 0, 0)

        assert best_team([ANNA, CLARA], alike, day=DAY, count=2, named=CLARA) == [CLARA, ANNA]
        assert best_team([ANNA, CLARA], alike, day=DAY, count=2, keep=[CLARA, ANNA]) == [CLARA, ANNA]

    def test_stands_in_the_order_of_the_wishes(self):
        places = [frozenset({CLARA}), None]

        assert best_team([ANNA, BEN, CLARA], people_with(0, 60, 0), day=DAY, count=2, places=places) == [CLARA, ANNA]

    def test_needs_nobody_to_be_asked_about_when_one_is_free(self):
        assert tied([BEN], people_with(0, 0), day=DAY) == []
        assert tied([ANNA, BEN], people_with(0, 0), day=DAY, count=2) == []


class TestTheBestRoom:
    @given(st.lists(rooms, max_size=4), visits, instants, st.data())
    def test_is_free_and_no_free_one_is_better(self, places, visit, start, data):
        features = data.draw(st.lists(st.integers(0, 3), min_size=len(places), max_size=len(places)))
        some = st.sets(st.integers(0, 3))
        usual, others = data.draw(some), data.draw(some)
        free = [index for index, room in enumerate(places) if room_fits(room, visit, start)]

        chosen = best_room(places, features, visit, start, usual=usual, others=others)

        if not free:
            assert chosen is None
            return
        assert chosen in free
        in_order = [one for one in free if one in usual] or free
        in_order = [one for one in in_order if features[one] == min(features[other] for other in in_order)]
        in_order = [one for one in in_order if one not in others] or in_order
        assert chosen == in_order[0]

    def test_is_where_the_therapist_usually_works(self):
        visit, both = Visit(60, 0, 0, step=15), [RoomDiary(), RoomDiary()]

        assert best_room(both, [0, 2], visit, 100, usual={1}) == 1
        assert best_room(both, [0, 0], visit, 100, others={0}) == 1
        assert best_room(both, [0, 2], visit, 100, others={0}) == 0

    @given(st.lists(rooms, max_size=4), visits, instants, st.data())
    def test_is_the_plainest_when_nobody_has_a_usual_one(self, places, visit, start, data):
        features = data.draw(st.lists(st.integers(0, 3), min_size=len(places), max_size=len(places)))

        assert plainest_room(places, features, visit, start) == best_room(places, features, visit, start)

    def test_keeps_the_couples_room_for_couples(self):
        assert plainest_room([RoomDiary(), RoomDiary()], [1, 0], Visit(60, 0, 0, step=15), 100) == 1
