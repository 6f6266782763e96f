"""When a rule is due, over clock changes: messaging.md checks 67 and 68."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import reminders
from notifications.models import ReminderRule
from tests.notifications.stage import (
    DAY,
    HOUR,
    VISIT,
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def due(start_at: datetime, zone: str, **fields) -> datetime:
    fields = {"kind": "reminder", "minutes": 24 * 60} | fields
    return reminders.due_at(
        ReminderRule(**fields), start_at=start_at, end_at=start_at + timedelta(hours=1), time_zone=zone
    )


SAME_CLOCK = {"days_before": 1}
EVENING_BEFORE = {"days_before": 1, "at_time": time(18)}


class TestDueAt:
    @pytest.mark.parametrize(
        ("zone", "start_at", "a_day_of_hours", "same_clock"),
        [
            # Europe/Berlin: 10:00 local on both Sundays.
            ("Europe/Berlin", utc(2026, 3, 29, 8), utc(2026, 3, 28, 8), utc(2026, 3, 28, 9)),
            ("Europe/Berlin", utc(2026, 10, 25, 9), utc(2026, 10, 24, 9), utc(2026, 10, 24, 8)),
            ("Europe/Berlin", utc(2027, 3, 28, 8), utc(2027, 3, 27, 8), utc(2027, 3, 27, 9)),
            ("Europe/Berlin", utc(2027, 10, 31, 9), utc(2027, 10, 30, 9), utc(2027, 10, 30, 8)),
            ("America/New_York", utc(2026, 3, 8, 14), utc(2026, 3, 7, 14), utc(2026, 3, 7, 15)),
            ("America/New_York", utc(2026, 11, 1, 15), utc(2026, 10, 31, 15), utc(2026, 10, 31, 14)),
        ],
    )
    def test_counts_hours_as_elapsed_and_days_by_the_clock(self, zone, start_at, a_day_of_hours, same_clock):
        """Checks 67 and 68."""
        assert start_at.astimezone(ZoneInfo(zone)).hour == 10
        assert due(start_at, zone) == a_day_of_hours
        assert due(start_at, zone, **SAME_CLOCK) == same_clock

    @pytest.mark.parametrize(
        ("start_at", "expected"),
        [
            (utc(2026, 3, 29, 8), utc(2026, 3, 28, 17)),
            (utc(2026, 3, 30, 8), utc(2026, 3, 29, 16)),
            (utc(2026, 10, 25, 9), utc(2026, 10, 24, 16)),
            (utc(2026, 10, 26, 9), utc(2026, 10, 25, 17)),
        ],
        ids=["to spring", "from spring", "to autumn", "from autumn"],
    )
    def test_of_the_evening_before_is_six_by_the_studios_clock(self, start_at, expected):
        assert due(start_at, "Europe/Berlin", **EVENING_BEFORE) == expected
        assert expected.astimezone(ZoneInfo("Europe/Berlin")).hour == 18

    def test_at_a_clock_time_that_is_skipped_is_an_hour_on(self):
        """02:30 does not exist on 29 March 2026; RFC 5545 reads it with the offset before the change."""
        assert due(utc(2026, 3, 30, 8), "Europe/Berlin", days_before=1, at_time=time(2, 30)) == utc(2026, 3, 29, 1, 30)

    def test_at_a_clock_time_that_comes_twice_is_the_first(self):
        assert due(utc(2026, 10, 26, 9), "Europe/Berlin", days_before=1, at_time=time(2, 30)) == utc(
            2026, 10, 25, 0, 30
        )

    def test_of_a_follow_up_is_counted_from_the_end(self):
        assert due(VISIT, "Europe/Berlin", kind="follow-up", minutes=120) == VISIT + 3 * HOUR

    @given(
        start_at=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them so
        zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
        days=st.integers(0, 7),
    )
    def test_of_a_rule_by_the_day_shows_the_same_clock_unless_it_is_skipped(self, start_at, zone, days):
        found = due(start_at, zone, days_before=days).astimezone(ZoneInfo(zone))
        local = start_at.astimezone(ZoneInfo(zone))

        wanted = datetime.combine(local.date() - days * DAY, local.time().replace(second=0, microsecond=0))
        skipped = wanted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert found.replace(tzinfo=None) == skipped
