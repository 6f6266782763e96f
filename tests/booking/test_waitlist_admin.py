"""The waitlist on the owner's pages: in line, by the location's clocks, and only to be read."""

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from booking.models import WaitlistEntry
from tests import factories
from tests.booking.admin_pages import address
from tests.booking.waiting import half_a_minute_passes, join, window


@pytest.fixture
def noor(clock, db) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("noor"))
    return browser


@pytest.fixture
def sam(clock, db):
    """On another clock than the server's."""
    factories.house(zone="America/New_York")
    return join(windows=[window("18:00", "21:00")])


class TestTheWaitlist:
    def test_shows_windows_and_offers_by_the_clocks_of_the_place(self, noor, sam):
        """T-11."""
        half_a_minute_passes()

        page = noor.get(address(WaitlistEntry, WaitlistEntry.objects.get().pk)).content.decode()

        assert "2026-12-01 12:00 America/New_York" in page  # 18:00 in Berlin
        assert "2026-11-23 04:00 America/New_York" in page  # to be answered until
        assert sam.token not in page

    def test_is_listed_in_line_and_cannot_be_written(self, noor, sam):
        page = noor.get("/admin/booking/waitlistentry/")

        assert sam.reference in page.content.decode()
        assert noor.get("/admin/booking/waitlistentry/add/").status_code == 403
        assert noor.post(address(WaitlistEntry, 1), {"state": "accepted"}).status_code in {302, 403}
        assert WaitlistEntry.objects.get().state == "waiting"
