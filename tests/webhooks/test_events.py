"""What webhooks are told, whoever does it and by whichever door: H-02, S58."""

import json
from datetime import datetime, timedelta

import pytest

from booking import access, events
from booking.actions.relocate import change_address
from booking.actions.waitlist.fill import fill_every_gap
from booking.events import AppointmentBooked
from notifications.models import Message
from notifications.webhooks import listeners, payload
from notifications.webhooks.models import Event, Webhook, WebhookDelivery
from tests.booking.caller import Caller, row_counts, statements
from tests.factories import NOW, api_key, at, guest
from tests.house.tree import ROOT
from tests.web.visitor import Visitor

DESK = ("read", "desk")


@pytest.fixture
def webhook(house, hook, names) -> Webhook:
    names(hooks_example_com=["93.184.215.14"])
    return hook("https://hooks.example.com/in")


@pytest.fixture
def desk(house) -> Caller:
    return Caller(Authorization=f"Bearer {api_key(*DESK)}")


@pytest.fixture
def book(house):
    def book(start: str = "10:00", caller: Caller | None = None, **changes):
        body = {"location": "harbour", "variation": "swedish-60", "start": at(start), "client": guest()} | changes
        answer = (caller or Caller()).post("appointments/", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return book


def told(**wanted) -> list[dict]:
    return [json.loads(row.body) for row in WebhookDelivery.objects.filter(**wanted).order_by("pk")]


def words() -> list[str]:
    return [body["type"] for body in told()]


@pytest.mark.usefixtures("webhook")
class TestABody:
    def test_says_what_when_and_the_plain_facts(self, book) -> None:
        booked = book(add_ons=["scalp"])

        assert told() == [
            {
                "type": "appointment.booked",
                "timestamp": "2026-11-23T08:00:00Z",
                "data": {
                    "reference": booked["reference"],
                    "status": "booked",
                    "version": 1,
                    "sequence": 0,
                    "location": "harbour",
                    "service": "swedish",
                    "duration_minutes": 75,
                    "add_ons": ["Scalp"],
                    "therapists": ["anna"],
                    "start": "2026-12-01T10:00:00+01:00",
                    "end": "2026-12-01T11:15:00+01:00",
                    "time_zone": "Europe/Berlin",
                    "price": {"amount": "107.50", "currency": "EUR"},
                },
            }
        ]

    def test_names_nobody_and_is_small(self, book) -> None:
        book(client=guest("Zacharias Quill", "zq@example.com", phone="+49 40 1234567"), note="A bad knee")

        [row] = WebhookDelivery.objects.all()
        assert not [secret for secret in ("Quill", "zq@", "1234567", "knee") if secret in row.body]
        assert len(row.body) < 1000

    def test_stays_what_it_was_when_more_happens(self, book, desk) -> None:
        booked = book()

        desk.post(f"appointments/{booked['reference']}/reschedule/", {"start": at("14:00")})

        assert [body["data"]["start"][11:16] for body in told()] == ["10:00", "14:00"]
        assert [body["data"]["sequence"] for body in told()] == [0, 1]


@pytest.mark.usefixtures("webhook")
class TestTheSameChange:
    """H-02: a page, a link and the API lead to the same mails and the same webhooks."""

    def doors(self, booked, desk, clock):
        page = Visitor(booked["token"], clock)
        link = Caller(Authorization=f"Link {booked['token']}")
        address = f"appointments/{booked['reference']}"
        return {
            "page": lambda: page.press("cancel/"),
            "link": lambda: link.post(f"{address}/cancel/"),
            "desk": lambda: desk.post(f"{address}/cancel/"),
        }

    @pytest.mark.parametrize("door", ["page", "link", "desk"])
    def test_is_told_alike_through_every_door(self, door: str, book, desk, clock) -> None:
        booked = book()

        assert self.doors(booked, desk, clock)[door]().status_code in {200, 302}

        booking, cancelling = told()
        assert cancelling["type"] == "appointment.cancelled"
        assert cancelling["data"] == booking["data"] | {"status": "cancelled", "version": 2, "sequence": 1}
        assert list(Message.objects.order_by("pk").values_list("kind", flat=True)) == ["confirmation", "cancelled"]

    def test_is_told_also_when_the_client_is_to_hear_nothing(self, book, desk) -> None:
        book(caller=desk, notify=False)

        assert words() == ["appointment.booked"]
        assert Message.objects.count() == 0

    def test_done_twice_is_told_once(self, book, desk) -> None:
        booked = book()
        for _ in range(2):
            desk.post(f"appointments/{booked['reference']}/cancel/")

        assert words() == ["appointment.booked", "appointment.cancelled"]


@pytest.mark.usefixtures("webhook")
class TestEachEvent:
    def test_of_the_desk_has_its_word(self, book, desk, clock) -> None:
        booked = book()
        address = f"appointments/{booked['reference']}"
        clock.move_to(NOW.replace(month=12, day=1, hour=9, minute=5))
        for step in ("check-in", "undo", "no-show"):
            assert desk.post(f"{address}/{step}/").status_code == 200

        assert words() == [
            "appointment.booked",
            "appointment.attended",
            "appointment.taken_back",
            "appointment.no_show",
        ]
        assert [body["data"]["status"] for body in told()] == ["booked", "arrived", "booked", "noshow"]

    def test_of_a_request_has_its_word(self, house, book, desk) -> None:
        house.swedish.needs_confirmation = True
        house.swedish.save()
        for clock_time, step in (("10:00", "confirm"), ("12:00", "decline")):
            booked = book(clock_time)
            assert desk.post(f"appointments/{booked['reference']}/{step}/").status_code == 200

        assert words() == [
            "appointment.requested",
            "appointment.confirmed",
            "appointment.requested",
            "appointment.declined",
        ]

    def test_of_a_move_has_its_word(self, house, book, desk) -> None:
        booked = book()
        desk.post(f"appointments/{booked['reference']}/reschedule/", {"start": at("12:00")})

        change_address(house.harbour, address="Kai 2\n20457 Hamburg", by=access.staff("Noor"), now=NOW)

        assert words() == ["appointment.booked", "appointment.rescheduled", "appointment.relocated"]

    def test_of_the_waitlist_has_its_word(self, house, book, desk) -> None:
        booked = [book("10:00"), book("10:00", client=guest("Robin", "robin@example.com"))]
        windows = [{"from": at("09:30"), "until": at("11:30")}]
        entry = Caller().post(
            "waitlist/",
            {
                "location": "harbour",
                "variation": "swedish-60",
                "windows": windows,
                "client": guest("Sam", "s@example.com"),
            },
        )
        assert entry.status_code == 201, entry.content
        desk.post(f"appointments/{booked[0]['reference']}/cancel/")
        fill_every_gap(now=NOW)

        offered = next(body for body in told() if body["type"] == "waitlist.offered")
        assert offered["data"]["status"] == "held"
        assert offered["data"]["waitlist_entry"] == entry.json()["reference"]
        assert datetime.fromisoformat(offered["data"]["answer_until"]) == NOW + timedelta(hours=1)

    def test_of_a_series_comes_for_each_visit(self, house) -> None:
        body = {"location": "harbour", "variation": "swedish-60", "start": at("10:00"), "client": guest()}
        Caller().post("series/", body | {"repeat": {"every_weeks": 1, "times": 3}})

        assert words() == ["appointment.booked"] * 3
        assert len(set(WebhookDelivery.objects.values_list("event_id", flat=True))) == 3

    def test_is_one_that_the_page_on_webhooks_lists(self) -> None:
        page = (ROOT / "docs" / "webhooks.md").read_text()

        assert [word for word in Event.values if f"`{word}`" not in page] == []
        assert set(payload.EVENTS.values()) == set(Event)


class TestAWebhook:
    def test_hears_exactly_the_words_it_asked_for(self, house, hook, names, book, desk) -> None:
        """S58."""
        names(hooks_example_com=["93.184.215.14"])
        cancelled = hook("https://hooks.example.com/c", events=["appointment.cancelled"])
        booked = hook("https://hooks.example.com/b", events=["appointment.booked"])

        reference = book()["reference"]
        desk.post(f"appointments/{reference}/cancel/")

        assert [body["type"] for body in told(webhook=cancelled)] == ["appointment.cancelled"]
        assert [body["type"] for body in told(webhook=booked)] == ["appointment.booked"]

    def test_shares_the_events_id_with_the_others(self, house, hook, names, book) -> None:
        names(hooks_example_com=["93.184.215.14"])
        for path in ("b", "c"):
            hook(f"https://hooks.example.com/{path}")

        book()

        assert WebhookDelivery.objects.count() == 2
        assert WebhookDelivery.objects.values("event_id").distinct().count() == 1

    def test_that_is_off_hears_nothing(self, webhook: Webhook, book) -> None:
        Webhook.objects.update(is_active=False)

        book()

        assert told() == []

    def test_hears_nothing_of_what_was_refused(self, webhook: Webhook, book) -> None:
        book("10:00")
        book("10:00", client=guest("Robin", "robin@example.com"))
        before = row_counts()

        with pytest.raises(AssertionError):
            book("10:00", client=guest("Sam", "sam@example.com"))

        assert row_counts() == before

    def test_costs_a_booking_one_statement_while_there_is_none(self, house, book, monkeypatch) -> None:
        heard: list[AppointmentBooked] = []
        monkeypatch.setitem(events._listeners, AppointmentBooked, [heard.append])
        book()

        assert statements(lambda: listeners.on_event(heard[0])) == 1
