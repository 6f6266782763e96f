"""Notice, horizon and deadline: elapsed time but for the horizon, which is a day on the calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.policy import change_until, earliest_start, last_day, may_change

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


class TestTheDeadline:
    """C-06: at 23 h 59 min 59 s before the start it has passed, at 24 h 00 min 00 s it has not."""

    @pytest.mark.parametrize(
        ("ahead", "may"),
        [
            (A_DAY + timedelta(seconds=1), True),
            (A_DAY, True),
            (A_DAY - timedelta(seconds=1), False),
            (A_DAY - timedelta(microseconds=1), False),
            (timedelta(0), False),
        ],
        ids=str,
    )
    def test_includes_its_own_instant(self, ahead, may):
        assert may_change(START - ahead, until=change_until(START, deadline_minutes=24 * 60)) is may

    @pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2027, 10, 31)], ids=str)
    def test_is_elapsed_time_over_a_clock_change(self, sunday):
        """T-20: 24 hours are 24 hours on both Sundays."""
        start = datetime(sunday.year, sunday.month, sunday.day, 12, 0, tzinfo=BERLIN)

        assert start.astimezone(UTC) - change_until(start.astimezone(UTC), deadline_minutes=24 * 60) == A_DAY


class TestNotice:
    @given(st.integers(0, 100_000))
    def test_is_elapsed_time(self, minutes):
        assert earliest_start(START, notice_minutes=minutes) - START == timedelta(minutes=minutes)


class TestTheHorizon:
    @pytest.mark.parametrize(
        ("now", "zone", "last"),
        [
            (datetime(2026, 12, 1, 22, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 12, 31)),
            (datetime(2026, 12, 1, 23, 0, tzinfo=UTC), "Europe/Berlin", date(2027, 1, 1)),
            (datetime(2026, 12, 2, 4, 59, tzinfo=UTC), "America/New_York", date(2026, 12, 31)),
        ],
    )
    def test_is_counted_from_the_local_date(self, now, zone, last):
        assert last_day(now, horizon_days=30, zone=zone) == last
