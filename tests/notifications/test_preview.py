"""Staff see every mail in every language before a client does. Noor is the owner, Sam a stranger."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from booking.wording import LANGUAGES
from notifications.models import Kind, Message
from notifications.samples import TOKEN
from tests.notifications.pages import Page

PREVIEW = "/admin/notifications/message/preview/"
EVERY = [(kind, language) for kind in Kind.values for language in LANGUAGES]


@pytest.fixture
def noor(db) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_user("noor", is_staff=True))
    return browser


class TestThePreview:
    @pytest.mark.parametrize(("kind", "language"), EVERY)
    def test_shows_the_text_beside_the_page_in_a_sandbox(self, noor, kind: str, language: str) -> None:
        answer = noor.get(f"{PREVIEW}{kind}/{language}/")
        page = answer.content.decode()

        assert answer.status_code == 200
        assert f'<pre lang="{language}">' in page
        assert "Stillwater Mitte" in page
        frame = re.search(r"<iframe[^>]*>", page)
        assert frame is not None
        assert re.search(r"\ssandbox(?=[\s>])", frame[0])
        assert f'src="{PREVIEW}{kind}/{language}/html/"' in frame[0]

    @pytest.mark.parametrize(("kind", "language"), EVERY)
    def test_gives_the_page_that_runs_and_loads_nothing(self, noor, kind: str, language: str) -> None:
        answer = noor.get(f"{PREVIEW}{kind}/{language}/html/")

        assert Page(answer.content.decode()).all("html")[0]["lang"] == language
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert policy.endswith("sandbox")
        assert answer["X-Frame-Options"] == "SAMEORIGIN"

    def test_leads_to_every_other(self, noor) -> None:
        page = noor.get(PREVIEW, follow=True).content.decode()

        for kind, language in EVERY:
            assert f'href="{PREVIEW}{kind}/{language}/"' in page

    def test_is_reached_from_the_list_of_messages(self, db) -> None:
        browser = Browser()
        browser.force_login(User.objects.create_superuser("noor"))

        assert f'href="{PREVIEW}"' in browser.get("/admin/notifications/message/").content.decode()

    def test_sends_and_keeps_nothing(self, noor) -> None:
        noor.get(f"{PREVIEW}confirmation/de/")

        assert not Message.objects.exists()

    def test_opens_nothing_by_its_links(self, noor) -> None:
        assert noor.get(f"/manage/{TOKEN}/").status_code == 404

    @pytest.mark.parametrize("path", ["nonsense/en/", "confirmation/fr/", "confirmation/fr/html/"])
    def test_of_what_there_is_not_is_not_found(self, noor, path: str) -> None:
        assert noor.get(PREVIEW + path).status_code == 404

    @pytest.mark.parametrize("path", ["", "confirmation/en/", "confirmation/en/html/"])
    def test_is_for_staff_only(self, db, path: str) -> None:
        """A door that says who may open it (S09)."""
        sam = Browser()
        sam.force_login(User.objects.create_user("sam"))

        for visitor in (sam, Browser()):
            answer = visitor.get(PREVIEW + path)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/")
