"""The one piece of code that decides what is offered, against asking every minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.slots import Diary, RoomDiary, Visit, free_starts, offers, room_is_free, rooms_free, starts, touches
from tests.booking.minutes import (
    LAST,
    any_diaries,
    any_visits,
    diaries,
    fits,
    instants,
    minutes,
    occupied,
    offered,
    possible,
    room_fits,
    rooms,
    taken,
    visits,
)

NINE, TEN, ELEVEN, NOON, FIVE, SIX = (hour * 60 for hour in (9, 10, 11, 12, 17, 18))


def spread(ranges):
    return {start for first, last in ranges for start in range(first, last + 1)}


class TestFreeStarts:
    @given(taken, visits, instants, instants)
    def test_are_those_at_which_nothing_is_met(self, busy, visit, first, last):
        expected = {start for start in range(first, last + 1) if not occupied(visit, start) & minutes(busy)}

        assert spread(free_starts(busy, visit, first, last)) == expected

    @given(taken, visits, instants, st.integers(0, 8))
    def test_may_leave_out_what_lies_too_early(self, busy, visit, first, skip):
        early = sum(end <= first - visit.before for _, end in busy)

        assert free_starts(busy, visit, first, LAST, skip=min(skip, early)) == free_starts(busy, visit, first, LAST)


class TestStarts:
    @given(diaries, visits, instants, instants)
    def test_are_those_on_the_grid_of_an_opening_that_fit(self, diary, visit, earliest, latest):
        expected = [start for start in range(earliest, latest + 1) if fits(diary, visit, start)]

        assert starts(diary, visit, earliest=earliest, latest=latest) == expected

    @given(any_diaries(), any_visits, instants, instants, st.none() | st.lists(rooms, max_size=2))
    def test_in_every_mode_and_with_limits_are_what_asking_every_minute_gives(
        self, diary, visit, earliest, latest, places
    ):
        expected = [start for start in possible(diary, visit, earliest=earliest, places=places) if start <= latest]

        assert starts(diary, visit, earliest=earliest, latest=latest, rooms=places) == expected

    def test_stay_on_the_grid_of_the_opening_whatever_is_booked(self):
        """U-10: clean-up and bookings do not shift the grid."""
        diary = Diary([(NINE, SIX)], busy=[(NINE, NINE + 70)])

        found = starts(diary, Visit(60, 0, 10, step=30), earliest=0, latest=SIX)

        assert found[0] == NINE + 90
        assert all((start - NINE) % 30 == 0 for start in found)


class TestOffers:
    @given(
        st.lists(diaries, min_size=1, max_size=3),
        st.none() | st.lists(rooms, max_size=3),
        visits,
        instants,
        instants,
    )
    def test_are_what_asking_everybody_at_every_minute_gives(self, people, places, visit, earliest, latest):
        found = offers(people, places, visit, earliest=earliest, latest=latest).by_start

        assert found == offered(people, places, visit, earliest=earliest, latest=latest)
        assert list(found) == sorted(found)

    @given(
        st.lists(any_diaries(), min_size=1, max_size=2),
        st.none() | st.lists(rooms, max_size=2),
        any_visits,
        instants,
        instants,
    )
    def test_in_every_mode_and_with_limits_are_what_asking_every_minute_gives(
        self, people, places, visit, earliest, latest
    ):
        found = offers(people, places, visit, earliest=earliest, latest=latest).by_start

        assert found == offered(people, places, visit, earliest=earliest, latest=latest)

    @given(
        st.lists(any_diaries(), min_size=1, max_size=2),
        st.none() | st.lists(rooms, max_size=2),
        any_visits,
        st.tuples(instants, instants, instants, instants),
    )
    def test_of_a_window_are_the_offers_of_all_cut_to_the_window(self, people, places, visit, bounds):
        """L-04: whoever looks at a day sees of it what whoever looks at the month sees."""
        earliest, latest, first, last = bounds
        whole = offers(people, places, visit, earliest=earliest, latest=latest).by_start

        cut = offers(people, places, visit, earliest=earliest, latest=latest, first=first, last=last).by_start

        assert cut == {start: who for start, who in whole.items() if first <= start <= last}

    @given(st.lists(diaries, min_size=1, max_size=3), st.lists(rooms, max_size=2), visits, instants)
    def test_of_one_start_are_the_offers_of_the_day_at_that_start(self, people, places, visit, start):
        """L-04: what is asked when a start is booked is what was asked when it was shown."""
        day = offers(people, places, visit, earliest=0, latest=LAST).by_start
        one = offers(people, places, visit, earliest=start, latest=start).by_start

        assert one == {known: who for known, who in day.items() if known == start}

    @given(
        st.lists(any_diaries(), min_size=1, max_size=2),
        st.none() | st.lists(rooms, max_size=2),
        any_visits,
        st.lists(instants, min_size=2, max_size=2).map(sorted),
    )
    def test_stay_as_the_clock_runs_and_none_appears(self, people, places, visit, clock):
        """What was shown a while ago can still be booked, until its notice is over. In no mode does a start move."""
        before, now = clock
        shown = offers(people, places, visit, earliest=before, latest=LAST).by_start

        later = offers(people, places, visit, earliest=now, latest=LAST).by_start

        for start, who in shown.items():
            assert start < now or set(who) <= set(later[start])
        if not visit.spares_gaps:
            assert later == {start: who for start, who in shown.items() if start >= now}

    def test_are_none_without_a_room(self):
        """A-04: the therapist is free, no room is."""
        free = Diary([(NINE, SIX)])

        assert not offers([free], [], Visit(60, 0, 0, step=60), earliest=0, latest=SIX).by_start
        assert offers([free], None, Visit(60, 0, 0, step=60), earliest=0, latest=SIX).by_start


class TestRooms:
    @given(st.lists(rooms, max_size=3), visits, instants, instants)
    def test_are_free_when_one_of_them_is(self, places, visit, first, last):
        expected = {start for start in range(first, last + 1) if any(room_fits(room, visit, start) for room in places)}

        assert spread(rooms_free(places, visit, first, last)) == expected

    @given(rooms, visits, instants)
    def test_are_asked_one_by_one_with_the_same_answer(self, room, visit, start):
        assert room_is_free(room, visit, start) == room_fits(room, visit, start)


class TestTouching:
    @given(taken, visits, instants)
    def test_leaves_the_clean_up_out(self, busy, visit, start):
        itself = set(range(start, start + visit.duration))

        assert touches(visit, start, busy) == bool(itself & minutes(busy))


class TestAVisit:
    @pytest.mark.parametrize(
        "wrong", [{"duration": 0}, {"duration": -5}, {"step": 0}, {"before": -1}, {"after": -1}], ids=str
    )
    def test_needs_lengths_that_exist(self, wrong):
        lengths = {"duration": 60, "before": 0, "after": 0, "step": 15} | wrong

        with pytest.raises(ValueError, match="positive duration"):
            Visit(**lengths)

    def test_starts_in_a_way_we_know(self):
        with pytest.raises(ValueError, match="back to back"):
            Visit(60, 0, 0, step=15, mode="whenever")

    def test_asks_of_the_hands_its_minutes_unless_it_says_otherwise(self):
        assert Visit(60, 0, 15, step=15).hands_on == 60
        assert Visit(60, 0, 15, step=15, load=90).hands_on == 90


class TestACase:
    def test_of_a_visit_that_would_run_into_another(self):
        """B-15: 14:00-14:30 is taken; 13:30 and 14:00 are out, 14:30 is in; 17:45 with a visit at 18:00 is out."""
        two = 14 * 60
        diary = Diary([(NINE, 20 * 60)], busy=[(two, two + 30), (SIX, SIX + 60)])

        found = starts(diary, Visit(60, 0, 0, step=15), earliest=0, latest=20 * 60)

        assert not {two - 30, two} & set(found)
        assert two + 30 in found
        assert SIX - 15 not in starts(diary, Visit(45, 0, 0, step=15), earliest=0, latest=20 * 60)

    def test_of_clean_up_on_both_sides(self):
        """U-03: 10-11 with an hour before and after occupies 9-12. U-01: a start inside it is out."""
        visit = Visit(60, 60, 60, step=60)

        assert visit.occupied(TEN) == (NINE, NOON)

        diary = Diary([(NINE, SIX)], busy=[visit.occupied(TEN)])
        assert starts(diary, visit, earliest=0, latest=SIX) == [13 * 60, 14 * 60, 15 * 60, 16 * 60, FIVE]

    def test_of_clean_up_at_closing_time(self):
        """U-07: 60 and 15 minutes of clean-up, closing at 18:00: 17:00 or 16:45, as the location decides."""
        diary = Diary([(NINE, SIX)])

        past_closing = starts(diary, Visit(60, 0, 15, step=15), earliest=0, latest=SIX)
        within = starts(diary, Visit(60, 0, 15, step=15, clean_up_within_hours=True), earliest=0, latest=SIX)

        assert (past_closing[-1], within[-1]) == (FIVE, FIVE - 15)

    def test_of_visits_back_to_back(self):
        """S36: the hour before and the hour after a visit are both offered."""
        diary, room = Diary([(NINE, NOON)], busy=[(TEN, ELEVEN)]), RoomDiary([(TEN, ELEVEN)])

        found = offers([diary], [room], Visit(60, 0, 0, step=60), earliest=0, latest=SIX)

        assert found.by_start == {NINE: [0], ELEVEN: [0]}

    def test_of_a_pair_and_two_therapists(self):
        """A couples visit needs two at the same instant, and lists everyone who could be of the pair."""
        visit = Visit(60, 0, 0, step=60, therapists=2)
        anna, ben = Diary([(NINE, NOON)]), Diary([(TEN, NOON)])

        assert offers([anna, ben], [RoomDiary()], visit, earliest=0, latest=SIX).by_start == {
            TEN: [0, 1],
            ELEVEN: [0, 1],
        }
