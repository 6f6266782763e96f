"""What a therapist's hands can do, against inserting the visit and adding up."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.diary import Diary, Visit
from booking.domain.hours import calendar, instant, local_day
from booking.domain.intervals import ALWAYS, minute_of
from booking.domain.slots import starts
from booking.domain.workload import Calendar, Limits, too_much, without_rest
from tests.booking.minutes import CALENDAR, hands, limits, loads, stretch_stays_short, sums_stay_low

EVERYWHERE = range(-100, 300)
NINE, TEN, ELEVEN, NOON, SIX = (hour * 60 for hour in (9, 10, 11, 12, 18))
DAY = [(0, 1440)]
HOUR = Visit(60, 0, 0, step=30)


def held_in(intervals, start):
    return any(since <= start < until for since, until in intervals)


class TestTooMuch:
    @given(hands, loads, limits)
    def test_is_what_the_sums_of_day_and_week_say(self, before, load, bound):
        found = too_much(before, load=load, limits=bound, calendar=CALENDAR)

        for start in EVERYWHERE:
            assert held_in(found, start) != sums_stay_low(CALENDAR, bound, before, (start, start + 1, load))

    @given(hands, loads, limits)
    def test_is_told_in_merged_stretches(self, before, load, bound):
        found = too_much(before, load=load, limits=bound, calendar=CALENDAR)

        assert all(since < until for since, until in found)
        assert all(one[1] < other[0] for one, other in pairwise(found))

    def test_begins_after_the_last_minute_allowed(self):
        bound, before = Limits(a_day=120), [(NINE, TEN, 60)]

        assert too_much(before, load=60, limits=bound, calendar=Calendar(DAY)) == []
        assert too_much(before, load=61, limits=bound, calendar=Calendar(DAY)) == DAY

    def test_counts_a_visit_for_the_day_it_starts_in(self):
        """A visit over midnight is the work of the evening, not of the morning."""
        days = [(0, 1440), (1440, 2880)]

        full = too_much([(1410, 1470, 60)], load=60, limits=Limits(a_day=60), calendar=Calendar(days))

        assert full == [days[0]]

    def test_in_a_week_leaves_the_next_week_free(self):
        week = calendar(date(2027, 3, 24), date(2027, 3, 31), "Europe/Berlin")
        sunday = minute_of(instant(date(2027, 3, 28), time(18), "Europe/Berlin"))

        full = too_much([(sunday, sunday + 60, 600)], load=60, limits=Limits(a_week=600), calendar=week)

        assert full == [week.weeks[0]]


class TestWithoutRest:
    @given(hands, st.integers(1, 60), loads, limits)
    def test_is_what_the_stretch_with_the_visit_says(self, before, duration, load, bound):
        found = without_rest(before, duration=duration, load=load, limits=bound)

        for start in EVERYWHERE:
            assert held_in(found, start) != stretch_stays_short(bound, before, (start, start + duration, load))

    @given(hands, st.integers(1, 60), loads, limits)
    def test_is_told_in_merged_stretches(self, before, duration, load, bound):
        found = without_rest(before, duration=duration, load=load, limits=bound)

        assert all(since < until for since, until in found)
        assert all(one[1] < other[0] for one, other in pairwise(found))

    def test_is_never_a_visit_that_alone_is_too_long(self):
        assert without_rest([], duration=90, load=90, limits=Limits(longest_stretch=60)) == [ALWAYS]

    def test_ends_when_the_rest_is_long_enough(self):
        """Two hours at a time and half an hour of rest: after 9 to 11, the next visit is at 11:30."""
        diary = Diary(
            [(NINE, SIX)],
            busy=[(NINE, ELEVEN)],
            hands=[(NINE, ELEVEN, 120)],
            limits=Limits(longest_stretch=120, rest=30),
        )

        assert starts(diary, HOUR, earliest=0, latest=NOON) == [ELEVEN + 30, NOON]

    def test_counts_what_the_visit_would_join(self):
        """An hour between two others makes three of them one."""
        diary = Diary(
            [(NINE, NOON)],
            busy=[(NINE, TEN), (ELEVEN, NOON)],
            hands=[(NINE, TEN, 60), (ELEVEN, NOON, 60)],
            limits=Limits(longest_stretch=150),
        )

        assert starts(diary, HOUR, earliest=0, latest=SIX) == []


class TestAHardTechnique:
    def test_weighs_more_than_its_minutes(self):
        """Ninety weighted minutes in an hour: one fits into a day of two hours, two do not."""
        deep = Visit(60, 0, 0, step=60, load=90)
        limits = Limits(a_day=120)

        fresh = Diary([(NINE, NOON)], limits=limits, calendar=Calendar(DAY))
        after_one = Diary([(NINE, NOON)], limits=limits, hands=[(NINE, TEN, 90)], calendar=Calendar(DAY))

        assert starts(fresh, deep, earliest=0, latest=SIX) == [NINE, TEN, ELEVEN]
        assert starts(after_one, deep, earliest=0, latest=SIX) == []


class TestALimit:
    @pytest.mark.parametrize("limit", [{"a_day": 300}, {"a_week": 300}], ids=str)
    def test_on_days_or_weeks_needs_to_know_them(self, limit):
        with pytest.raises(ValueError, match="needs to know"):
            Diary([(NINE, SIX)], limits=Limits(**limit))


class TestACalendar:
    @pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
    @given(on=st.dates(date(2026, 1, 1), date(2028, 1, 1)), length=st.integers(0, 40))
    def test_holds_whole_weeks_of_local_days_around_the_dates(self, zone, on, length):
        until = on + timedelta(days=length)

        known = calendar(on, until, zone)

        assert all(one[1] == other[0] for spans in (known.days, known.weeks) for one, other in pairwise(spans))
        assert known.span == (known.weeks[0][0], known.weeks[-1][1]) == (known.days[0][0], known.days[-1][1])
        assert len(known.days) == 7 * len(known.weeks)
        assert known.span[0] <= local_day(on - timedelta(days=1), zone)[0]
        assert known.span[1] >= local_day(until + timedelta(days=1), zone)[1]
        assert len(known.days) <= length + 3 + 12

    def test_begins_its_weeks_on_monday(self):
        known = calendar(date(2027, 3, 28), date(2027, 3, 28), "Europe/Berlin")

        monday, next_monday = date(2027, 3, 22), date(2027, 3, 29)
        assert [week[0] for week in known.weeks] == [local_day(on, "Europe/Berlin")[0] for on in (monday, next_monday)]

    def test_that_is_empty_spans_nothing(self):
        assert Calendar().span == (0, 0)
