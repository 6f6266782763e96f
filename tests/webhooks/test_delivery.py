"""From the row to the receiver: H-03, S57, and what happens when either side fails."""

import json
import random
from datetime import timedelta

from standardwebhooks import Webhook as Reference

from notifications.webhooks import delivery, posting, queue, signing
from notifications.webhooks.models import WebhookDelivery
from notifications.webhooks.posting import Answer
from tests.notifications.stage import HOUR, cancel, database_now
from tests.webhooks.receiver import Receiver, Reply

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def sweep(now, seconds: float = 10) -> int:
    return delivery.sweep(now=now, seconds=seconds)


def the_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


class TestAnEvent:
    def test_arrives_signed(self, hook, receiver: Receiver, book, now) -> None:
        webhook = hook(receiver.url)
        appointment = book()

        assert sweep(database_now() + SECOND) == 1

        [call] = receiver.calls
        said = Reference(signing.shown_secret(webhook)).verify(call.body, call.headers)
        assert said["type"] == "appointment.booked"
        assert said["data"]["reference"] == appointment.reference
        assert call.id == the_delivery().event_id
        assert (the_delivery().state, the_delivery().status_code) == ("delivered", 204)

    def test_comes_again_under_the_same_id_until_it_is_taken(self, hook, receiver: Receiver, book, now) -> None:
        """H-03."""
        hook(receiver.url)
        book()
        receiver.server.script = [Reply(500, b"oh no"), Reply(503), Reply(302, headers={"Location": "/x"})]

        sweep(now)
        assert (the_delivery().state, the_delivery().status_code, the_delivery().answer) == ("pending", 500, "oh no")
        for pause in (10 * SECOND, 10 * MINUTE, HOUR):
            sweep(now := now + pause)

        assert len(receiver.calls) == 4
        assert len({(call.id, call.body) for call in receiver.calls}) == 1
        assert (the_delivery().state, the_delivery().tries) == ("delivered", 4)

    def test_is_called_again_by_the_next_worker_when_one_dies_in_between(self, hook, receiver, book, now) -> None:
        """The receiver has it, and the record of it is lost: a call more, and the same id."""
        hook(receiver.url)
        book()
        [held] = queue.claim(now=now, most=8)
        posting.post(held.webhook.url, held.body.encode(), {"webhook-id": held.event_id})

        assert sweep(now + queue.LEASE - SECOND) == 0
        assert sweep(now + queue.LEASE) == 1
        assert receiver.calls[0].id == receiver.calls[1].id
        assert not queue.record(held, Answer(500), now=now, jitter=0)  # it wakes up late, and has lost the row
        assert the_delivery().state == "delivered"

    def test_is_not_called_for_ever_when_workers_die_of_it(self, hook, receiver: Receiver, book, now) -> None:
        hook(receiver.url)
        book()
        for _ in range(queue.MOST_TRIES):
            assert len(queue.claim(now=now, most=8)) == 1
            now += queue.LEASE

        assert queue.claim(now=now, most=8) == []
        assert (the_delivery().state, the_delivery().words) == ("failed", "A worker stopped while it was being sent.")

    def test_of_a_hold_that_is_gone_is_told_all_the_same(self, hook, receiver: Receiver, book, now) -> None:
        hook(receiver.url, include_client=True)
        book()
        WebhookDelivery.objects.update(appointment_id=0)

        sweep(now)

        assert json.loads(receiver.calls[0].body)["data"]["client"] is None


class TestTheClient:
    def test_is_named_only_where_that_was_asked_for(self, hook, receiver: Receiver, book, now) -> None:
        hook(receiver.url)
        hook(receiver.url, include_client=True)
        book()

        sweep(now)

        bodies = [json.loads(call.body)["data"] for call in receiver.calls]
        without, named = sorted(bodies, key=lambda data: "client" in data)
        assert named.pop("client") == {"name": "Kim Larsen", "email": "kim@example.com", "language": "en"}
        assert without == named
        assert "Kim" not in "".join(WebhookDelivery.objects.values_list("body", flat=True))


class TestMany:
    def test_events_all_arrive_each_under_its_id(self, hook, receiver: Receiver, book, now) -> None:
        hook(receiver.url)
        chance = random.Random(7)
        receiver.server.script = [Reply(chance.choice([204, 204, 500, 503])) for _ in range(60)]
        for _ in range(10):
            cancel(book(), now=now)

        for _ in range(9):
            sweep(now)
            now += 10 * HOUR

        assert states() == ["delivered"] * 20
        assert {call.id for call in receiver.calls} == set(WebhookDelivery.objects.values_list("event_id", flat=True))
