"""Our mail server in a stranger's hands: words sent to a victim (S49), or many mails (S50). Sam types Kim's address."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import get_resolver

from booking.api import throttling
from booking.models import Appointment
from notifications.models import Message
from tests.booking.caller import Caller, is_problem
from tests.house.test_doors import patterns
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, kinds, mails, rows, send, text_in

MINUTE = timedelta(minutes=1)
PHISH = "Your account is locked, see https://evil.example/login"
KIM = "kim@example.com"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sam(clock, settings: Any) -> Caller:
    """A stranger with no credential; only what is counted for each mail address may stop them."""
    throttling._away_until[0] = 0.0
    throttling._local.clear()
    throttling._server().flushdb()
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "0/min") | {"book-address": "5/hour"}
    return Caller()


def wish(start: datetime = VISIT, *, name: str = "Kim Larsen", **more: Any) -> dict[str, Any]:
    client = {"name": name, "email": KIM}
    return {"location": "mitte", "variation": "swedish-60", "start": start.isoformat(), "client": client} | more


def by_the_waitlist(start: datetime = VISIT, *, name: str = "Kim Larsen") -> dict[str, Any]:
    window = {"from": (start - HOUR).isoformat(), "until": (start + 2 * HOUR).isoformat()}
    client = {"name": name, "email": KIM}
    return {"location": "mitte", "variation": "swedish-60", "windows": [window], "client": client}


def for_two(start: datetime = VISIT, *, name: str = "Kim Larsen") -> dict[str, Any]:
    partner = {"name": name, "email": KIM}
    return wish(start, variation="couples-60", partner=partner) | {"client": {"name": "Sam", "email": "s@example.com"}}


def a_series(start: datetime = VISIT, *, name: str = "Kim Larsen") -> dict[str, Any]:
    return wish(start, name=name, repeat={"every_weeks": 1, "times": 2})


DOORS = {
    "a booking": ("appointments/", wish),
    "a visit for two": ("appointments/", for_two),
    "a series": ("series/", a_series),
    "the waitlist": ("waitlist/", by_the_waitlist),
}
every_door = pytest.mark.parametrize(("path", "body"), DOORS.values(), ids=DOORS)


class TestWordsForAVictim:
    """S49: the mail would be from the studio, and the words are Sam's."""

    @every_door
    def test_are_refused_as_a_name_at_every_door(self, studio, sam, path: str, body: Any) -> None:
        for name in (PHISH, "www.evil.example", "x" * 101):
            assert is_problem(sam.post(path, body(name=name)), 400, "invalid")

        assert (rows(), Appointment.objects.count()) == ([], 0)

    @every_door
    def test_would_else_be_taken(self, studio, sam, path: str, body: Any) -> None:
        """So that the ones above are refused for their words."""
        assert sam.post(path, body()).status_code == 201

    def test_in_a_note_reach_the_studio_alone(self, studio, sam, server) -> None:
        assert sam.post("appointments/", wish(note=PHISH)).status_code == 201

        send()

        [mail] = mails(server)
        said = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
        assert mail["To"] == KIM
        assert not [content for content in said if b"evil.example" in content]

    def test_of_an_odd_name_are_not_what_greets_them(self, studio, sam, server) -> None:
        assert sam.post("appointments/", wish(name="evil.example Invoice overdue")).status_code == 201

        send()

        [mail] = mails(server)
        for subtype in ("plain", "html"):
            assert "evil.example" not in text_in(mail, subtype)
            assert "overdue" not in text_in(mail, subtype)
        assert "evil" not in mail["Subject"]


class TestManyMailsToAVictim:
    """S50."""

    @every_door
    def test_are_five_an_hour_by_every_door_together(self, studio, sam, path: str, body: Any) -> None:
        for day in range(5):
            assert sam.post("appointments/", wish(VISIT + day * DAY)).status_code == 201
        written = Message.objects.count()

        refused = sam.post(path, body(VISIT + 6 * DAY + 3 * HOUR))

        assert is_problem(refused, 429, "too-many-requests")
        assert KIM not in refused.content.decode()
        assert Message.objects.count() == written == 5

    def test_do_not_come_of_a_form_that_is_sent_twice(self, studio, sam) -> None:
        found = [sam.post("appointments/", wish()).status_code for _ in range(3)]

        assert (found[0], Appointment.objects.count(), rows()) == (201, 1, [("confirmation", "pending")])

    def test_do_not_come_of_moving_it_again_and_again(self, studio, sam, server, clock) -> None:
        """Who booked under somebody's address has its link, and may move it as often as they like."""
        booked = sam.post("appointments/", wish()).json()
        holder = Caller(Authorization=f"Link {booked['manage_url'].rstrip('/').rsplit('/', 1)[1]}")
        send()

        for turn in range(1, 40):
            clock.shift(MINUTE)
            start = VISIT + (turn % 20) * 15 * MINUTE
            moved = holder.post(f"appointments/{booked['reference']}/reschedule/", {"start": start.isoformat()})
            assert moved.status_code == 200, moved.content
            send(NOW + turn * MINUTE)

        assert len(server.kept) <= 5
        last = NOW + 39 * MINUTE
        send(last + HOUR)
        assert kinds(server)[-1] == "rescheduled"
        assert len(server.kept) <= 6
        assert "Tuesday 24 November 2026, 15:15" in text_in(mails(server)[-1])

    def test_are_asked_for_at_no_door_that_is_not_counted(self) -> None:
        """There is none for “send it again” or “I have lost my link”; a new one has to be counted, too."""
        open_posts = {
            address: {"limits": getattr(view, "limits", {}).get("POST"), "limit": getattr(view, "limit", None)}
            for address, callback in patterns(get_resolver())
            if (view := getattr(callback, "view_class", None) or getattr(callback, "cls", None)) is not None
            if hasattr(view, "post")
            if getattr(view, "scopes", {}).get("POST", getattr(view, "scope", "")) == "public"
        }

        assert {address.rsplit("/", 2)[-2] for address in open_posts} >= {"appointments", "series", "waitlist"}
        assert [address for address, counted in open_posts.items() if "book" not in counted.values()] == []
