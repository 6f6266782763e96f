"""What the studio reads when a guest's calendar said no: messaging.md checks 40 to 44 and 76; S45, S47, S52."""

import re
from typing import Any

import pytest

from booking.wording import LANGUAGES
from notifications.render import Rendered
from notifications.summary import render_declined
from tests.booking.visits import visit, visit_at
from tests.notifications.letters import PUBLIC
from tests.notifications.pages import Page

DESK = f"{PUBLIC}/admin/booking/appointment/4711/change/"
FORBIDDEN_TAGS = {"script", "form", "input", "img", "iframe", "link", "svg", "object"}
WIDE = "𠜎" * 300


def told(*, guest: str = "Kim Larsen", language: str = "en", **changes: Any) -> Rendered:
    return render_declined(visit(**changes), guest=guest, desk_url=DESK, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
class TestANotice:
    def test_is_a_page_that_every_mail_program_can_show(self, language: str) -> None:
        """Check 41: its one link is the desk's."""
        page = Page(told(language=language).html)

        assert page.all("html")[0]["lang"] == language
        assert len(page.all("title")) == 1
        assert all(table["role"] == "presentation" for table in page.all("table"))
        assert {name for name, _ in page.tags}.isdisjoint(FORBIDDEN_TAGS)
        assert [link["href"] for link in page.all("a")] == [DESK]

    def test_names_date_time_zone_place_and_visit_in_text_and_page(self, language: str) -> None:
        """Checks 42 and 43."""
        mail = told(language=language)

        for words in (mail.text, Page(mail.html).words):
            for fact in ("10:30–11:30", "Berlin", "Stillwater Mitte", "Linienstraße 12", "7KQ2M9XWBD", "Kim Larsen"):
                assert fact in words
        assert DESK in mail.text

    def test_has_the_studios_time_whatever_the_server_thinks(self, language: str) -> None:
        """Check 43."""
        summer = visit_at("2026-07-15T14:00", zone="America/New_York")

        text = render_declined(summer, guest="Kim", desk_url=DESK, language=language).text

        assert "14:00–15:00" in text
        assert "New York" in text
        assert "18:00" not in text

    def test_escapes_in_the_page_and_not_in_the_text(self, language: str) -> None:
        """Check 44; S45."""
        mail = told(language=language, guest="<script>alert(1)</script> {{ desk_url }} {0.__class__}")

        assert "<script>" not in mail.html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ desk_url }} {0.__class__}" in mail.html
        assert "<script>alert(1)</script> {{ desk_url }} {0.__class__}" in mail.text

    def test_prints_no_control_character_and_no_second_line_of_a_name(self, language: str) -> None:
        """S47."""
        typed = "Kim\x00\r\nBcc: sam@example.org\x1b\u2028\u202e"

        mail = told(language=language, guest=typed, service_name=typed, studio_name=typed, location_name=typed)

        for words in (mail.subject, mail.text, mail.html):
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", words)
        assert "\nBcc" not in mail.text

    def test_stays_small_with_the_longest_data(self, language: str) -> None:
        """Check 40."""
        longest = dict.fromkeys(("studio_name", "location_name", "location_address", "service_name"), WIDE)

        mail = told(language=language, guest=WIDE, add_ons=(WIDE,) * 5, therapists=(WIDE,) * 2, **longest)

        assert len(mail.html.encode()) < 102_400

    def test_holds_nothing_that_would_let_its_reader_act_as_the_client(self, language: str) -> None:
        """Check 76: no link of theirs, no address and no price; the desk looks that up."""
        mail = told(language=language)

        for words in (mail.text, mail.html):
            for secret in ("/manage/", "/calendar/", "/preferences/", "kim@example.com", "95.00", "95,00"):
                assert secret not in words

    def test_about_nobody_known_reads_well(self, language: str) -> None:
        heading = told(language=language, guest="").text.splitlines()[0]

        assert heading.startswith({"en": "A guest: ", "de": "Ein Gast: "}[language])

    def test_has_a_subject_that_a_lock_screen_may_show(self, language: str) -> None:
        """Check 24."""
        subject = told(language=language).subject

        for private in ("Kim", "massage", "Mara"):
            assert private not in subject
