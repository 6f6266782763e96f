"""What each kind says, and its note: messaging.md checks 35, 48 and 49; R-15, T-14, S49; evidence.md 5."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.render import KINDS, Kind, first_name, note_in_text, price_in_words
from tests.booking.visits import MANAGE, visit, visit_at
from tests.notifications.letters import NOTE, UPCOMING
from tests.notifications.pages import Page, mail_of

WHEN = "Tuesday 24 November 2026, 10:30–11:30 (Berlin time)"
SAFETY = "Pregnant, unwell, recently hurt, had a blood clot, or taking blood thinners? Tell us before your visit."


class TestAReminder:
    def test_has_exactly_the_subject_of_the_confirmation(self) -> None:
        """Check 35."""
        assert mail_of("reminder").subject == mail_of("confirmation").subject

    def test_of_a_moved_visit_agrees_with_the_mail_that_said_so(self) -> None:
        """R-15, T-14."""
        moved = visit_at("2026-11-26T14:00", sequence=1)
        mails = [mail_of(kind, appointment=moved) for kind in ("rescheduled", "reminder")]

        assert all("Thursday 26 November 2026, 14:00–15:00 (Berlin time)" in mail.text for mail in mails)
        assert all("26 November, 14:00" in mail.subject for mail in mails)


class TestAConfirmation:
    def test_asks_what_the_therapist_must_know(self) -> None:
        """evidence.md 5.4."""
        mail = mail_of()

        assert SAFETY in mail.text
        assert SAFETY in Page(mail.html).words

    def test_shows_the_price_once_and_no_other_kind_does(self) -> None:
        """Check 48; evidence.md 5.7: no price beside a tip that could read as an offer."""
        assert mail_of().text.count("€95.00") == 1
        assert [kind for kind in KINDS if "95.00" in mail_of(kind).html] == ["confirmation"]


class TestAFollowUp:
    def test_asks_and_says_when_to_seek_help(self) -> None:
        """evidence.md 5.4."""
        text = mail_of("follow-up").text

        assert "How are you feeling, Kim?" in text
        assert (
            "swelling or heat in one calf, chest pain, breathlessness, new numbness or weakness, or strong pain" in text
        )

    def test_offers_nothing(self) -> None:
        """Check 48; evidence.md 5.7."""
        words = mail_of("follow-up").text.lower()

        assert not re.search(r"book (now|again)|discount|offer|rebook|next visit", words)


class TestTheNote:
    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "cancelled"])
    def test_stands_after_facts_and_links_with_source_and_disclaimer(self, kind: Kind) -> None:
        """Check 48; evidence.md 5.1 and 5.5."""
        mail = mail_of(kind)

        for words in (mail.text, Page(mail.html).words):
            assert words.index(WHEN) < words.index(NOTE.title) < words.index(NOTE.body) < words.index(NOTE.citation)
            assert words.index(NOTE.citation) < words.index(NOTE.disclaimer)
            assert "Reviewed November 2026." in words
            assert "No more tips" in words
        assert mail.text.rindex(NOTE.title) > mail.text.rindex("Reference")
        assert NOTE.url in mail.text
        assert NOTE.url in mail.html
        if kind in UPCOMING:
            assert mail.text.index(MANAGE) < mail.text.index(NOTE.title)
            assert mail.html.index(MANAGE) < mail.html.index(NOTE.body)

    def test_missing_leaves_no_trace(self) -> None:
        """Check 49: the mail goes without it."""
        mail = mail_of(note=None)

        for words in (mail.text, mail.html):
            assert "tips" not in words
            assert "Reviewed" not in words
        assert "* * *" not in mail.text

    def test_at_the_end_of_a_calendar_entry_is_plain_lines_without_a_link(self) -> None:
        assert note_in_text(NOTE) == "\n".join(
            [NOTE.title, NOTE.body, f"{NOTE.citation}. Reviewed November 2026.", NOTE.disclaimer]
        )


class TestAFirstName:
    @pytest.mark.parametrize(
        ("name", "first"),
        [
            ("Kim Larsen", "Kim"),
            ("  Jean-Luc  Picard", "Jean-Luc"),
            ("O'Hara", "O'Hara"),
            ("J. R. Ewing", "J."),
            ("李小龍", "李小龍"),
            ("https://evil.example/ your account", ""),
            ("www.evil.example", ""),
            ("evil.example", ""),
            ("sam@example.org", ""),
            ("", ""),
            ("\r\n", ""),
        ],
    )
    def test_greets_people_and_not_what_a_stranger_wants_delivered(self, name: str, first: str) -> None:
        """S49."""
        assert first_name(name) == first

    def test_that_is_missing_leaves_a_greeting_that_reads_well(self) -> None:
        assert mail_of(appointment=visit(client_name="")).text.startswith("You are booked\n")

    @given(st.text())
    def test_is_short_and_printable(self, name: str) -> None:
        first = first_name(name)

        assert len(first) <= 40
        assert " " not in first
        assert "\n" not in first


class TestAPrice:
    @pytest.mark.parametrize(
        ("amount", "currency", "words"),
        [("95.00", "EUR", "€95.00"), ("80.50", "USD", "$80.50"), ("120.00", "CHF", "120.00 CHF"), ("0.00", "EUR", "")],
    )
    def test_is_said_as_people_write_it(self, amount: str, currency: str, words: str) -> None:
        assert price_in_words(Decimal(amount), currency) == words
