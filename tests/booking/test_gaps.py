"""Where a visit may start within a free gap: back to back, and where it wastes the least."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.slots import Diary, RoomDiary, Visit, offers, starts
from tests.booking.minutes import LAST, any_diaries, any_visits, instants, rooms

NINE, TEN, ELEVEN, NOON, SIX = (hour * 60 for hour in (9, 10, 11, 12, 18))
thrifty_visits = any_visits.map(lambda visit: replace(visit, therapists=1, fewest_gaps=True))


class TestBackToBack:
    def test_begins_where_the_visit_before_is_cleaned_up(self):
        """U-04: 20 minutes and 5 of clean-up are offered at 10:00, 10:25, 10:50, not at 10:20 and 10:40."""
        visit = Visit(20, 0, 5, step=15, mode="back-to-back")

        found = starts(Diary([(TEN, ELEVEN + 15)]), visit, earliest=0, latest=SIX)

        assert found == [TEN, TEN + 25, TEN + 50]

    def test_does_not_shift_with_notice_or_with_who_looks(self):
        visit, diary = Visit(20, 0, 5, step=15, mode="back-to-back"), Diary([(TEN, NOON)])

        assert starts(diary, visit, earliest=TEN + 1, latest=SIX)[0] == TEN + 25
        assert starts(diary, visit, earliest=0, latest=SIX, first=TEN + 30)[0] == TEN + 50

    def test_begins_again_after_what_is_booked(self):
        visit = Visit(20, 10, 5, step=15, mode="back-to-back")
        diary = Diary([(TEN, NOON)], busy=[(TEN + 3, TEN + 38)])

        assert starts(diary, visit, earliest=0, latest=SIX) == [TEN + 48, TEN + 83]


class TestTheFewestGaps:
    visit = Visit(60, 0, 0, step=30, fewest_gaps=True, smallest_gap=60)

    def test_leave_out_what_leaves_half_an_hour_over(self):
        """A morning from nine to noon takes three visits only when none begins at half past."""
        assert starts(Diary([(NINE, NOON)]), self.visit, earliest=0, latest=SIX) == [NINE, TEN, ELEVEN]

    def test_leave_out_nothing_when_a_gap_that_long_is_of_use(self):
        short = Visit(60, 0, 0, step=30, fewest_gaps=True, smallest_gap=30)

        assert len(starts(Diary([(NINE, NOON)]), short, earliest=0, latest=SIX)) == 5

    def test_offer_the_least_waste_when_there_is_no_start_without(self):
        """From 9:00 to 10:45, every start wastes the same three quarters: all of them stay."""
        quarters = Visit(60, 0, 0, step=15, fewest_gaps=True, smallest_gap=60)
        diary = Diary([(NINE, TEN + 45)])

        assert starts(diary, quarters, earliest=0, latest=SIX) == [NINE, NINE + 15, NINE + 30, NINE + 45]

    def test_offer_what_is_left_when_notice_takes_the_best(self):
        """Till 11:15, nine o'clock wastes nothing, ten a quarter of an hour, half past nine more than an hour."""
        diary = Diary([(NINE, ELEVEN + 15)])

        assert starts(diary, self.visit, earliest=0, latest=SIX) == [NINE]
        assert starts(diary, self.visit, earliest=NINE + 1, latest=SIX) == [TEN]

    def test_are_the_same_whoever_looks_at_a_part_of_them(self):
        diary = Diary([(NINE, ELEVEN + 15)])

        assert starts(diary, self.visit, earliest=0, latest=SIX, first=NINE + 1) == []
        assert starts(diary, self.visit, earliest=NINE + 1, latest=SIX, first=NINE + 10) == [TEN]
        assert starts(diary, self.visit, earliest=NINE + 1, latest=SIX, last=NINE + 40) == []

    @given(any_diaries(), thrifty_visits, st.tuples(instants, instants, instants, instants))
    def test_of_a_window_are_those_of_all_cut_to_it(self, diary, visit, bounds):
        earliest, latest, first, last = bounds
        whole = starts(diary, visit, earliest=earliest, latest=latest)

        cut = starts(diary, visit, earliest=earliest, latest=latest, first=first, last=last)

        assert cut == [start for start in whole if first <= start <= last]

    @given(any_diaries(), thrifty_visits, st.none() | st.lists(rooms, max_size=2), st.tuples(instants, instants))
    def test_once_offered_stay_until_notice_passes_them(self, diary, visit, places, clock):
        before, now = sorted(clock)
        shown = starts(diary, visit, earliest=before, latest=LAST, rooms=places)

        assert {start for start in shown if start >= now} <= {
            *starts(diary, visit, earliest=now, latest=LAST, rooms=places)
        }

    def test_are_a_choice_between_starts_that_have_a_room(self):
        """The first and the last start waste nothing, but then the room is taken."""
        diary, room = Diary([(NINE, TEN + 45)]), RoomDiary([(NINE, NINE + 10), (TEN + 40, ELEVEN)])
        quarters = Visit(60, 0, 0, step=15, fewest_gaps=True, smallest_gap=30)

        assert list(offers([diary], None, quarters, earliest=0, latest=SIX).by_start) == [NINE, NINE + 45]
        assert list(offers([diary], [room], quarters, earliest=0, latest=SIX).by_start) == [NINE + 15, NINE + 30]

    @given(any_diaries(), any_visits, instants)
    def test_are_found_wherever_anything_is(self, diary, visit, earliest):
        alone = replace(visit, therapists=1)

        thrifty = starts(diary, replace(alone, fewest_gaps=True), earliest=earliest, latest=LAST)
        anything = starts(diary, replace(alone, fewest_gaps=False), earliest=earliest, latest=LAST)

        assert set(thrifty) <= set(anything)
        assert bool(thrifty) == bool(anything)

    def test_are_not_asked_of_a_pair(self):
        """Two people's gaps seldom agree: a pair is offered every start."""
        pair = replace(self.visit, therapists=2)

        assert len(offers([Diary([(NINE, NOON)])] * 2, None, pair, earliest=0, latest=SIX).by_start) == 5
