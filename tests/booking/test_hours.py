"""Wall-clock time against reading a clock minute by minute, in every zone and over every clock change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from booking.domain.hours import (
    DaySpan,
    WeeklySpan,
    days,
    instant,
    iso_local,
    known_zone,
    local_date,
    local_day,
    openings,
    wall_clock,
)
from booking.domain.intervals import instant_of, minute_of
from booking.domain.slots import Diary, Visit, starts

ODD_ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "Asia/Gaza",
    "America/Asuncion",
    "Pacific/Chatham",
)
MONDAY = date(2026, 1, 5)
zones = st.sampled_from(sorted(name for name in available_timezones() if known_zone(name)))
dates = st.dates(date(2020, 1, 1), date(2036, 12, 31))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def first_shown(on: date, at: time, zone: str) -> datetime:
    """Return the first instant at which a clock in `zone` shows it; a skipped time by the offset before."""
    wanted = datetime.combine(on, at)
    start = datetime.combine(on, at, UTC) - timedelta(hours=16)
    offset = start.astimezone(ZoneInfo(zone)).utcoffset()
    for minute in range(32 * 60):
        now = start + timedelta(minutes=minute)
        shown = now.astimezone(ZoneInfo(zone))
        if shown.replace(tzinfo=None) == wanted:
            return now
        if shown.replace(tzinfo=None) > wanted:
            return wanted.replace(tzinfo=UTC) - offset
        offset = shown.utcoffset()
    raise AssertionError("no clock is that far from UTC")


@cache
def days_of_change(zone: str, year: int) -> list[date]:
    """Return the dates of the year on which the offset at midnight differs from the next midnight's."""
    midnights = [datetime(year, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=n) for n in range(366)]
    return [one.date() for one, other in pairwise(midnights) if one.utcoffset() != other.utcoffset()]


def changes() -> Iterator[tuple[str, date]]:
    for zone in ODD_ZONES:
        for year in (2024, 2027):
            for on in days_of_change(zone, year):
                yield from ((zone, on + timedelta(days=n)) for n in (-1, 0, 1))


class TestAWallTime:
    @given(dates, times, zones)
    @example(date(2027, 3, 28), time(2, 30), "Europe/Berlin")
    @example(date(2027, 10, 31), time(2, 30), "Europe/Berlin")
    @example(date(2026, 3, 8), time(2, 0), "America/New_York")
    @example(date(2026, 3, 8), time(0, 0), "America/Havana")
    @example(date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe")
    def test_is_when_a_clock_first_shows_it(self, on, at, zone):
        assert instant(on, at, zone) == first_shown(on, at, zone)

    @given(dates, times, zones)
    def test_that_exists_comes_back(self, on, at, zone):
        back = wall_clock(instant(on, at, zone), zone)

        assert back >= datetime.combine(on, at)
        assert local_date(instant(on, at, zone), zone) == back.date()


class TestADay:
    @pytest.mark.parametrize(
        ("on", "zone", "hours"),
        [
            (date(2027, 3, 28), "Europe/Berlin", 23),
            (date(2027, 10, 31), "Europe/Berlin", 25),
            (date(2026, 3, 8), "America/New_York", 23),
            (date(2026, 11, 1), "America/Chicago", 25),
            (date(2027, 4, 4), "Australia/Lord_Howe", 24.5),
            (date(2027, 3, 28), "Antarctica/Troll", 22),
            (date(2026, 12, 1), "Asia/Kathmandu", 24),
        ],
    )
    def test_has_as_many_hours_as_its_clock(self, on, zone, hours):
        start, end = local_day(on, zone)

        assert (end - start) / 60 == hours

    @given(dates, zones)
    def test_ends_where_the_next_begins(self, on, zone):
        assert local_day(on, zone)[1] == local_day(on + timedelta(days=1), zone)[0]

    @pytest.mark.parametrize(("zone", "on"), sorted(set(changes())), ids=str)
    def test_of_a_clock_change_holds_the_minutes_with_its_date(self, zone, on):
        start, end = local_day(on, zone)
        shown = [instant_of(minute).astimezone(ZoneInfo(zone)).date() for minute in range(start - 120, end + 120)]

        assert shown.count(on) == end - start
        assert set(shown[120:-120]) == {on}


def span_of(on: date, opens: time, closes: time) -> DaySpan:
    return DaySpan(on, opens, closes)


def slowly(on: date, opens: time, closes: time, zone: str) -> list[tuple[int, int]]:
    """Return the span by looking both times up in the zone, without a shorter way for plain days."""
    closes_on = on if closes > opens else on + timedelta(days=1)
    found = minute_of(instant(on, opens, zone)), minute_of(instant(closes_on, closes, zone))
    return [found] if found[0] < found[1] else []


class TestAnOpening:
    @given(dates, times, times, zones)
    def test_on_a_plain_day_is_what_the_zone_says(self, on, opens, closes, zone):
        assert openings([], [span_of(on, opens, closes)], on=[on], zone=zone) == slowly(on, opens, closes, zone)

    @pytest.mark.parametrize("zone", ODD_ZONES)
    @given(st.data(), times, times)
    def test_near_a_clock_change_is_what_the_zone_says(self, zone, data, opens, closes):
        on = data.draw(st.sampled_from([day for other, day in changes() if other == zone] or [MONDAY]))

        assert openings([], [span_of(on, opens, closes)], on=[on], zone=zone) == slowly(on, opens, closes, zone)

    def test_in_a_skipped_hour_is_none(self):
        skipped = DaySpan(date(2027, 3, 28), time(2), time(3))

        assert openings([], [skipped], on=[skipped.on], zone="Europe/Berlin") == []

    def test_over_a_repeated_hour_lasts_longer(self):
        night = DaySpan(date(2026, 11, 1), time(0), time(6))

        [(start, end)] = openings([], [night], on=[night.on], zone="America/Chicago")
        found = starts(Diary([(start, end)]), Visit(60, 0, 0, step=60), earliest=start, latest=end)

        assert len(found) == 7
        assert [iso_local(minute, ZoneInfo("America/Chicago"))[11:] for minute in found[:4]] == [
            "00:00:00-05:00",
            "01:00:00-05:00",
            "01:00:00-06:00",
            "02:00:00-06:00",
        ]

    def test_over_night_ends_on_the_next_date(self):
        [(start, end)] = openings([], [DaySpan(MONDAY, time(22), time(2))], on=[MONDAY], zone="Europe/Berlin")

        assert wall_clock(instant_of(start), "Europe/Berlin") == datetime.fromisoformat("2026-01-05T22:00")
        assert wall_clock(instant_of(end), "Europe/Berlin") == datetime.fromisoformat("2026-01-06T02:00")

    def test_from_midnight_to_midnight_is_the_whole_day(self):
        assert openings([], [DaySpan(MONDAY, time(0), time(0))], on=[MONDAY], zone="Asia/Kathmandu") == [
            local_day(MONDAY, "Asia/Kathmandu")
        ]

    @pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Adelaide", "Asia/Kolkata", "America/St_Johns"])
    def test_anchors_its_grid_at_local_opening_time(self, zone):
        """T-19: zones at :30 and :45 offer full local hours, not full hours of UTC."""
        [span] = openings([], [DaySpan(MONDAY, time(9), time(12))], on=[MONDAY], zone=zone)

        found = starts(Diary([span]), Visit(60, 0, 0, step=60), earliest=span[0], latest=span[1])

        assert [wall_clock(instant_of(minute), zone).time() for minute in found] == [time(9), time(10), time(11)]


class TestAWeek:
    week = st.lists(
        st.builds(
            WeeklySpan,
            weekday=st.integers(0, 6),
            opens=times,
            closes=times,
            valid_from=st.dates(MONDAY, MONDAY + timedelta(days=14)),
            valid_until=st.none() | st.dates(MONDAY + timedelta(days=1), MONDAY + timedelta(days=21)),
        ),
        max_size=6,
    )
    exceptions = st.lists(
        st.builds(DaySpan, on=st.dates(MONDAY, MONDAY + timedelta(days=20)), opens=times, closes=times)
        | st.builds(DaySpan, on=st.dates(MONDAY, MONDAY + timedelta(days=20)), opens=st.none(), closes=st.none()),
        max_size=4,
    )

    @given(week, exceptions, st.sampled_from(ODD_ZONES))
    def test_holds_unless_a_date_has_exceptions(self, week, exceptions, zone):
        expected = []
        for on in days(MONDAY, MONDAY + timedelta(days=20)):
            special = [one for one in exceptions if one.on == on]
            usual = [one for one in week if one.weekday == on.weekday() and one.valid_from <= on]
            usual = [one for one in usual if one.valid_until is None or on < one.valid_until]
            for span in special or usual:
                if span.opens is not None:
                    expected += slowly(on, span.opens, span.closes, zone)

        found = openings(week, exceptions, on=days(MONDAY, MONDAY + timedelta(days=20)), zone=zone)

        assert found == sorted(expected)

    @pytest.mark.parametrize("season", [date(2022, 10, 18), date(2026, 10, 20), date(2027, 3, 16)], ids=str)
    def test_keeps_its_local_time_over_a_clock_change(self, season):
        """T-01: Tuesdays 13 to 14 in Berlin, from October to the end of January."""
        tuesdays = WeeklySpan(1, time(13), time(14), date(2020, 1, 1))

        found = openings([tuesdays], [], on=days(season, season + timedelta(days=105)), zone="Europe/Berlin")

        assert len(found) == 16
        assert {wall_clock(instant_of(start), "Europe/Berlin").time() for start, _ in found} == {time(13)}

    @pytest.mark.parametrize("sunday", [date(2023, 3, 12), date(2023, 11, 5)], ids=str)
    def test_offers_its_one_window_on_the_day_of_change(self, sunday):
        """T-02: one window at 12:30 is 12:30 on both change Sundays."""
        window = WeeklySpan(6, time(12, 30), time(13, 30), date(2020, 1, 1))

        [(start, end)] = openings([window], [], on=[sunday], zone="America/New_York")

        assert wall_clock(instant_of(start), "America/New_York").time() == time(12, 30)
        assert end - start == 60


class TestAZoneName:
    @pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "Asia/Kathmandu", "America/Argentina/Salta"])
    def test_is_known(self, name):
        assert known_zone(name)

    @pytest.mark.parametrize(
        "name",
        ["", "EST", "Mars/Base", "../etc/passwd", "/etc/localtime", "Europe", "Europe/", "+01:00", "a\0b", "x" * 300],
    )
    def test_is_refused(self, name):
        assert not known_zone(name)
