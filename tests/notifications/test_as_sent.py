"""One visit in every kind of mail that has an invite, as the server took them, and not as a test puts them together.

messaging.md checks 1, 8, 16, 19 to 24, 28, 29, 32 to 35, 42 and 43; I-02, I-03, I-11, R-12, T-13.
"""

import re
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from icalendar import Calendar

from booking.actions.book import Person
from booking.actions.relocate import change_address
from notifications import reminders
from tests.notifications.stage import DAY, DESK, HOUR, NOW, VISIT, cancel, kind_of, mails, move, rule, send, text_in

KIM = Person(name="Kim Larsen", email="kim@example.com", phone="+49 170 9876543", time_zone="America/New_York")
INVITES = ("confirmation", "rescheduled", "relocated", "reminder", "cancelled")


@pytest.fixture
def life(studio, server, note) -> dict[str, EmailMessage]:
    """Booked, moved, told of another address, reminded, cancelled; and another visit that took place."""
    note()
    rule(24 * 60)
    rule(60, kind="follow-up", min_gap_minutes=0)
    appointment = studio.book(client=KIM, note="A bad knee since the spring")
    send()
    move(appointment, VISIT + HOUR, now=NOW + HOUR)
    send(NOW + HOUR)
    change_address(studio.location, address="Neue Gasse 1\n10115 Berlin", by=DESK, now=NOW + 2 * HOUR)
    send(NOW + 2 * HOUR)
    reminders.derive(now=VISIT + HOUR - DAY)
    send(VISIT + HOUR - DAY)
    appointment.refresh_from_db()
    cancel(appointment, now=VISIT - 2 * HOUR)
    send(VISIT - 2 * HOUR)
    found = {kind_of(mail): mail for mail in mails(server)}
    assert tuple(found) == INVITES
    return found


def parts(mail: EmailMessage, content_type: str) -> list[EmailMessage]:
    return [part for part in mail.walk() if part.get_content_type() == content_type]


def bytes_of(mail: EmailMessage) -> bytes:
    return parts(mail, "text/calendar")[0].get_payload(decode=True)


def calendar_of(mail: EmailMessage) -> Calendar:
    return Calendar.from_ical(bytes_of(mail))


@pytest.mark.parametrize("kind", INVITES)
class TestAMailWithAnInvite:
    def test_has_the_parts_that_mail_programs_want_in_their_order(self, life, kind: str) -> None:
        """Check 28; I-11."""
        assert [part.get_content_type() for part in life[kind].walk()] == [
            *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"),
            "application/ics",
        ]
        [attached] = parts(life[kind], "application/ics")
        assert (attached.get_content_disposition(), attached.get_filename()) == ("attachment", "invite.ics")
        assert attached.get_payload(decode=True) == bytes_of(life[kind])

    def test_names_its_method_outside_as_inside(self, life, kind: str) -> None:
        """Check 29; I-02, I-03."""
        [part] = parts(life[kind], "text/calendar")
        method = "CANCEL" if kind == "cancelled" else "REQUEST"

        assert part["Content-Type"].params == {"method": method, "charset": "utf-8"}
        assert part["Content-Transfer-Encoding"] == "base64"
        assert str(calendar_of(life[kind])["METHOD"]) == method

    def test_has_plain_octets_in_its_calendar(self, life, kind: str) -> None:
        """Checks 1, 16 and 22."""
        content = bytes_of(life[kind])

        assert content.startswith(b"BEGIN:VCALENDAR\r\n")
        assert content.endswith(b"END:VCALENDAR\r\n")
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
        assert b"VTIMEZONE" not in content
        assert b"TZID" not in content
        assert set(calendar_of(life[kind])) == {"VERSION", "PRODID", "METHOD"}

    def test_comes_from_the_organizer_and_goes_to_the_attendee(self, life, kind: str) -> None:
        """Checks 19 to 21: replies reach the address that the mail is from, which is read by the studio."""
        mail = life[kind]
        [event] = calendar_of(mail).events

        assert (
            str(event["ORGANIZER"]) == f"mailto:{parseaddr(str(mail['From']))[1]}" == "mailto:hello@stillwater.example"
        )
        assert str(event["ATTENDEE"]) == f"mailto:{mail['To']}" == "mailto:kim@example.com"
        assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == ("ACCEPTED", "FALSE")

    def test_keeps_to_itself_what_the_client_told_the_studio(self, life, kind: str) -> None:
        """Check 24, in the calendar and in the text: notes for the therapist, the telephone."""
        said = [part.get_payload(decode=True).decode() for part in life[kind].walk() if not part.is_multipart()]

        for secret in ("knee", "9876543", "170 98"):
            assert not [text for text in said if secret in text]
        [event] = calendar_of(life[kind]).events
        assert str(event["SUMMARY"]) == "Appointment at Stillwater"
        assert "80.00" not in str(event["DESCRIPTION"])
        assert "https://" not in str(event["DESCRIPTION"])

    def test_shows_a_client_far_away_the_time_at_the_studio(self, life, kind: str) -> None:
        """Checks 42 and 43; T-13: Kim booked from New York, where it is 04:30 or 05:30."""
        clock = "10:30" if kind == "confirmation" else "11:30"

        for subtype in ("plain", "html"):
            text = text_in(life[kind], subtype)
            assert f"{clock}–" in text
            assert "(Berlin time)" in text
            assert "New York" not in text
        [event] = calendar_of(life[kind]).events
        assert "(Berlin time)" in str(event["DESCRIPTION"])

    def test_has_no_alarm(self, life, kind: str) -> None:
        """Check 23, R-12: who reminds is the studio, by mail, and not the client's calendar."""
        assert calendar_of(life[kind]).walk("VALARM") == []
        assert "reminder" in life

    def test_says_that_a_machine_wrote_it(self, life, kind: str) -> None:
        """Check 33."""
        mail = life[kind]

        assert re.fullmatch(r"<[^@\s]+@[a-z0-9.-]+>", str(mail["Message-ID"]))
        assert mail["Date"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["X-Auto-Response-Suppress"]


class TestTheMailsOfOneVisit:
    def test_have_an_id_each_and_answer_the_first(self, life) -> None:
        """Checks 34 and 35."""
        first, *later = life.values()

        assert len({mail["Message-ID"] for mail in life.values()}) == len(INVITES)
        assert first["References"] is first["In-Reply-To"] is None
        assert {str(mail["References"]) for mail in later} == {str(first["Message-ID"])}

    def test_count_revisions_and_not_reminders(self, life) -> None:
        """Checks 8 and 32."""
        events = [calendar_of(mail).events[0] for mail in life.values()]

        assert [event["SEQUENCE"] for event in events] == [0, 1, 2, 2, 3]
        assert len({str(event["UID"]) for event in events}) == 1
