"""The calendar that programs read again and again: messaging.md checks 1, 2, 3, 16, 27, 78 and 79."""

from datetime import timedelta

import icalendar
import pytest

from booking.events import AppointmentFacts
from booking.ical import download, feed
from tests.booking.invites import lines_of, value, values
from tests.booking.visits import visit

HOSTILE = 'Kim\r\nATTENDEE:mailto:v@example.org "^;,\\N \x00\u2028'


def staff(*visits: AppointmentFacts, names: bool = True) -> bytes:
    return feed(visits or [visit(room_name="Blue")], title="Mara · Stillwater", staff=True, names=names)


def own(*visits: AppointmentFacts) -> bytes:
    return feed(visits or [visit()], title="Stillwater", staff=False)


class TestAFeed:
    @pytest.mark.parametrize("content", [staff(), own(), staff(names=False), feed([], title="", staff=True)])
    def test_is_a_calendar_object_without_a_method(self, content: bytes) -> None:
        """Checks 1, 2, 16, 27 and 78."""
        calendar = icalendar.Calendar.from_ical(content)

        assert [component.errors for component in calendar.walk() if component.errors] == []
        assert values(content, "METHOD") == values(content, "TZID") == []
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
        assert max(map(len, content.split(b"\r\n"))) <= 75

    def test_says_its_name_its_colour_and_when_to_look_again(self) -> None:
        """Check 78: RFC 7986 5.7 wants VALUE=DURATION."""
        lines = lines_of(staff())

        assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
        assert "X-PUBLISHED-TTL:PT1H" in lines
        assert {"NAME:Mara · Stillwater", "X-WR-CALNAME:Mara · Stillwater", "COLOR:seagreen"} <= set(lines)

    def test_is_the_same_bytes_for_the_same_facts(self) -> None:
        """Check 78."""
        assert staff() == staff()
        assert own() == own()

    def test_is_stamped_by_the_last_change(self) -> None:
        assert value(staff(), "DTSTAMP") == value(staff(), "LAST-MODIFIED") == "20261120T080000Z"

    def test_has_the_uid_and_the_sequence_of_the_invites(self) -> None:
        visits = [visit(sequence=3), visit(uid="6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b12", status="cancelled", sequence=1)]

        for content in (staff(*visits), own(*visits)):
            assert values(content, "UID") == [str(one.uid) for one in visits]
            assert values(content, "SEQUENCE") == ["3", "1"]
            assert values(content, "STATUS") == ["CONFIRMED", "CANCELLED"]

    def test_shows_a_request_as_not_yet_certain(self) -> None:
        assert value(staff(visit(status="pending")), "STATUS") == "TENTATIVE"

    def test_refuses_a_visit_that_ends_before_it_begins(self) -> None:
        with pytest.raises(ValueError, match="ends after"):
            staff(visit(end_at=visit().start_at - timedelta(hours=1)))


class TestOfTheStaff:
    def test_says_who_what_and_where_in_few_words(self) -> None:
        content = staff(visit(room_name="Blue", partner_name="Sam Okoro"))

        assert value(content, "SUMMARY") == "Kim and Sam: Deep tissue massage"
        assert value(content, "LOCATION") == r"Blue\, Stillwater Mitte"
        assert value(content, "DESCRIPTION") == (
            r"Deep tissue massage\, 60 minutes\, with Mara\nAlso: Hot towels\nReference 7KQ2M9XWBD"
        )

    def test_says_no_more_of_a_client_than_that(self) -> None:
        """Check 79."""
        text = staff(visit(room_name="Blue", partner_name="Sam Okoro", partner_mail="sam@example.com")).decode()

        for secret in ("Larsen", "Okoro", "@", "95.00", "+49"):
            assert secret not in text

    def test_leaves_the_names_out_when_told_to(self) -> None:
        """Check 79."""
        content = staff(visit(partner_name="Sam Okoro"), names=False)

        assert value(content, "SUMMARY") == "Deep tissue massage"
        assert b"Kim" not in content
        assert b"Sam" not in content

    def test_has_a_word_for_a_visit_without_a_client(self) -> None:
        assert value(staff(visit(client_name="")), "SUMMARY") == "Walk-in: Deep tissue massage"

    def test_lets_nothing_that_was_typed_become_a_property(self) -> None:
        """S47; check 3."""
        content = staff(visit(client_name=HOSTILE, service_name=HOSTILE, room_name=HOSTILE, location_name=HOSTILE))

        assert values(content, "ATTENDEE") == []
        assert len(values(content, "SUMMARY")) == 1
        assert [e.errors for e in icalendar.Calendar.from_ical(content).walk()] == [[], []]


class TestAClientsOwn:
    def test_says_what_the_downloads_say(self) -> None:
        event = slice(b"BEGIN:VEVENT", b"END:VCALENDAR")
        of_the_feed, of_the_file = (
            content[content.index(event.start) : content.index(event.stop)] for content in (own(), download(visit()))
        )

        assert of_the_feed == of_the_file
