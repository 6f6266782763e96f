"""What the pages of the local inbox show."""

from pathlib import Path

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.env import BASE_DIR
from config.mailbox import calendar_facts, header, kind, letters, parts
from tests.config.devmail.mails import INVITE, Deliver, a_confirmation, body

pytestmark = pytest.mark.urls("tests.config.devmail.urls")
SCRAPS = [  # what broken mail is made of
    b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"Content-Type: text/html; charset=nobody-knows\r\n",
    b"Content-Type: text/calendar; method\r\n",
    b"Content-Type: ;;;\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Disposition: attachment; filename*=bad''%FF\r\n",
    b"Subject: =?x?q?=FF?=\r\n",
    b"To: <<@,;:\r\n",
    b"--x\r\n",
    b"\r\n",
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    b"=\xff\x00",
]


class TestTheList:
    def test_shows_the_newest_first_with_recipient_subject_kind_and_time(
        self, client: Client, confirmation: str, deliver: Deliver
    ) -> None:
        deliver(b"Subject: Later\r\nTo: sam@example.com\r\n\r\n")

        page = body(client, "/dev/mail/")

        assert page.index("Later") < page.index("Booked: Tue 24 Nov, 10:30")
        for words in (
            "Anna Berg &lt;anna@example.com&gt;",
            "invite",
            "Sun 22 Nov, 01:02:45 UTC",
            "sam@example.com",
        ):
            assert words in page

    def test_says_so_when_there_is_none(self, client: Client, mailbox_dir: Path) -> None:
        assert "No mail yet" in body(client, "/dev/mail/")

    def test_is_cut_into_pages_of_fifty(self, client: Client, deliver: Deliver) -> None:
        for number in range(51):
            deliver(f"Subject: number-{number:02}\r\n\r\n".encode())

        first, second = body(client, "/dev/mail/"), body(client, "/dev/mail/?page=2")

        assert "number-50" in first
        assert "number-00" not in first
        assert "number-00" in second
        assert "number-01" not in second

    def test_passes_over_files_that_the_inbox_did_not_write(
        self, client: Client, confirmation: str, mailbox_dir: Path
    ) -> None:
        (mailbox_dir / "notes.eml").write_text("Subject: private\n\n")
        (mailbox_dir / "20261122T010245000000Z-000777.eml").symlink_to(BASE_DIR / "manage.py")

        assert [letter.name for letter in letters(mailbox_dir)] == [confirmation]
        assert "private" not in body(client, "/dev/mail/")

    def test_names_the_recipient_of_the_envelope_when_the_headers_name_none(
        self, client: Client, deliver: Deliver
    ) -> None:
        deliver(b"Subject: blind\r\n\r\n", to="blind@example.com")

        assert "blind@example.com" in body(client, "/dev/mail/")


class TestAMessage:
    def test_tells_the_calendar_part_in_plain_words_and_raw(self, client: Client, confirmation: str) -> None:
        page = body(client, f"/dev/mail/{confirmation}/")

        for words in (
            "REQUEST",
            "5f1c5f2e-77f4-4a51-9f0c-0d3a1f7f6a11",
            "Tuesday 24 November 2026, 09:30 (UTC)",
            "Tuesday 24 November 2026, 10:30 (UTC)",
            "Linienstraße 12, Berlin",
            "BEGIN:VEVENT",
        ):
            assert words in page

    def test_tells_times_in_the_zone_of_the_event(self) -> None:
        local = INVITE.replace("DTSTART:20261124T093000Z", "DTSTART;TZID=America/New_York:20261124T093000")

        assert ("Starts", "Tuesday 24 November 2026, 09:30 (America/New_York)") in calendar_facts(local.encode())

    def test_shows_text_headers_envelope_and_the_way_to_each_file(self, client: Client, confirmation: str) -> None:
        page = body(client, f"/dev/mail/{confirmation}/")

        for words in (
            "See you on Tuesday.",
            "Subject: Booked: Tue 24 Nov, 10:30",
            "Envelope to: kim@example.com",
            f"/dev/mail/{confirmation}/source/",
            f"/dev/mail/{confirmation}/message.eml",
            f"/dev/mail/{confirmation}/parts/3/",
            "invite.ics",
        ):
            assert words in page

    def test_shows_a_broken_calendar_raw(self, client: Client, deliver: Deliver) -> None:
        name = deliver(b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:NONSENSE")

        page = body(client, f"/dev/mail/{name}/")

        assert "This calendar cannot be read." in page
        assert "BEGIN:NONSENSE" in page

    def test_needs_no_script_and_no_style_in_line(self, client: Client, confirmation: str) -> None:
        page = body(client, f"/dev/mail/{confirmation}/")

        assert "<script" not in page
        assert "style=" not in page

    def test_changes_nothing_and_is_not_cached(self, client: Client, confirmation: str) -> None:
        answer = client.get(f"/dev/mail/{confirmation}/")

        assert "no-store" in answer["Cache-Control"]
        assert client.post(f"/dev/mail/{confirmation}/").status_code == 405

    def test_escapes_what_the_sender_wrote(self, client: Client, deliver: Deliver) -> None:
        evil = "<script>alert(1)</script>"
        name = deliver(f"Subject: {evil}\r\nTo: {evil}\r\n\r\n{evil}".encode())

        assert evil not in body(client, f"/dev/mail/{name}/")
        assert evil not in body(client, "/dev/mail/")

    @given(octets=st.binary(max_size=300) | st.lists(st.sampled_from(SCRAPS), max_size=9).map(b"".join))
    @hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_can_be_read_whatever_it_is(self, octets: bytes, client: Client, deliver: Deliver) -> None:
        name = deliver(octets)

        for address in ("", "html/", "source/", "message.eml"):
            assert client.get(f"/dev/mail/{name}/{address}").status_code == 200


class TestReadingAMessage:
    @pytest.mark.parametrize(
        ("named", "expected"),
        [
            ("5f1c5f2e-77f4.0.confirmation.client@book.example.com", "confirmation"),
            ("5f1c5f2e-77f4.2.reminder-17.partner@127.0.0.1", "reminder"),
            ("5f1c5f2e-77f4.0.follow-up-3.client@localhost", "follow-up"),
            ("something else", "invite"),
        ],
    )
    def test_finds_the_kind_in_our_own_id(self, named: str, expected: str) -> None:
        message = a_confirmation()
        message["X-Stillpoint-Message"] = named

        assert kind(message) == expected

    def test_shows_a_header_that_cannot_be_decoded_as_it_stands(self) -> None:
        message = a_confirmation()

        assert header(message, "Subject") == "Booked: Tue 24 Nov, 10:30"
        assert header(message, "No-Such-Header") == ""

    def test_counts_its_leaves_in_the_order_they_stand(self) -> None:
        types = [part.content_type for part in parts(a_confirmation())]

        assert types == ["text/plain", "text/html", "text/calendar", "application/ics"]
