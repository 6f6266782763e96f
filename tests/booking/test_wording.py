"""Instants and names in words."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.wording import (
    address_in_line,
    clean_line,
    clean_text,
    date_in_words,
    language_for,
    listed,
    moment_in_words,
    place_of,
    visit_in_words,
)
from tests.booking.visits import visit_at


def said(wall_clock: str, *, zone: str = "Europe/Berlin", minutes: int = 60) -> str:
    facts = visit_at(wall_clock, zone=zone, minutes=minutes)
    return visit_in_words(facts.start_at, facts.end_at, zone)


class TestAVisitInWords:
    @pytest.mark.parametrize(
        ("wall_clock", "zone", "words"),
        [
            ("2026-11-24T10:30", "Europe/Berlin", "Tuesday 24 November 2026, 10:30–11:30 (Berlin time)"),
            ("2026-07-01T09:05", "America/New_York", "Wednesday 1 July 2026, 09:05–10:05 (New York time)"),
            ("2026-07-01T09:00", "America/Argentina/Salta", "Wednesday 1 July 2026, 09:00–10:00 (Salta time)"),
            ("2026-07-01T09:00", "UTC", "Wednesday 1 July 2026, 09:00–10:00 (UTC)"),
        ],
    )
    def test_is_in_the_studios_own_time_and_names_it(self, wall_clock: str, zone: str, words: str) -> None:
        """Check 43; T-12, T-13, T-14."""
        assert said(wall_clock, zone=zone) == words

    def test_over_midnight_names_both_dates(self) -> None:
        words = "Tuesday 24 November 2026, 23:30 – Wednesday 25 November, 00:30 (Berlin time)"

        assert said("2026-11-24T23:30") == words

    def test_while_the_clocks_change_says_how_far_from_utc(self) -> None:
        back = "Sunday 25 October 2026, 01:30 UTC+2–02:00 UTC+1 (Berlin time)"
        forward = "Sunday 28 March 2027, 01:30 UTC+1–03:30 UTC+2 (Berlin time)"

        assert said("2026-10-25T01:30", minutes=90) == back
        assert said("2027-03-28T01:30") == forward

    def test_in_an_hour_that_comes_twice_says_which(self) -> None:
        second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

        words = visit_in_words(second, second + timedelta(minutes=20), "Europe/Berlin")

        assert words == "Sunday 25 October 2026, 02:30 UTC+1–02:50 UTC+1 (Berlin time)"

    def test_where_the_offset_is_not_a_whole_hour_shows_the_minutes(self) -> None:
        assert "UTC-2:30" in said("2026-11-01T00:50", zone="America/St_Johns", minutes=30)

    def test_of_a_naive_datetime_is_refused(self) -> None:
        naive = datetime(2026, 11, 24, 9, 30)  # noqa: DTZ001 - the fault under test

        with pytest.raises(ValueError, match="time zone"):
            visit_in_words(naive, naive, "Europe/Berlin")


class TestShorterWords:
    def test_leave_out_what_a_subject_has_no_room_for(self) -> None:
        facts = visit_at("2026-11-24T10:30")

        assert moment_in_words(facts.start_at, facts.time_zone) == "Tuesday 24 November, 10:30"
        assert date_in_words(facts.start_at, facts.time_zone) == "Tuesday 24 November 2026"

    def test_fall_back_to_english(self) -> None:
        assert [language_for(wanted) for wanted in ("en-GB", "EN_us", "tlh", "")] == ["en"] * 4

    def test_name_a_zone_by_its_city(self) -> None:
        assert place_of("America/New_York") == "New York"


class TestAnAddress:
    @pytest.mark.parametrize(
        "typed",
        ["Linienstraße 12, 10178 Berlin", "Linienstraße 12\n10178 Berlin", " Linienstraße 12,\r\n\r\n10178  Berlin\n"],
    )
    def test_of_several_lines_becomes_one(self, typed: str) -> None:
        assert address_in_line(typed) == "Linienstraße 12, 10178 Berlin"


class TestNames:
    @pytest.mark.parametrize(
        ("names", "words"),
        [((), ""), (("Mara",), "Mara"), (("Mara", "Ben"), "Mara and Ben"), (("A", "B", "C"), "A, B and C")],
    )
    def test_are_listed_as_people_say_them(self, names: tuple[str, ...], words: str) -> None:
        assert listed(names) == words

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("  Kim \t Larsen ", "Kim Larsen"),
            ("Kim\r\nBcc: sam@example.org", "Kim Bcc: sam@example.org"),
            ("K\x00i\x1b\x7f\x85m\u202e", "Kim"),
            ("Kim\u2028Larsen", "Kim Larsen"),
            ("👩🏽‍🤝‍👨🏻 Ωμέγα 李", "👩🏽‍🤝‍👨🏻 Ωμέγα 李"),
            ("\ud800", ""),
        ],
    )
    def test_become_one_printable_line(self, typed: str, kept: str) -> None:
        assert clean_line(typed) == kept

    def test_in_longer_texts_keep_their_line_breaks(self) -> None:
        assert clean_text("one\r\ntwo\rthree\u2029four\x00") == "one\ntwo\nthree\nfour"
