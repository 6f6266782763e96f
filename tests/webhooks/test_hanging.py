"""Receivers that hang, and the worker that webhooks have to themselves: H-03, S57."""

import time
from datetime import timedelta

import pytest
import redis
from django.conf import settings as django_settings

from config.celery import app
from notifications import bell, tasks
from notifications.webhooks import delivery, posting, queue
from notifications.webhooks.models import WebhookDelivery
from tests.notifications.stage import DAY, database_now
from tests.webhooks.receiver import Receiver, hang

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def sweep(now, seconds: float = 10) -> int:
    return delivery.sweep(now=now, seconds=seconds)


def the_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


class TestAReceiverThatHangs:
    """H-03, S57."""

    @pytest.fixture(autouse=True)
    def _hurry(self, monkeypatch) -> None:
        monkeypatch.setattr(posting, "READ_SECONDS", 0.8)

    def test_does_not_hold_up_the_others(self, hook, receiver: Receiver, book, now) -> None:
        with Receiver([hang] * 100) as hanging:
            hook(hanging.url)
            hook(receiver.url)
            for _ in range(4):
                book()
            began = time.monotonic()

            sweep(now, seconds=0.5)

        assert len(receiver.calls) == 4
        assert len(hanging.calls) == queue.AT_ONCE_PER_HOST
        assert time.monotonic() - began < 5

    def test_is_left_alone_for_a_while_whatever_else_is_owed_to_it(self, hook, receiver: Receiver, book, now) -> None:
        webhook = hook(receiver.url)
        receiver.server.script = [hang] * 100
        for _ in range(6):
            book()
        sweep(now, seconds=0.1)
        called = len(receiver.calls)

        assert sweep(now + SECOND) == 0
        webhook.refresh_from_db()
        assert called == webhook.failures == queue.AT_ONCE_PER_HOST
        assert 5 * SECOND <= webhook.rests_until - now <= 20 * SECOND

    def test_is_called_twice_at_once_at_most_by_any_number_of_workers(self, hook, receiver, book, now) -> None:
        hook(receiver.url)
        hook(receiver.url + "&another")
        for _ in range(3):
            book()

        assert len(queue.claim(now=now, most=8)) == queue.AT_ONCE_PER_HOST
        assert queue.claim(now=now, most=8) == []

    def test_delays_no_booking(self, hook, receiver: Receiver, book) -> None:
        hook(receiver.url)
        receiver.server.script = [hang]

        began = time.monotonic()
        book()

        assert time.monotonic() - began < 2
        assert receiver.connections == 0


class TestTheLimits:
    def test_of_a_call_free_a_worker_soon_whatever_is_answered(self) -> None:
        """S57: at most 64 KiB are read, and no call takes longer than a quarter of a minute."""
        assert posting.LONGEST_ANSWER_BYTES <= 64 * 1024
        assert posting.CONNECT_SECONDS < posting.TOTAL_SECONDS
        assert posting.READ_SECONDS < posting.TOTAL_SECONDS <= 15


class TestTheTask:
    @pytest.fixture
    def queued(self):
        """How many tasks lie in each queue of the broker."""
        with redis.Redis.from_url(django_settings.REDIS_URL) as broker:
            broker.delete("celery", "webhooks")
            yield lambda: {name: broker.llen(name) for name in ("celery", "webhooks")}
            broker.delete("celery", "webhooks")

    def test_waits_in_a_queue_of_its_own(self, queued) -> None:
        """S57."""
        tasks.deliver_webhooks.delay()
        bell._press_for_webhooks()

        assert queued() == {"celery": 0, "webhooks": 2}

    def test_delivers_what_is_due(self, hook, receiver: Receiver, book, queued) -> None:
        hook(receiver.url)
        book()

        tasks.deliver_webhooks()

        assert states() == ["delivered"]
        assert queued() == {"celery": 0, "webhooks": 0}

    def test_forgets_what_is_older_than_thirty_days(self, hook, receiver: Receiver, book) -> None:
        hook(receiver.url)
        book()
        book()
        kept = WebhookDelivery.objects.last()
        WebhookDelivery.objects.exclude(pk=kept.pk).update(created_at=database_now() - 30 * DAY - MINUTE)

        tasks.forget_deliveries()

        assert WebhookDelivery.objects.get() == kept

    def test_is_known_by_the_name_that_beat_and_the_bell_use(self) -> None:
        assert bell.DELIVER in app.tasks
        assert bell.DELIVER in {entry["task"] for entry in app.conf.beat_schedule.values()}
