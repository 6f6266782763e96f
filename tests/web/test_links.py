import hashlib
from datetime import timedelta

import pytest
from django.test import Client

from booking import access
from booking.models import LinkToken
from tests.web.visitor import everything, text_of

AGENTS = [
    {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) SafeLinks"},
    {"User-Agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)"},
    {"User-Agent": "Mozilla/5.0 (compatible; Proofpoint URL Defense)"},
    {"User-Agent": "Mimecast-URL-Protect"},
    {"User-Agent": "GoogleImageProxy"},
    {"User-Agent": "facebookexternalhit/1.1"},
    {"User-Agent": "WhatsApp/2.24"},
    {"User-Agent": "Slackbot-LinkExpanding 1.0"},
    {"User-Agent": "Mozilla/5.0 Chrome/130", "Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"},
    {"User-Agent": "Mozilla/5.0 Firefox/132", "X-Moz": "prefetch"},
    {"User-Agent": "Mozilla/5.0 iPhone", "X-Purpose": "preview"},
]
PAGES = ["", "move/", "cancel/", "appointment.ics"]


def calendar_token(booked) -> str:
    return access.issue_links([(booked.appointment.pk, booked.appointment.end_at, "calendar")])[0]


@pytest.fixture
def wishes(booked, clock):
    """The token of Kim's mail settings."""
    from notifications import preferences
    from tests.factories import NOW

    return preferences.token_of(preferences.of(["kim@example.com"], now=NOW)["kim@example.com"])


class TestReading:
    def test_changes_nothing_and_sends_nothing_whoever_reads(self, booked, kim, sam, wishes):
        """S17, C-06: eleven agents, three methods, every page that a mail leads to."""
        addresses = [kim.address(page) for page in PAGES]
        addresses += [f"/calendar/{calendar_token(booked)}.ics", f"/preferences/{wishes}/"]
        addresses += [f"/api/v1/preferences/{wishes}/one-click/"]
        before = everything()

        answers = [
            getattr(sam, method)(address, headers=agent).status_code
            for agent in AGENTS
            for address in addresses
            for method in ("get", "head", "options")
        ]

        assert len(answers) > 90
        assert max(answers) < 500
        assert everything() == before


class TestAToken:
    def test_has_256_random_bits_of_which_only_the_digest_is_kept(self, booked):
        """S16."""
        kept = LinkToken.objects.get(purpose="manage")

        assert len(booked.token) == 43
        assert kept.digest == hashlib.sha256(booked.token.encode()).hexdigest()
        assert booked.token not in everything()

    def test_with_one_character_changed_opens_nothing(self, booked, sam):
        """S16: every place, another character of the same alphabet."""
        token = booked.token
        others = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(len(token))]

        assert {sam.get(f"/manage/{other}/").status_code for other in others} == {404}

    @pytest.mark.parametrize("page", PAGES)
    def test_of_one_purpose_is_nothing_at_the_door_of_another(self, booked, sam, wishes, page):
        """S20, S21."""
        for token in (calendar_token(booked), wishes):
            assert sam.get(f"/manage/{token}/{page}").status_code == 404
            assert sam.post(f"/manage/{token}/{page}").status_code == 404
        for token in (booked.token, wishes):
            assert sam.get(f"/calendar/{token}.ics").status_code == 404
        for token in (booked.token, calendar_token(booked)):
            assert sam.get(f"/preferences/{token}/").status_code == 404

    def test_opens_its_appointment_until_a_day_after_the_visit(self, booked, kim, clock):
        """S20."""
        ends = booked.appointment.end_at + timedelta(hours=24)

        clock.move_to(ends - timedelta(seconds=1))
        assert kim.open().status_code == 200
        clock.move_to(ends)
        assert kim.open().status_code == 404

    def test_that_was_revoked_opens_nothing(self, booked, kim):
        """S20."""
        LinkToken.objects.update(revoked_at=booked.appointment.created_at)

        assert kim.open().status_code == 404

    def test_that_is_wrong_looks_like_any_unknown_address(self, kim, sam):
        unknown = sam.get("/no/such/page/")

        wrong = sam.get("/manage/never-was/")

        assert wrong.status_code == unknown.status_code == 404
        assert wrong.content == unknown.content
        assert wrong.headers == unknown.headers

    @pytest.mark.parametrize("token", ["x", "%00", "..", "%F0%9F%92%86", "a" * 2000, "'--"])
    def test_may_be_any_text_and_never_breaks_a_page(self, db, sam, token):
        assert sam.get(f"/manage/{token}/").status_code == 404
        assert sam.get(f"/calendar/{token}.ics").status_code == 404
        assert sam.get(f"/preferences/{token}/").status_code == 404


class TestGuessing:
    @pytest.fixture(autouse=True)
    def limited(self, settings, no_limits) -> None:
        settings.LIMITS = settings.LIMITS | {"links": "3/hour"}

    def test_is_counted_by_address_and_stopped(self, kim):
        guesser = Client(REMOTE_ADDR="203.0.113.7")

        answers = [guesser.get(f"/manage/guess-{number}/") for number in range(5)]

        assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
        assert int(answers[-1]["Retry-After"]) > 0
        assert answers[-1]["Cache-Control"] == "no-store"
        assert "Please wait a little" in text_of(answers[-1])
        assert guesser.get("/calendar/guess.ics").status_code == 429
        assert guesser.get("/preferences/guess/").status_code == 429

    def test_by_one_neither_stops_others_nor_links_that_are_right(self, kim):
        for number in range(5):
            Client(REMOTE_ADDR="203.0.113.8").get(f"/manage/guess-{number}/")

        assert Client(REMOTE_ADDR="203.0.113.8").get(kim.address()).status_code == 200
        assert Client(REMOTE_ADDR="203.0.113.9").get("/manage/guess/").status_code == 404


class TestTheCalendarLink:
    def test_gives_the_file_and_nothing_else(self, booked, sam):
        answer = sam.get(f"/calendar/{calendar_token(booked)}.ics")

        assert answer["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        assert answer["Cache-Control"] == "no-store"
        assert b"METHOD:PUBLISH" in answer.content
        assert b"kim@example.com" not in answer.content
