"""S46: what staff type is read by every visitor, so it is text and never runs, on no page and in no answer."""

import re
from typing import Any

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from booking import access
from booking.models import AddOn, Appointment, Location, Room, Service, Studio, Therapist
from content.models import Citation, Snippet, Source
from tests.web.visitor import Visitor, text_of

TYPED = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"onload='x' {{ 49 }}MARK"
WRITTEN = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"
BY_STAFF: dict[Any, tuple[str, ...]] = {
    Studio: ("name",),
    Location: ("name", "address"),
    Room: ("name",),
    Service: ("name", "description", "category"),
    AddOn: ("name",),
    Therapist: ("name", "bio"),
    Source: ("title", "journal", "authors", "design", "result"),
}


@pytest.fixture
def typed(approved: None, house: Any, kim: Visitor) -> Visitor:
    """Kim with her link, after somebody at the studio has typed such things wherever text may stand."""
    for model, fields in BY_STAFF.items():
        for name in fields:
            longest = model._meta.get_field(name).max_length
            model.objects.update(**{name: TYPED[:longest] if longest and longest < len(TYPED) else TYPED})
    Citation.objects.update(text=TYPED)
    Appointment.objects.update(note=TYPED)
    # Of a note the title and text have rules of their own, in the database too; they are tried as far as those allow.
    Snippet.objects.filter(status="approved").update(title=Concat(F("title"), Value("<u>"), output_field=None))
    return kim


PUBLIC = ("/", "/learn/", "/learn/{snippet}/", "/problems/", "/no/such/page/")
BY_LINK = ("", "move/", "cancel/", "calendar/")


@pytest.fixture
def pages(typed: Visitor) -> dict[str, Any]:
    """Each page that somebody without a password may open, by its address."""
    slug = Snippet.objects.filter(status="approved").first().slug
    found = {address: typed.browser.get(address.format(snippet=slug)) for address in PUBLIC}
    found |= {f"manage/{name}": typed.open(name) for name in BY_LINK}
    assert all("html" in page["Content-Type"] for page in found.values())
    return found


class TestAPage:
    def test_writes_it_as_text_and_takes_it_for_no_template(self, pages) -> None:
        """S46, S52."""
        for address, page in pages.items():
            for mark in ("<script>alert", "<img", "<u>", "49MARK"):
                assert mark not in text_of(page), (address, mark)
        assert [
            address for address in ("/", "/learn/{snippet}/", "manage/") if WRITTEN not in text_of(pages[address])
        ] == []
        assert "&lt;u&gt;" in text_of(pages["/learn/"])

    def test_would_not_run_it_if_it_got_through(self, pages) -> None:
        """S46: the browser is told so. Scripts come from files of ours, and none stand in a page."""
        for address, page in pages.items():
            assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text_of(page)) == [], address
            rules = dict(rule.strip().partition(" ")[::2] for rule in page["Content-Security-Policy"].split(";"))
            assert rules["script-src"] == "'self'", address
            assert (rules["default-src"], rules["object-src"], rules["base-uri"]) == ("'none'",) * 3, address


class TestWhatProgramsRead:
    def test_is_nothing_that_a_browser_takes_for_a_page(self, typed) -> None:
        visit = Appointment.objects.get()
        [token] = access.issue_links([(visit.pk, visit.end_at, "calendar")])
        catalogue = [f"/api/v1/{path}/" for path in ("locations", "services", "therapists", "snippets")]

        for path in (f"/calendar/{token}.ics", *catalogue):
            answer = typed.browser.get(path, headers={"Accept": "text/html"})
            assert "html" not in answer["Content-Type"]
            assert answer["X-Content-Type-Options"] == "nosniff"
