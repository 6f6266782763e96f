"""Names, subjects and addresses that want to be more: messaging.md checks 37 to 39; S44, S49."""

import re
from email.utils import parseaddr

import pytest
from django.core.mail import BadHeaderError
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels import Sender, UndeliverableAddress
from notifications.render import Rendered
from tests.booking.visits import visit
from tests.notifications.letters import letter, mail_facts, received


class TestTheSendersName:
    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ('Still@water: "calm", Berlin', "Still water calm Berlin"),
            ("Größe & Ruhe", "Größe & Ruhe"),
            ("静かな水", "静かな水"),
            ("Stillwater\r\nBcc: sam@example.org", "Stillwater Bcc sam example.org"),
            ("Ann. O'Hara", "Ann. O'Hara"),
            ("", ""),
        ],
    )
    def test_is_cleaned_of_what_looks_like_an_address(self, name: str, shown: str) -> None:
        """Checks 37 and 39."""
        message = received(letter(sender=Sender(name=name, address="hello@stillwater.example")).as_bytes())

        assert parseaddr(str(message["From"])) == (shown, "hello@stillwater.example")
        assert message["Bcc"] is None
        assert message["Reply-To"] is None

    @given(st.text(max_size=120))
    def test_is_never_a_second_header_or_address(self, name: str) -> None:
        """Check 37."""
        content = letter(sender=Sender(name=name, address="hello@stillwater.example")).as_bytes()

        head = content.split(b"\r\n\r\n")[0]
        names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
        assert names[:4] == [b"From", b"To", b"Subject", b"Date"]
        assert received(content)["From"].addresses[0].addr_spec == "hello@stillwater.example"
        assert len(received(content)["From"].addresses) == 1


class TestHostileText:
    @pytest.mark.parametrize(
        "ending", ["\r\nBcc: sam@x.example", "\nBcc: sam@x.example", "\rBcc: x", "\x00\x07", "\u2028Bcc: x"]
    )
    def test_in_a_subject_stays_in_the_subject(self, ending: str) -> None:
        """Check 37."""
        message = received(letter(rendered=Rendered(f"Hello{ending}", "text\n", "<p>page</p>\n")).as_bytes())

        assert str(message["Subject"]).startswith("Hello")
        assert message["Bcc"] is None

    @given(st.text(max_size=300))
    def test_in_a_subject_arrives_as_one_line(self, subject: str) -> None:
        """Check 37."""
        content = letter(rendered=Rendered(f"[{subject}]", "text\n", "<p>page</p>\n")).as_bytes()

        head = content.split(b"\r\n\r\n")[0].split(b"\r\n")
        assert all(re.match(rb"[A-Za-z-]+: | ", line) for line in head)
        assert str(received(content)["Subject"]).startswith("[")

    def test_set_on_a_header_afterwards_is_refused(self) -> None:
        """Check 37."""
        sent = letter()
        sent.extra_headers["X-Note"] = "x\r\nBcc: sam@example.org"

        with pytest.raises(BadHeaderError, match="X-Note"):
            sent.as_bytes()

    @pytest.mark.parametrize(
        "address",
        [
            "jürgen@example.com",
            "kim@example.com\r\nRCPT TO:<sam@example.org>",
            "Kim <kim@example.com>",
            "kim@x.example,sam@x.example",
            "",
        ],
    )
    def test_as_an_address_is_undeliverable(self, address: str) -> None:
        """Check 38; S44."""
        with pytest.raises(UndeliverableAddress) as refusal:
            letter(to=address)

        assert not address or address not in str(refusal.value)

    def test_as_an_address_of_the_studio_is_our_own_mistake(self) -> None:
        with pytest.raises(ValueError, match="e-mail address") as mistake:
            letter(sender=Sender(name="Stillwater", address="nonsense"))

        assert not isinstance(mistake.value, UndeliverableAddress)

    def test_with_an_international_domain_goes_out_in_punycode(self) -> None:
        """Check 38."""
        sent = letter(to="jm@müller.example")

        assert sent.to == ["jm@xn--mller-kva.example"]

    def test_in_a_name_never_reaches_a_header(self) -> None:
        """Check 37; S44, S49."""
        facts = mail_facts(appointment=visit(client_name="Kim\r\nBcc: sam@example.org", service_name="x\r\nBcc: y"))

        head = letter(facts=facts).as_bytes().split(b"\r\n\r\n")[0]

        assert b"Kim" not in head
        assert b"Bcc" not in head
