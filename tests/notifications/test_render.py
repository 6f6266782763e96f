"""What every mail says: messaging.md checks 24 and 40 to 44; T-12 to T-14, R-15; S45, S47, S52."""

import re
from dataclasses import replace

import pytest

from booking.wording import LANGUAGES, language_for
from notifications.render import KINDS, Kind, render
from tests.booking.visits import MANAGE, visit, visit_at
from tests.notifications.letters import NOTE, PREFERENCES, PUBLIC, TOKEN, UPCOMING, mail_facts
from tests.notifications.pages import Page, mail_of

WHEN = "Tuesday 24 November 2026, 10:30–11:30 (Berlin time)"
FORBIDDEN_TAGS = frozenset({"script", "form", "input", "img", "iframe", "link", "svg", "object"})
WIDE = "𠜎" * 300  # four octets a character in UTF-8, twelve in quoted-printable
FOR_TWO = {
    "request-received": "somebody asked Stillwater for a visit for two with you",
    "declined": "somebody asked Stillwater for a visit for two with you",
    "waitlist-offer": "you are on the waitlist",  # nobody but the client waits
}
LONGEST_NOTE = replace(NOTE, title=WIDE, body=WIDE, citation=WIDE, reviewed=WIDE, disclaimer=WIDE)


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_names_time_zone_and_place_in_text_and_page(self, kind: Kind) -> None:
        """Checks 42 and 43; T-12, T-13, T-14, R-15."""
        mail = mail_of(kind)

        for words in (mail.text, Page(mail.html).words):
            assert WHEN in words
            assert "Stillwater Mitte" in words
            assert "Linienstraße 12, 10178 Berlin" in words
            assert "7KQ2M9XWBD" in words
        assert "24 November, 10:30" in mail.subject

    def test_shows_the_studios_time_whatever_the_server_thinks(self, kind: Kind) -> None:
        """Check 43; T-12."""
        summer = mail_of(kind, appointment=visit_at("2026-07-15T14:00", zone="America/New_York"))

        assert "Wednesday 15 July 2026, 14:00–15:00 (New York time)" in summer.text
        assert "18:00" not in summer.text

    def test_has_a_neutral_subject(self, kind: Kind) -> None:
        """Checks 24 and 48."""
        subject = mail_of(kind).subject

        assert subject.isprintable()
        for private in ("Deep", "massage", "Mara", "Kim", NOTE.title):
            assert private not in subject

    def test_is_a_page_that_every_mail_program_can_show(self, kind: Kind) -> None:
        """Check 41."""
        page = Page(mail_of(kind).html)

        assert page.all("html")[0]["lang"] == "en"
        assert len(page.all("title")) == 1
        assert all(table["role"] == "presentation" for table in page.all("table"))
        assert {name for name, _ in page.tags}.isdisjoint(FORBIDDEN_TAGS)
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
        assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")

    def test_links_by_https_only(self, kind: Kind) -> None:
        """Check 41."""
        links = [link["href"] for link in Page(mail_of(kind).html).all("a")]

        assert links
        assert all(link and link.startswith(f"{PUBLIC}/") for link in links)

    def test_stays_small_with_the_longest_data(self, kind: Kind) -> None:
        """Check 40: Gmail cuts at 102 KiB."""
        longest = visit(
            studio_name=WIDE, location_name=WIDE, location_address=WIDE, location_phone=WIDE, service_name=WIDE,
            add_ons=(WIDE,) * 5, therapists=(WIDE,) * 2, client_name=WIDE, cancel_reason=WIDE,
        )  # fmt: skip

        for language in LANGUAGES:
            mail = render(kind, mail_facts(kind, appointment=longest, note=LONGEST_NOTE), language)
            assert len(mail.html.encode()) < 102_400

    def test_has_its_preheader_first_and_hidden(self, kind: Kind) -> None:
        body = mail_of(kind).html.split("<body")[1]

        first = re.search(r"<div[^>]*style=\"([^\"]*)\"[^>]*>([^<]*)<", body)
        assert first
        assert "display: none" in first[1] or "display:none" in first[1]
        assert first[2].strip()
        assert NOTE.title not in first[2]

    def test_keeps_dark_mode_and_needs_no_style_sheet(self, kind: Kind) -> None:
        page = mail_of(kind).html

        assert "@media (prefers-color-scheme:dark)" in page
        assert "background:#fffdf9" in page.replace(": ", ":").split("<body")[1]

    def test_escapes_in_the_page_and_not_in_the_text(self, kind: Kind) -> None:
        """Check 44; S45."""
        mail = mail_of(kind, appointment=visit(service_name="<script>alert('x')</script> & more"))

        assert "<script>" not in mail.html
        assert "&lt;script&gt;" in mail.html
        assert "<script>alert('x')</script> & more" in mail.text

    def test_takes_stored_text_for_text_and_never_for_a_template(self, kind: Kind) -> None:
        """S52."""
        typed = "{{ manage_url }} {% include 'x' %} {0.__class__}"

        mail = mail_of(kind, appointment=visit(service_name=typed))

        assert typed in mail.text
        assert typed in Page(mail.html).words

    def test_prints_no_control_character_that_a_name_may_hold(self, kind: Kind) -> None:
        """S47."""
        typed = "Kim\x00\r\nBcc: sam@example.org\x1b\u2028\u202e"

        fields = ("client_name", "service_name", "studio_name", "location_phone")
        mail = mail_of(kind, appointment=visit(**dict.fromkeys(fields, typed)))

        for words in (mail.subject, mail.text, mail.html):
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", words)
        assert "\nBcc" not in mail.text

    def test_is_in_the_nearest_language_there_is(self, kind: Kind) -> None:
        """Check 41."""
        assert mail_of(kind, language="tlh-KX") == mail_of(kind)
        assert language_for("tlh-KX") == "en"

    def test_for_the_partner_names_neither_the_client_nor_the_price(self, kind: Kind) -> None:
        couple = visit(partner_name="Alex Berg", partner_mail="alex@example.com")

        mail = mail_of(kind, appointment=couple, recipient="partner", manage_url="", preferences_url="")

        for words in (mail.text, mail.html):
            assert "Alex" in words
            assert FOR_TWO.get(kind, "a visit for two was booked for you") in words
            for other in ("Kim", "95.00", MANAGE):
                assert other not in words

    def test_has_lines_and_ends_of_its_own_only(self, kind: Kind) -> None:
        mail = mail_of(kind)

        assert "\n\n\n" not in mail.text
        assert mail.text == mail.text.strip() + "\n"
        assert mail.html.endswith("</html>\n")
        assert "{" not in mail.text


class TestLinks:
    @pytest.mark.parametrize("kind", UPCOMING)
    def test_lead_to_change_and_calendar_while_the_visit_is_to_come(self, kind: Kind) -> None:
        """Check 42."""
        mail = mail_of(kind)

        for words in (mail.text, mail.html):
            assert MANAGE in words
            assert f"{PUBLIC}/calendar/{TOKEN}.ics" in words
            assert PREFERENCES in words
        assert "Change or cancel" in Page(mail.html).words
        assert "until Monday 23 November, 10:30" in mail.text

    @pytest.mark.parametrize("kind", KINDS)
    def test_that_there_are_none_of_leave_no_hole(self, kind: Kind) -> None:
        mail = mail_of(kind, manage_url="", calendar_url="", offer_url="", preferences_url="", note=None)

        assert Page(mail.html).all("a") == []
        assert "://" not in mail.text
        assert "online until" not in mail.text

    def test_without_a_calendar_make_changing_the_button(self) -> None:
        page = Page(mail_of(calendar_url="").html)

        assert page.all("a")[0]["href"] == MANAGE

    @pytest.mark.parametrize(
        "link", ["http://book.stillwater.example/x/", "javascript:alert(1)", "/x/", "mailto:x@x.example"]
    )
    @pytest.mark.parametrize("name", ["manage_url", "calendar_url", "preferences_url"])
    def test_that_are_weaker_than_the_studios_own_are_refused(self, name: str, link: str) -> None:
        """Check 41."""
        with pytest.raises(ValueError, match="https"):
            mail_of(**{name: link})

    def test_may_be_plain_where_the_studio_runs_plain(self) -> None:
        local = "http://127.0.0.1:8000"
        links = {"manage_url": f"{local}/manage/x/", "calendar_url": "", "preferences_url": ""}

        mail = mail_of(public_url=local, note=None, **links)

        assert f"{local}/manage/x/" in mail.text


class TestColours:
    PAIRS = {
        "light": [("#2a2520", "#fffdf9"), ("#665a4d", "#fffdf9"), ("#ffffff", "#2f6150"), ("#2f6150", "#fffdf9")],
        "dark": [("#f1e9de", "#24201c"), ("#b9ab9b", "#24201c"), ("#10251c", "#93c9b1"), ("#93c9b1", "#24201c")],
    }

    @pytest.mark.parametrize("mode", PAIRS)
    def test_can_be_read_by_everybody(self, mode: str) -> None:
        """messaging.md 3.1: contrast of 4.5 to 1."""
        page = mail_of().html
        for text, ground in self.PAIRS[mode]:
            assert text in page
            assert ground in page
            assert contrast(text, ground) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
