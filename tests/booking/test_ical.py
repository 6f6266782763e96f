"""The iCalendar object: messaging.md checks 1 to 9, 12, 16, 19 to 25 and 27; I-01, I-02, I-04 to I-06, I-09."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.ical import download
from tests.booking.invites import cancelled, confirmed, event_in, lines_of, value, values
from tests.booking.visits import BOOKED_AT, MANAGE, STAMPED_AT, visit, visit_at


class TestTheOctets:
    @pytest.mark.parametrize("content", [confirmed(), cancelled(), download(visit())])
    def test_end_every_line_with_crlf_and_hold_nothing_else_of_the_kind(self, content: bytes) -> None:
        """Check 1; I-05."""
        assert content.endswith(b"END:VCALENDAR\r\n")
        assert content.startswith(b"BEGIN:VCALENDAR\r\n")
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")

    @given(st.text(st.characters(exclude_categories=["C"]), max_size=400))
    def test_are_folded_at_75_without_cutting_a_character(self, note: str) -> None:
        """Check 2."""
        for line in confirmed(note=note).split(b"\r\n"):
            assert len(line) <= 75
            line.decode("utf-8")

    def test_are_folded_so_whatever_their_length(self) -> None:
        """Check 2."""
        for length in range(1, 300):
            assert max(len(line) for line in confirmed(note="x" * length).split(b"\r\n")) <= 75

    @given(st.text(max_size=200))
    def test_give_a_text_back_as_it_was_but_for_what_cannot_be_printed(self, typed: str) -> None:
        """Check 3."""
        kept = event_in(confirmed(visit(service_name=f"[{typed}]")))["DESCRIPTION"].split("\n")[0]

        assert kept.startswith("[")
        assert [c for c in kept if c.isalnum()] == [c for c in f"[{typed}], 60 minutes, with Mara" if c.isalnum()]

    def test_escape_what_must_be_and_leave_colons_alone(self) -> None:
        """Check 3."""
        said = value(confirmed(visit(service_name="A, b; c \\ d: \\N")), "DESCRIPTION")

        assert said.startswith(r"A\, b\; c \\ d: \\N\, 60 minutes")

    def test_are_the_same_for_the_same_facts(self) -> None:
        """Check 25."""
        assert confirmed() == confirmed()

    def test_hold_no_component_that_icalendar_finds_fault_with(self) -> None:
        """Check 27."""
        for content in (confirmed(alarm=True), cancelled(), download(visit())):
            for component in icalendar.Calendar.from_ical(content).walk():
                assert component.errors == []


class TestAConfirmation:
    def test_begins_with_version_product_and_method(self) -> None:
        """Check 5; I-02."""
        assert lines_of(confirmed())[:5] == [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Stillpoint//Appointments//EN",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
        ]
        assert confirmed().count(b"BEGIN:VEVENT") == 1

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("UID", "6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b11"),
            ("DTSTAMP", "20261120T080005Z"),
            ("DTSTART", "20261124T093000Z"),
            ("DTEND", "20261124T103000Z"),
            ("CREATED", "20261120T080000Z"),
            ("LAST-MODIFIED", "20261120T080000Z"),
            ("SUMMARY", "Appointment at Stillwater"),
            ("LOCATION", r"Stillwater Mitte\, Linienstraße 12\, 10178 Berlin"),
            ("ORGANIZER", "mailto:hello@stillwater.example"),
            ("ATTENDEE", "mailto:kim@example.com"),
            ("SEQUENCE", "0"),
            ("STATUS", "CONFIRMED"),
            ("GEO", "52.527111;13.398200"),
            ("URL", MANAGE),
        ],
    )
    def test_says_each_thing_once(self, name: str, expected: str) -> None:
        """Check 6; I-06."""
        assert values(confirmed(), name) == [expected]

    def test_invites_somebody_who_has_already_said_yes(self) -> None:
        """Check 21."""
        attendee = event_in(confirmed())["ATTENDEE"]

        assert dict(attendee.params) == {
            "CN": "Kim Larsen",
            "CUTYPE": "INDIVIDUAL",
            "PARTSTAT": "ACCEPTED",
            "ROLE": "REQ-PARTICIPANT",
            "RSVP": "FALSE",
        }

    def test_for_the_partner_names_the_partner_only(self) -> None:
        couple = visit(partner_name="Alex", partner_mail="alex@example.com")

        content = confirmed(couple, recipient="partner")

        assert value(content, "ATTENDEE") == "mailto:alex@example.com"
        assert b"Kim" not in content
        assert b"kim@" not in content

    def test_names_the_sender_as_organizer_and_the_recipient_as_attendee(self) -> None:
        """Checks 19 and 20."""
        for name in ("ORGANIZER", "ATTENDEE"):
            assert re.fullmatch(r"mailto:[\x21-\x7e]+@[a-z0-9.-]+", value(confirmed(), name))
        assert value(confirmed(), "ORGANIZER") != value(confirmed(), "ATTENDEE")

    def test_has_a_uid_that_gives_nothing_away(self) -> None:
        """Check 7."""
        other = visit(uid=UUID("0b0f6d3e-51f7-44c6-8d0c-0e8a5e6a7f00"), appointment_id=4712)

        uids = {value(confirmed(), "UID"), value(confirmed(other), "UID")}

        assert len(uids) == 2
        for uid in uids:
            UUID(uid)
            assert "4711" not in uid

    def test_while_the_studio_has_not_confirmed_is_tentative(self) -> None:
        assert value(confirmed(visit(status="pending")), "STATUS") == "TENTATIVE"

    def test_has_nothing_that_belongs_to_feeds(self) -> None:
        """Check 22."""
        calendar = icalendar.Calendar.from_ical(confirmed())

        assert set(calendar) == {"VERSION", "PRODID", "METHOD"}

    def test_has_no_time_zone_to_get_wrong(self) -> None:
        """Check 16."""
        content = confirmed(visit_at("2026-07-15T10:00"))

        assert b"VTIMEZONE" not in content
        assert b"TZID" not in content

    def test_without_a_page_or_a_place_on_the_map_leaves_them_out(self) -> None:
        content = confirmed(visit(latitude=None, longitude=None), url="")

        assert values(content, "URL") == values(content, "GEO") == []

    def test_writes_places_near_the_equator_without_an_exponent(self) -> None:
        assert value(confirmed(visit(latitude=0.00001, longitude=-0.1)), "GEO") == "0.000010;-0.100000"


class TestTheDescription:
    def test_says_the_facts_in_plain_words_with_local_time_and_zone(self) -> None:
        """T-12, T-14."""
        assert event_in(confirmed())["DESCRIPTION"].split("\n") == [
            "Deep tissue massage, 60 minutes, with Mara",
            "Also: Hot towels",
            "Tuesday 24 November 2026, 10:30–11:30 (Berlin time)",
            "Stillwater Mitte, Linienstraße 12, 10178 Berlin",
            "Questions? Call +49 30 1234567",
            "Reference 7KQ2M9XWBD",
        ]

    def test_has_the_note_at_its_end(self) -> None:
        assert event_in(confirmed(note="Calm\nSource: Moyer"))["DESCRIPTION"].endswith("WBD\n\nCalm\nSource: Moyer")

    def test_keeps_the_secret_link_and_the_price_out(self) -> None:
        """Check 24."""
        said = event_in(confirmed())["DESCRIPTION"]

        for secret in ("https://", "95.00", "EUR", "kim@example.com", "Larsen"):
            assert secret not in said

    def test_and_the_summary_stay_neutral(self) -> None:
        """Check 24."""
        assert value(confirmed(), "SUMMARY") == "Appointment at Stillwater"


class TestMovingAndCancelling:
    def test_keeps_uid_and_organizer_while_sequence_and_stamp_rise(self) -> None:
        """Check 8; I-01, I-04."""
        moved = visit_at("2026-11-25T14:00", sequence=1, changed_at=BOOKED_AT + timedelta(hours=1))
        again = replace(moved, sequence=2)
        gone = replace(moved, sequence=3, status="cancelled")
        hours = [STAMPED_AT + timedelta(hours=hour) for hour in range(4)]

        history = [
            confirmed(),
            confirmed(moved, stamped_at=hours[1]),
            confirmed(again, stamped_at=hours[2]),
            cancelled(gone, stamped_at=hours[3]),
        ]

        assert [value(content, "SEQUENCE") for content in history] == ["0", "1", "2", "3"]
        assert len({value(content, "UID") for content in history}) == 1
        assert len({value(content, "ORGANIZER") for content in history}) == 1
        stamps = [value(content, "DTSTAMP") for content in history]
        assert stamps == sorted(set(stamps))

    def test_of_words_alone_changes_the_stamp_and_not_the_sequence(self) -> None:
        """Check 9."""
        later = confirmed(visit(location_phone="+49 30 7654321"), stamped_at=STAMPED_AT + timedelta(days=1))

        assert value(later, "SEQUENCE") == value(confirmed(), "SEQUENCE")
        assert value(later, "DTSTAMP") > value(confirmed(), "DTSTAMP")

    def test_takes_the_whole_visit_back(self) -> None:
        """Check 12; I-01."""
        content = cancelled(alarm=True, note="A tip that nobody wants now")

        assert value(content, "METHOD") == "CANCEL"
        assert value(content, "STATUS") == "CANCELLED"
        assert value(content, "SEQUENCE") == "1"
        assert value(content, "ATTENDEE") == "mailto:kim@example.com"
        assert b"VALARM" not in content
        assert b"A tip" not in content
        assert value(cancelled(visit(status="booked")), "STATUS") == "CANCELLED"
        assert b"This appointment is cancelled" in content


class TestAnAlarm:
    def test_is_one_display_two_hours_before(self) -> None:
        """Check 23."""
        (alarm,) = event_in(confirmed(alarm=True)).walk("VALARM")

        assert alarm["ACTION"] == "DISPLAY"
        assert alarm["TRIGGER"].dt == timedelta(hours=-2)
        assert alarm["DESCRIPTION"] == "Appointment at Stillwater"

    def test_is_absent_unless_asked_for(self) -> None:
        """Check 23."""
        assert b"VALARM" not in confirmed()


class TestADownload:
    def test_is_published_and_invites_nobody(self) -> None:
        """I-09."""
        content = download(visit())

        assert value(content, "METHOD") == "PUBLISH"
        assert values(content, "ATTENDEE") == []
        assert value(content, "ORGANIZER") == "mailto:hello@stillwater.example"
        assert b"Kim" not in content
        assert b"kim@" not in content

    def test_is_the_same_bytes_until_the_appointment_changes(self) -> None:
        moved = visit(changed_at=BOOKED_AT + timedelta(hours=1), sequence=1)

        assert download(visit()) == download(visit())
        assert value(download(visit()), "DTSTAMP") == "20261120T080000Z"
        assert value(download(moved), "DTSTAMP") == "20261120T090000Z"

    def test_of_a_cancelled_appointment_says_so(self) -> None:
        assert value(download(visit(status="cancelled")), "STATUS") == "CANCELLED"
