"""What each kind says, and its note: messaging.md checks 35, 48 and 49; R-15, T-14, S49; evidence.md 5."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.render import KINDS, Kind, first_name, note_in_text, price_in_words, render
from notifications.summary import render_digest
from tests.booking.visits import MANAGE, visit, visit_at
from tests.notifications.letters import ANSWER_UNTIL, NOTE, OFFER, UPCOMING, WITHOUT_NOTE, digest_facts, mail_facts
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


class TestARequest:
    """What they asked for is not booked: nothing in the mail may let them believe otherwise."""

    def test_says_until_when_the_studio_answers_by_its_own_clock(self) -> None:
        """Check 43; B-03's other side: the client knows what they have."""
        mail = mail_of("request-received")

        assert "This time is not booked yet" in mail.text
        assert "You will have our answer by Saturday 21 November 2026, 09:00 (Berlin time)." in mail.text
        for words in (mail.text, mail.html):
            assert "You are booked" not in words
            assert "Add to calendar" not in words
            assert MANAGE in words

    @pytest.mark.parametrize(
        ("taken_back", "heading"),
        [
            ("", "We have your request, Kim"),
            ("confirmed", "Your appointment is a request again, Kim"),
            ("declined", "Your request stands again, Kim"),
        ],
    )
    def test_says_what_was_wrong_in_the_mail_before(self, taken_back: str, heading: str) -> None:
        mail = mail_of("request-received", taken_back=taken_back)

        assert mail.text.startswith(f"{heading}\n")
        assert ("we are sorry" in mail.text) == bool(taken_back)

    def test_that_was_declined_has_the_studios_reason(self) -> None:
        said = visit(status="cancelled", cancel_reason="Mara <ill>\r\nBcc: sam@example.org")

        mail = mail_of("declined", appointment=said)

        assert "The studio writes: Mara <ill> Bcc: sam@example.org" in mail.text
        assert "Mara &lt;ill&gt;" in mail.html
        assert "Nobody at the studio" not in mail.text

    def test_that_nobody_answered_says_so(self) -> None:
        mail = mail_of("declined", appointment=visit(status="cancelled"), unanswered=True)

        assert "Nobody at the studio answered it in time" in mail.text
        assert "The studio writes" not in mail.text

    @pytest.mark.parametrize("kind", ["rescheduled", "relocated"])
    def test_that_was_moved_is_still_one(self, kind: Kind) -> None:
        asked = visit(status="pending", expires_at=ANSWER_UNTIL)

        mail = mail_of(kind, appointment=asked, calendar_url="")

        assert "your request for" in mail.subject
        assert "not booked yet" in mail.text
        assert "because you asked Stillwater for an appointment" in mail.text


class TestAnOffer:
    def test_leads_to_where_it_is_taken_and_says_until_when(self) -> None:
        mail = mail_of("waitlist-offer")

        assert "kept for you until Saturday 21 November 2026, 09:00 (Berlin time)" in mail.text
        assert Page(mail.html).all("a")[0]["href"] == OFFER
        assert f"Take it, or let it go: {OFFER}" in mail.text
        assert MANAGE not in mail.html

    def test_links_to_no_weaker_page_than_the_studios(self) -> None:
        """Check 41."""
        with pytest.raises(ValueError, match="https"):
            mail_of("waitlist-offer", offer_url="http://book.stillwater.example/waitlist/x/")


class TestTheSummaryForTheStudio:
    def test_names_clients_and_nothing_else_of_theirs(self) -> None:
        """Check 74's neighbour: a mail to the desk lies in many inboxes."""
        secret = visit(client_mail="kim@example.com", cancel_reason="my back", partner_name="Alex Berg")

        mail = render_digest(digest_facts(visits=(secret,), late=(secret,), requests=()), "en")

        assert "Kim Larsen" in mail.text
        for private in ("kim@example.com", "my back", "Alex", "95.00"):
            assert private not in mail.text + mail.html

    def test_of_a_quiet_day_is_short(self) -> None:
        mail = render_digest(digest_facts(visits=(), requests=(), late=(), failed=()), "en")

        assert "Appointments:\nThere are none." in mail.text
        for absent in ("Requests that wait", "Cancelled late", "did not arrive"):
            assert absent not in mail.text + Page(mail.html).words.split("What is ahead")[1]

    def test_shows_typed_text_as_text(self) -> None:
        """Check 44; S45, S47."""
        mail = render_digest(digest_facts(visits=(visit(client_name="<b>Kim</b>\r\n{{ x }}"),)), "en")

        assert "&lt;b&gt;Kim&lt;/b&gt; {{ x }}" in mail.html
        assert "<b>Kim</b> {{ x }}" in mail.text

    def test_of_a_busy_day_stays_small(self) -> None:
        """Check 40."""
        busy = digest_facts(visits=(visit(client_name="𠜎" * 100),) * 60)

        assert len(render_digest(busy, "de").html.encode()) < 102_400


class TestGerman:
    """The client's language, in the studio's time."""

    def test_says_times_money_and_length_as_germans_do(self) -> None:
        """Check 43."""
        mail = mail_of(language="de", appointment=visit_at("2027-03-02T14:05", zone="Europe/Vienna", language="de"))

        assert mail.subject == "Ihr Termin am Dienstag, 2. März, 14:05 Uhr"
        assert "Wann: Dienstag, 2. März 2027, 14:05–15:05 Uhr (Ortszeit Wien)" in mail.text
        assert "60 Minuten" in mail.text
        assert "Preis: 95,00 €" in mail.text

    def test_serves_its_neighbours_too(self) -> None:
        assert mail_of(language="de") == render("confirmation", mail_facts(language="de"), "de-AT")

    @pytest.mark.parametrize("kind", KINDS)
    def test_says_sie_and_names_its_language(self, kind: Kind) -> None:
        """Check 41."""
        mail = mail_of(kind, language="de")

        assert Page(mail.html).all("html")[0]["lang"] == "de"
        assert not re.search(r"\b([Dd]u|[Dd]ein\w*|[Dd]ich|[Dd]ir)\b", mail.text)
        assert "Dienstag, 24. November 2026, 10:30–11:30 Uhr (Ortszeit Berlin)" in mail.text

    @pytest.mark.parametrize("kind", KINDS)
    def test_has_dark_mode_and_a_preheader_too(self, kind: Kind) -> None:
        page = mail_of(kind, language="de").html

        assert "@media (prefers-color-scheme:dark)" in page
        assert re.search(r'<div class="before" style="display: none[^>]*>[^<]{10,}<', page)


class TestTheNote:
    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITHOUT_NOTE])
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

    @pytest.mark.parametrize(
        ("amount", "currency", "words"),
        [("95.00", "EUR", "95,00 €"), ("80.50", "USD", "80,50 $"), ("120.00", "CHF", "120,00 CHF"), ("0", "EUR", "")],
    )
    def test_is_said_as_germans_write_it(self, amount: str, currency: str, words: str) -> None:
        assert price_in_words(Decimal(amount), currency, language="de") == words
