"""A message as bytes: messaging.md checks 1, 14, 19, 20, 28 to 30, 32 to 39 and 45; I-02, I-03, I-11, S44."""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core import mail

from booking.ical import download
from notifications.channels import MailMessage, message_id
from notifications.render import KINDS, Kind
from tests.booking.visits import STAMPED_AT, visit
from tests.notifications.letters import ONE_CLICK, PREFERENCES, PUBLIC, STILLWATER, letter, received

WITH_INVITE: tuple[Kind, ...] = ("confirmation", "rescheduled", "cancelled", "reminder")
FIRST_ID = "<confirmation-0f8fad5b@book.stillwater.example>"


def parts_of(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def part(message: EmailMessage, content_type: str) -> EmailMessage:
    (only,) = [part for part in message.walk() if part.get_content_type() == content_type]
    assert isinstance(only, EmailMessage)
    return only


class TestTheTree:
    @pytest.mark.parametrize("kind", WITH_INVITE)
    def test_carries_text_page_and_invite_in_the_order_that_mail_programs_want(self, kind: Kind) -> None:
        """Check 28; I-11."""
        message = received(letter(kind).as_bytes())

        assert parts_of(message) == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        assert part(message, "application/ics").get_filename() == "invite.ics"
        assert part(message, "application/ics").get_content_disposition() == "attachment"
        assert part(message, "text/calendar")["Content-Disposition"] is None

    @pytest.mark.parametrize("kind", WITH_INVITE)
    def test_carries_the_same_calendar_bytes_twice(self, kind: Kind) -> None:
        """Checks 1 and 28."""
        sent = letter(kind)
        message = received(sent.as_bytes())

        assert part(message, "text/calendar").get_payload(decode=True) == sent.calendar
        assert part(message, "application/ics").get_payload(decode=True) == sent.calendar

    @pytest.mark.parametrize(("kind", "method"), [("confirmation", "REQUEST"), ("cancelled", "CANCEL")])
    def test_names_the_method_that_the_calendar_has(self, kind: Kind, method: str) -> None:
        """Check 29; I-02, I-03."""
        calendar = part(received(letter(kind).as_bytes()), "text/calendar")

        assert calendar["Content-Type"].params == {"method": method, "charset": "utf-8"}
        assert calendar["Content-Transfer-Encoding"] == "base64"

    def test_of_a_follow_up_has_no_calendar(self) -> None:
        """Check 32."""
        assert parts_of(received(letter("follow-up").as_bytes())) == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]

    def test_of_a_reminder_repeats_uid_and_sequence(self) -> None:
        """Check 32."""
        first, again = (
            str(part(received(letter(kind).as_bytes()), "text/calendar").get_content()).splitlines()
            for kind in ("confirmation", "reminder")
        )

        for name in ("UID:", "SEQUENCE:"):
            assert [line for line in first if line.startswith(name)] == [
                line for line in again if line.startswith(name)
            ]

    def test_without_a_method_in_its_calendar_is_refused(self) -> None:
        with pytest.raises(ValueError, match="METHOD"):
            letter(calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")

    def test_takes_a_published_calendar_too(self) -> None:
        assert letter(calendar=download(visit())).method == "PUBLISH"


class TestTheBytes:
    @pytest.mark.parametrize("kind", KINDS)
    def test_are_ascii_in_short_lines_with_crlf(self, kind: Kind) -> None:
        """Check 1."""
        content = letter(kind).as_bytes()

        assert content.isascii()
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
        assert max(len(line) for line in content.split(b"\r\n")) <= 200

    @pytest.mark.parametrize("kind", KINDS)
    def test_give_text_and_page_back_unchanged(self, kind: Kind) -> None:
        sent = letter(kind)
        message = received(sent.as_bytes())

        assert part(message, "text/plain").get_content().replace("\r\n", "\n") == sent.body
        assert part(message, "text/html").get_content().replace("\r\n", "\n") == sent.html

    def test_of_a_retry_are_the_same(self) -> None:
        """Check 34."""
        assert letter().as_bytes() == letter().as_bytes()

    @pytest.mark.parametrize("kind", KINDS)
    def test_are_what_any_django_backend_sends(self, kind: Kind) -> None:
        """Django folds long headers once more; nothing else may differ."""
        ours = letter(kind).as_bytes()
        theirs = letter(kind).message().as_bytes(linesep="\r\n")

        head, _, body = theirs.partition(b"\r\n\r\n")
        assert re.sub(rb"\s*\r\n\s+", b" ", head) + b"\r\n\r\n" + body == ours

    def test_go_through_djangos_own_outbox(self) -> None:
        letter().send()

        (sent,) = mail.outbox
        assert isinstance(sent, MailMessage)
        assert sent.recipients() == ["kim@example.com"]

    def test_are_offered_in_djangos_fields_for_backends_that_build_their_own_request(self) -> None:
        sent = letter()

        assert [alternative.mimetype for alternative in sent.alternatives] == [
            "text/html",
            'text/calendar; method=REQUEST; charset="utf-8"',
        ]
        assert [attachment.filename for attachment in sent.attachments] == ["invite.ics"]


class TestTheHeaders:
    @pytest.mark.parametrize("kind", KINDS)
    def test_say_what_every_mail_of_a_machine_should(self, kind: Kind) -> None:
        """Check 33."""
        message = received(letter(kind).as_bytes())

        assert message["Message-ID"] == f"<{kind}-0f8fad5b@book.stillwater.example>"
        assert message["Date"] == "Fri, 20 Nov 2026 08:00:05 +0000"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"] == "OOF, NRN, AutoReply, RN"
        assert message["X-Stillpoint-Message"] == f"{kind}-0f8fad5b@book.stillwater.example"
        assert message["MIME-Version"] == "1.0"
        for name in message.keys():  # noqa: SIM118 - a Message is not a dict: its keys repeat
            assert len(message.get_all(name)) == 1

    def test_come_from_the_organizer_and_lead_back_to_the_studio(self) -> None:
        """Check 20; I-11."""
        sent = letter()
        message = received(sent.as_bytes())

        assert message["From"] == "Stillwater <hello@stillwater.example>"
        assert message["Reply-To"] == "desk@stillwater.example"
        assert b"mailto:hello@stillwater.example" in sent.calendar

    def test_name_one_person(self) -> None:
        """Check 36."""
        message = received(letter().as_bytes())

        assert message["To"] == "kim@example.com"
        assert message["Cc"] is message["Bcc"] is None

    def test_of_other_kinds_and_versions_have_other_ids(self) -> None:
        """Check 34."""
        assert len({received(letter(kind).as_bytes())["Message-ID"] for kind in KINDS}) == len(KINDS)

    def test_of_later_mails_point_to_the_first(self) -> None:
        """Check 35."""
        reminder = received(letter("reminder", answers=FIRST_ID).as_bytes())

        assert reminder["References"] == reminder["In-Reply-To"] == FIRST_ID
        assert reminder["Subject"] == received(letter().as_bytes())["Subject"]

    @pytest.mark.parametrize("kind", WITH_INVITE)
    def test_of_mail_about_an_appointment_offer_no_way_out(self, kind: Kind) -> None:
        """Check 45."""
        message = received(letter(kind).as_bytes())

        for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-ID", "Precedence"):
            assert message[name] is None

    def test_of_a_follow_up_offer_one_click(self) -> None:
        """Check 45: RFC 8058."""
        message = received(letter("follow-up").as_bytes())

        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["List-Unsubscribe"] == (
            f"<{ONE_CLICK.one_click_url}>, <mailto:hello@stillwater.example?subject=unsubscribe>"
        )
        assert message["List-ID"] == "<follow-up.book.stillwater.example>"
        assert message["Precedence"] is None
        assert PREFERENCES in letter("follow-up").body

    @pytest.mark.parametrize("id", ["", "no brackets@x", "<a b@x>", "<a@x>\r\nBcc: sam@example.org", "<a@x> <b@x>"])
    def test_with_an_id_that_is_none_are_refused(self, id: str) -> None:
        with pytest.raises(ValueError, match="Message-ID"):
            letter(id=id)

    def test_take_the_host_of_the_studios_address_for_their_ids(self) -> None:
        """Check 33."""
        assert message_id("1-2", public_url=PUBLIC) == "<1-2@book.stillwater.example>"
        assert message_id("1-2", public_url="http://127.0.0.1:8000") == "<1-2@127.0.0.1>"

    def test_are_dated_when_the_message_was_made_wherever_that_was(self) -> None:
        later = STAMPED_AT + timedelta(hours=1)

        assert received(letter(dated_at=later).as_bytes())["Date"] == "Fri, 20 Nov 2026 09:00:05 +0000"


def test_the_studio_of_these_tests_is_not_a_no_reply_address() -> None:
    """Check 20: what the demo studio sends from must be read by somebody."""
    assert "reply" not in STILLWATER.address
