"""Half-open intervals against sets of minutes."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.intervals import instant_of, merged, minute_after, minute_of, overlaps, subtract
from tests.booking.minutes import any_interval, intervals, minutes

LONG_AGO, LONG_AHEAD = datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2100-01-01")
many = st.lists(any_interval, max_size=8)


class TestSubtracting:
    @given(any_interval, many)
    def test_is_set_difference(self, base, taken):
        assert minutes(subtract(base, taken)) == minutes([base]) - minutes(taken)

    @given(any_interval, many)
    def test_leaves_ascending_disjoint_stretches_and_none_empty(self, base, taken):
        left = subtract(base, taken)

        assert all(start < end for start, end in left)
        assert all(one[1] < other[0] for one, other in pairwise(left))


class TestMerging:
    @given(many)
    def test_keeps_every_minute_and_adds_none(self, found):
        assert minutes(merged(found)) == minutes(found)

    @given(many)
    def test_leaves_no_two_that_touch_and_none_empty(self, found):
        result = merged(found)

        assert all(start < end for start, end in result)
        assert all(one[1] < other[0] for one, other in pairwise(result))

    @given(many)
    def test_twice_is_once(self, found):
        assert merged(merged(found)) == merged(found)


class TestOverlapping:
    @given(any_interval, any_interval)
    def test_is_sharing_a_minute(self, one, other):
        assert overlaps(one, other) == bool(minutes([one]) & minutes([other]))

    @given(intervals, st.integers(1, 60))
    def test_is_not_touching(self, one, length):
        """S36: 10:00-11:00 and 11:00-12:00 both fit."""
        assert not overlaps(one, (one[1], one[1] + length))


class TestAMinute:
    @given(st.datetimes(LONG_AGO, LONG_AHEAD), st.integers(-14, 14))
    def test_is_the_same_in_every_zone(self, wall_clock, hours):
        instant = wall_clock.replace(tzinfo=timezone(timedelta(hours=hours)))

        assert minute_of(instant) == minute_of(instant.astimezone(UTC))

    @given(st.integers(-1_000_000, 100_000_000))
    def test_comes_back_from_its_instant(self, minute):
        assert minute_of(instant_of(minute)) == minute_after(instant_of(minute)) == minute

    @given(st.integers(0, 100_000_000), st.integers(1, 59_999_999))
    def test_begun_is_rounded_down_or_up(self, minute, microseconds):
        within = instant_of(minute) + timedelta(microseconds=microseconds)

        assert (minute_of(within), minute_after(within)) == (minute, minute + 1)

    def test_needs_a_zone(self):
        with pytest.raises(ValueError, match="needs a time zone"):
            minute_of(datetime(2026, 12, 1, 9, 0))  # noqa: DTZ001 - naive on purpose
