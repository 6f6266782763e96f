"""The page behind an offer's mail: one press to take the time, and nothing by reading."""

import re
from datetime import datetime, timedelta

import pytest

from booking import access, queries
from booking.access import ANYONE
from booking.actions.book import Person, Wishes
from booking.actions.waitlist.decline import decline_offer
from booking.actions.waitlist.expire import expire_offers
from booking.actions.waitlist.fill import fill_every_gap
from booking.actions.waitlist.join import join_waitlist
from booking.models import Appointment, HistoryEntry, WaitlistEntry, WaitlistOffer
from tests.factories import NOW, at
from tests.web.test_links import AGENTS
from tests.web.visitor import READING, Visitor, everything, text_of


class Reader(Visitor):
    """Somebody with a link to their place on the waitlist."""

    def address(self, page=""):
        return f"/waitlist/{self.token}/"

    def press_button(self, do, *, after=READING):
        value = self.value(do)
        self.clock.shift(after)
        return self.send("", do=do, press=value)

    def value(self, do):
        found = re.search(rf'name="do" value="{do}">\s*<input[^>]*name="press"\s+value="([^"]+)"', text_of(self.open()))
        assert found, text_of(self.open())
        return found[1]


@pytest.fixture
def joined(house):
    """Sam would come on Tuesday at ten, or else at two."""
    wanted = queries.wanted(location="harbour", variation="swedish-60")
    windows = [(instant("10:00"), instant("11:00")), (instant("14:00"), instant("15:00"))]
    wishes = Wishes(client=Person(name="Sam Okoro", email="sam@example.com"))
    return join_waitlist(wanted, windows=windows, wishes=wishes, by=ANYONE, now=NOW)


def instant(clock_time):
    return datetime.fromisoformat(at(clock_time))


@pytest.fixture
def offered(joined):
    fill_every_gap(now=NOW)
    return WaitlistOffer.objects.get()


@pytest.fixture
def sam(offered, clock):
    """Who got the mail, and has read before they press."""
    [token] = access.issue_offer_links([(offered.hold_id, offered.hold.end_at)])
    return Reader(token, clock)


def state():
    return WaitlistEntry.objects.get().state


class TestThePage:
    def test_shows_the_time_and_until_when_it_is_kept(self, sam):
        answer = sam.open()
        page = text_of(answer)

        assert answer.status_code == 200
        assert "Tuesday 1 December 2026" in page
        assert "10:00–11:00 (Berlin time)" in page
        assert "until Monday 23 November, 10:00 (Berlin time)" in page
        assert "Sam" in page
        assert "Okoro" not in page
        assert "example.com" not in page
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")

    def test_changes_nothing_whoever_reads(self, sam):
        """S17."""
        before = everything()

        answers = [
            getattr(sam.browser, method)(sam.address(), headers=agent).status_code
            for agent in AGENTS
            for method in ("get", "head", "options")
        ]

        assert max(answers) < 500
        assert everything() == before

    def test_opens_with_the_token_of_joining_too(self, joined, clock):
        page = text_of(Reader(joined.token, clock).open())

        assert "You are on the waitlist" in page
        assert "Tuesday 1 December 2026, 10:00–11:00" in page

    def test_opens_with_no_other_link(self, sam, book, clock):
        """S21."""
        other = book("14:00")

        assert Reader(other.token, clock).open().status_code == 404
        assert Reader("never-was", clock).open().status_code == 404
        assert sam.browser.get(f"/manage/{sam.token}/").status_code == 404

    def test_says_kindly_that_the_offer_has_gone(self, sam, clock):
        clock.shift(timedelta(hours=1))
        before_any_job = text_of(sam.open())
        expire_offers(now=NOW + timedelta(hours=1))

        assert "You are on the waitlist" in before_any_job
        assert "has gone to the next in line" in text_of(sam.open())


class TestTakingIt:
    def test_is_one_press_and_leads_to_the_appointment(self, sam):
        answer = sam.press_button("accept")

        assert answer.status_code == 302
        assert "See you soon, Sam" in text_of(sam.browser.get(answer["Location"]))
        assert (state(), Appointment.objects.get().status) == ("accepted", "booked")
        assert HistoryEntry.objects.get().channel == "page"
        assert "It is booked" in text_of(sam.open())

    @pytest.mark.parametrize("seconds", [0, 1.9, 30 * 60 + 1])
    def test_needs_a_person(self, sam, seconds):
        """S18: from two seconds to thirty minutes after the page was shown."""
        assert sam.press_button("accept", after=timedelta(seconds=seconds)).status_code == 409
        assert state() == "offered"

    @pytest.mark.parametrize("fields", [{}, {"do": "accept"}, {"do": "book"}, {"do": "accept", "press": "yes"}])
    def test_needs_the_pages_own_value(self, sam, fields):
        """S18, S30."""
        assert sam.send("", **fields).status_code == 409
        assert state() == "offered"

    def test_is_not_done_by_another_buttons_value(self, sam):
        value = sam.value("decline")
        sam.clock.shift(READING)

        assert sam.send("", do="accept", press=value).status_code == 409
        assert state() == "offered"

    def test_of_another_offer_than_the_page_showed_is_asked_again(self, sam):
        value = sam.value("accept")
        decline_offer(WaitlistEntry.objects.get(), now=NOW)
        fill_every_gap(now=NOW)
        sam.clock.shift(READING)

        answer = sam.send("", do="accept", press=value)

        assert answer.status_code == 409
        assert "another time for you now" in text_of(answer)
        assert "14:00–15:00" in text_of(answer)
        assert state() == "offered"

    def test_too_late_is_told(self, sam):
        value = sam.value("accept")
        sam.clock.shift(timedelta(minutes=29))
        WaitlistOffer.objects.update(expires_at=NOW + timedelta(minutes=20))

        answer = sam.send("", do="accept", press=value)

        assert answer.status_code == 409
        assert "You are on the waitlist" in text_of(answer)
        assert not Appointment.objects.filter(status="booked").exists()


class TestLeavingIt:
    def test_to_the_next_keeps_the_place(self, sam):
        answer = sam.press_button("decline")

        assert (answer.status_code, answer["Location"], state()) == (302, sam.address(), "waiting")
        assert "You keep your old place" in text_of(sam.open())

    def test_for_good_ends_it(self, sam):
        sam.press_button("leave")

        assert state() == "withdrawn"
        assert "You are off the waitlist" in text_of(sam.open())
        assert not Appointment.objects.exists()
