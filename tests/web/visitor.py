"""Somebody with a link and a browser, and ways to look at what came of it."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.core import serializers
from django.http import HttpResponse
from django.test import Client

from booking import access, queries
from booking.actions.book import Booked, Person, Wishes, book_appointment
from tests.factories import NOW, TUESDAY, at

READING = timedelta(seconds=5)


def book(
    clock_time: str = "10:00",
    *,
    on: date = TUESDAY,
    zone: str = "Europe/Berlin",
    name: str = "Kim Larsen",
    email: str = "kim@example.com",
    therapist: str | None = None,
    variation: str = "swedish-60",
    now: datetime = NOW,
    **wishes: Any,
) -> Booked:
    wanted = queries.wanted(location="harbour", variation=variation, therapist=therapist)
    person = Person(name=name, email=email, phone="+49 170 9876543")
    start_at = datetime.fromisoformat(at(clock_time, on, zone))
    return book_appointment(
        wanted, start_at=start_at, wishes=Wishes(client=person, **wishes), by=access.ANYONE, now=now
    )


class Visitor:
    """Opens pages of one appointment, reads them for some seconds, and presses their buttons."""

    def __init__(self, token: str, clock: Any) -> None:
        self.token = token
        self.clock = clock
        self.browser = Client()

    def open(self, page: str = "", **query: str) -> HttpResponse:
        return self.browser.get(self.address(page), query)

    def press(self, page: str, *, after: timedelta = READING, **fields: str) -> HttpResponse:
        """Open the page, wait, and send its form with `fields`."""
        value = pressed_value(self.open(page))
        self.clock.shift(after)
        return self.send(page, press=value, **fields)

    def send(self, page: str, **fields: str) -> HttpResponse:
        return self.browser.post(self.address(page), fields)

    def address(self, page: str = "") -> str:
        return f"/manage/{self.token}/{page}"


def text_of(page: HttpResponse) -> str:
    return page.content.decode()


def pressed_value(page: HttpResponse) -> str:
    """Return the value that the page's button gives back. Fails when the page has no button."""
    found = re.search(r'name="press"\s+value="([^"]+)"', text_of(page))
    assert found, text_of(page)
    return found[1]


def offered(page: HttpResponse) -> list[str]:
    """Return each time that the page offers, in its order."""
    return re.findall(r'name="start"\s+value="([^"]+)"', text_of(page))


def everything() -> str:
    """Return all that our tables hold, so that two moments can be compared."""
    ours = [
        model for name in ("booking", "notifications", "content") for model in apps.get_app_config(name).get_models()
    ]
    return "\n".join(serializers.serialize("json", model.objects.order_by("pk")) for model in ours)
