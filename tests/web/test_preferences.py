from datetime import timedelta

import pytest
from django.test import Client

from notifications import preferences
from notifications.models import Preference
from tests.factories import NOW
from tests.web.visitor import READING, pressed_value, text_of

ALL_ON = {"tips": True, "follow_ups": True, "reminders": True}


@pytest.fixture
def address(db, clock) -> str:
    """Where Kim's mails lead to."""
    found = preferences.of(["kim@example.com"], now=NOW)["kim@example.com"]
    return f"/preferences/{preferences.token_of(found)}/"


@pytest.fixture
def save(address, clock):
    """Read the page, then send its form with these boxes ticked."""

    def save(*ticked: str, after: timedelta = READING):
        value = pressed_value(Client().get(address))
        clock.shift(after)
        return Client(enforce_csrf_checks=True).post(address, {"press": value} | dict.fromkeys(ticked, "yes"))

    return save


def kept() -> dict[str, bool]:
    return Preference.objects.values("tips", "follow_ups", "reminders").get()


class TestMailSettings:
    def test_show_what_holds_and_no_address(self, address, sam):
        page = text_of(sam.get(address))

        assert page.count("checked") == 3
        assert "kim" not in page

    def test_are_saved_as_ticked(self, save):
        answer = save("reminders")

        assert answer.status_code == 200
        assert "Saved" in text_of(answer)
        assert kept() == {"tips": False, "follow_ups": False, "reminders": True}

    def test_stop_follow_ups_and_keep_reminders(self, save):
        """Check 47: at once, and reminders still come."""
        save("reminders", "tips")

        assert kept() == {"tips": True, "follow_ups": False, "reminders": True}

    def test_are_not_saved_by_a_press_that_no_person_made(self, save):
        """S18."""
        answer = save(after=timedelta(0))

        assert answer.status_code == 409
        assert "very quick" in text_of(answer)
        assert "checked" not in text_of(answer)
        assert kept() == ALL_ON

    @pytest.mark.parametrize("query", ["", "?tips=false", "?reminders=&press=x"])
    def test_do_not_change_by_reading(self, address, sam, query):
        """Check 46."""
        assert sam.get(address + query).status_code == 200
        assert kept() == ALL_ON


class TestOneClick:
    def test_reads_as_the_page_and_changes_nothing(self, address, sam):
        """Check 46: GET leads to the page, without an opt-out."""
        answer = sam.get(f"/api/v1{address}one-click/", follow=True)

        assert answer.redirect_chain == [(address, 302)]
        assert "Which mails would you like?" in text_of(answer)
        assert kept() == ALL_ON

    @pytest.mark.parametrize("multipart", [True, False])
    def test_stops_tips_and_follow_ups_and_keeps_reminders(self, address, multipart):
        """Checks 46 and 47: form-urlencoded and multipart, no cookie, no redirect."""
        program = Client(enforce_csrf_checks=True)
        where = f"/api/v1{address}one-click/"

        if multipart:
            answer = program.post(where, {"List-Unsubscribe": "One-Click"})
        else:
            form = "application/x-www-form-urlencoded"
            answer = program.post(where, "List-Unsubscribe=One-Click", content_type=form)

        assert answer.status_code == 200
        assert kept() == {"tips": False, "follow_ups": False, "reminders": True}

    def test_with_a_wrong_token_changes_nothing(self, address, sam):
        """Check 46."""
        answer = sam.post("/api/v1/preferences/never-was/one-click/", {"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 404
        assert kept() == ALL_ON
