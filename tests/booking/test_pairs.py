"""Who can be part of a couples visit, each place wished for by its own client, against trying all ordered teams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.slots import Diary, RoomDiary, Visit, offers
from booking.domain.teams import team_members, teams
from tests.booking.minutes import any_diaries, any_visits, instants, offered, rooms, working_teams

NINE, TEN, ELEVEN, NOON = (hour * 60 for hour in (9, 10, 11, 12))
who = st.integers(0, 6)
free = st.sets(who).map(sorted)
wishes = st.lists(st.none() | st.frozensets(who), min_size=1, max_size=2)
named = st.none() | who
PAIR = Visit(60, 0, 0, step=60, therapists=2)


class TestTheMembers:
    @given(free, wishes, named)
    def test_are_those_of_some_team_that_works(self, free, wishes, named):
        expected = {one for team in working_teams(free, len(wishes), wishes, named) for one in team}

        assert team_members(free, wishes, named=named) == sorted(expected)

    @given(free, wishes, named)
    def test_come_from_the_teams_that_are_tried_when_one_is_chosen(self, free, wishes, named):
        assert list(teams(free, len(wishes), wishes, named=named)) == working_teams(free, len(wishes), wishes, named)

    @pytest.mark.parametrize("places", [[], [None, None, None]], ids=len)
    def test_are_for_one_place_or_two(self, places):
        with pytest.raises(ValueError, match="one place or two"):
            team_members([0, 1, 2], places)


class TestOffersForWishes:
    @given(
        st.lists(any_diaries(), min_size=1, max_size=3),
        st.none() | st.lists(rooms, max_size=1),
        any_visits,
        st.data(),
        instants,
    )
    def test_are_what_trying_all_teams_at_every_minute_gives(self, people, places, visit, data, earliest):
        wish = st.none() | st.frozensets(st.integers(0, len(people) - 1))
        wishes = data.draw(st.just([]) | st.lists(wish, min_size=visit.therapists, max_size=visit.therapists))
        named = data.draw(st.none() | st.integers(0, len(people)))
        asked = {"earliest": earliest, "latest": 200, "named": named}

        found = offers(people, places, visit, places=wishes, **asked).by_start

        assert found == offered(people, places, visit, wishes=wishes, **asked)

    def test_need_two_different_people(self):
        """A-01: Anna alone cannot be both, whoever is wished for."""
        anna, ben = Diary([(NINE, NOON)]), Diary([(TEN, ELEVEN)])
        only_anna = frozenset({0})

        both = offers([anna, ben], [RoomDiary()], PAIR, earliest=0, latest=NOON, places=[only_anna, only_anna])
        either = offers([anna, ben], [RoomDiary()], PAIR, earliest=0, latest=NOON, places=[only_anna, None])

        assert both.by_start == {}
        assert either.by_start == {TEN: [0, 1]}

    def test_leave_out_who_is_free_but_in_no_team(self):
        """He asks for a man, she for Anna: Clara is free and of no use."""
        anna, ben, clara = (Diary([(NINE, TEN)]) for _ in range(3))

        found = offers([anna, ben, clara], None, PAIR, earliest=0, latest=NOON, places=[frozenset({1}), frozenset({0})])

        assert found.by_start == {NINE: [0, 1]}

    def test_turn_on_who_is_named(self):
        """A-06: with Anna fixed, everybody else who is free beside her stays in the running."""
        anna, ben, clara = Diary([(NINE, ELEVEN)]), Diary([(NINE, NOON)]), Diary([(NINE, NOON)])

        found = offers([anna, ben, clara], None, PAIR, earliest=0, latest=NOON, named=0)

        assert found.by_start == {NINE: [0, 1, 2], TEN: [0, 1, 2]}

    def test_need_a_place_for_each_therapist(self):
        with pytest.raises(ValueError, match="a place for each"):
            offers([Diary([(NINE, NOON)])], None, PAIR, earliest=0, latest=NOON, places=[None])
