"""Visits that come again, against looking at the clock on the wall."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.hours import instant, wall_clock
from booking.domain.intervals import instant_of, minute_of
from booking.domain.series import occurrences, shifted

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
zones = st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "UTC"])
dates = st.dates(date(2026, 1, 1), date(2028, 12, 31))
# Clocks change at night everywhere: by day every wall time exists once.
by_day = st.times(time(6), time(20)).map(lambda at: at.replace(second=0, microsecond=0))


def shown(starts, zone):
    return [wall_clock(instant_of(start), zone) for start in starts]


class TestASeries:
    @given(dates, by_day, zones, st.integers(1, 6), st.integers(1, 30))
    def test_comes_at_the_same_time_on_the_wall(self, on, at, zone, every_weeks, times):
        found = occurrences(on, at, zone, every_weeks=every_weeks, times=times)

        assert shown(found, zone) == [
            datetime.combine(on, at) + timedelta(days=7 * every_weeks * number) for number in range(times)
        ]

    @pytest.mark.parametrize(
        ("zone", "on", "in_utc"),
        [
            (BERLIN, date(2027, 3, 14), [9, 9, 8, 8]),
            (BERLIN, date(2026, 10, 11), [8, 8, 9, 9]),
            (NEW_YORK, date(2027, 2, 28), [15, 15, 14, 14]),
            (NEW_YORK, date(2026, 10, 18), [14, 14, 15, 15]),
        ],
        ids=str,
    )
    def test_stays_at_ten_over_a_clock_change(self, zone, on, in_utc):
        """T-07: weekly at 10:00, also on the very Sunday, while UTC says something else."""
        found = occurrences(on, time(10), zone, every_weeks=1, times=4)

        assert {wall.time() for wall in shown(found, zone)} == {time(10)}
        assert [instant_of(start).hour for start in found] == in_utc

    def test_in_a_skipped_hour_is_an_hour_later_that_once(self):
        found = occurrences(date(2027, 3, 21), time(2, 30), BERLIN, every_weeks=1, times=3)

        assert [wall.time() for wall in shown(found, BERLIN)] == [time(2, 30), time(3, 30), time(2, 30)]

    @pytest.mark.parametrize("wrong", [{"every_weeks": 0, "times": 3}, {"every_weeks": 1, "times": 0}], ids=str)
    def test_comes_at_all(self, wrong):
        with pytest.raises(ValueError, match="at least once"):
            occurrences(date(2027, 3, 21), time(10), BERLIN, **wrong)


class TestThisAndLater:
    @given(dates, by_day, zones, dates, by_day, st.integers(2, 12))
    def test_move_by_the_same_days_and_time_of_day(self, on, at, zone, other_on, other_at, times):
        first, *later = occurrences(on, at, zone, every_weeks=1, times=times)
        moved_to = minute_of(instant(other_on, other_at, zone))

        found = shifted(later, zone, moved_from=first, moved_to=moved_to)

        assert [moved_to, *found] == occurrences(other_on, other_at, zone, every_weeks=1, times=times)

    def test_keep_to_the_new_time_over_a_clock_change(self):
        """T-07: from Tuesday 10:00 to Wednesday 11:30, before and after clocks go back."""
        first, *later = occurrences(date(2026, 10, 20), time(10), BERLIN, every_weeks=1, times=3)
        moved_to = minute_of(instant(date(2026, 10, 21), time(11, 30), BERLIN))

        found = shifted(later, BERLIN, moved_from=first, moved_to=moved_to)

        assert [f"{wall:%a %H:%M}" for wall in shown(found, BERLIN)] == ["Wed 11:30", "Wed 11:30"]

    def test_that_was_moved_before_keeps_its_difference(self):
        first, second = occurrences(date(2026, 6, 2), time(10), BERLIN, every_weeks=1, times=2)

        assert shifted([second + 240], BERLIN, moved_from=first, moved_to=first + 30) == [second + 270]

    def test_stay_when_nothing_moved(self):
        """Also in the hour that is shown twice, of which another look at the clock would find the first."""
        second_half_past_two = minute_of(instant(date(2026, 10, 25), time(2, 30), BERLIN)) + 60
        first = minute_of(instant(date(2026, 10, 18), time(10), BERLIN))

        assert shifted([second_half_past_two], BERLIN, moved_from=first, moved_to=first) == [second_half_past_two]
