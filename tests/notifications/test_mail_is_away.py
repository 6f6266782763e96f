"""R-14: whatever becomes of a mail, the visit is booked, and calendars and other programs hear of it."""

from collections.abc import Iterator
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client as Browser

from booking import access
from booking.actions.make_feed import make_feed
from booking.models import Appointment, Location
from notifications import writing
from notifications.webhooks import keeping
from notifications.webhooks.models import Event, WebhookDelivery
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, Stillwater, cancel, move, rows, send


def nobody_listens(settings: Any, _monkeypatch: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def no_mail_was_ever_set_up(settings: Any, _monkeypatch: Any) -> None:
    settings.EMAIL_BACKEND = "nobody.has.this.Backend"


def no_mail_can_be_made(settings: Any, monkeypatch: Any) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ValueError

    nobody_listens(settings, monkeypatch)
    monkeypatch.setattr(writing, "render", fails)


@pytest.fixture(params=[nobody_listens, no_mail_was_ever_set_up, no_mail_can_be_made], ids=lambda each: each.__name__)
def tried(request: Any, settings: Any, monkeypatch: Any):
    """Let a worker try to send, whatever comes of it."""
    request.param(settings, monkeypatch)

    def tried(now: Any) -> None:
        try:
            send(now)
        except ImportError:
            assert request.param is no_mail_was_ever_set_up

    return tried


@pytest.fixture
def studio(db: None) -> Iterator[Stillwater]:
    """A program elsewhere listens to it; the clock of its pages stands at NOW."""
    webhook = "https://93.184.215.14/in"
    keeping.make(url=webhook, host=keeping.host_of(webhook), events=list(Event.values), now=NOW)
    with time_machine.travel(NOW, tick=False):
        yield Stillwater()


def read(address: str) -> icalendar.Event:
    answer = Browser().get(address)
    assert answer.status_code == 200
    [event] = icalendar.Calendar.from_ical(answer.content).events
    return event


class TestWithoutMail:
    def test_a_visit_is_booked_moved_and_cancelled_in_calendars_and_webhooks(self, studio, tried):
        """R-14: what waits is the mail, and nothing waits for it."""
        booked = studio.book()
        [token] = access.issue_links([(booked.pk, booked.end_at, "calendar")])
        feed = make_feed(Location.objects.get(), now=NOW).secret
        tried(NOW)
        moved = move(booked, VISIT + DAY, now=NOW + HOUR)
        tried(NOW + HOUR)

        for address in (f"/calendar/{token}.ics", f"/calendars/{feed}.ics"):
            event = read(address)
            assert (str(event["UID"]), event["SEQUENCE"], event.decoded("DTSTART")) == (str(booked.uid), 1, VISIT + DAY)
        cancel(moved, now=NOW + 2 * HOUR)
        tried(NOW + 2 * HOUR)

        assert Appointment.objects.get().status == "cancelled"
        assert str(read(f"/calendars/{feed}.ics")["STATUS"]) == "CANCELLED"
        assert [row.event for row in WebhookDelivery.objects.order_by("pk")] == [
            *("appointment.booked", "appointment.rescheduled", "appointment.cancelled"),
        ]
        assert "sent" not in {state for _, state in rows()}
        assert {state for kind, state in rows() if kind == "cancelled"} == {"pending"}
