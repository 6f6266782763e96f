"""When a webhook is given up, and what its owner can do then."""

from datetime import timedelta

import pytest
from django.core import mail

from notifications.webhooks import delivery, keeping, queue
from notifications.webhooks.models import DeliveryState, WebhookDelivery
from notifications.webhooks.posting import Answer
from tests.notifications.stage import DAY, HOUR
from tests.webhooks.receiver import Receiver, Reply

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def sweep(now, seconds: float = 10) -> int:
    return delivery.sweep(now=now, seconds=seconds)


def the_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


class TestGivingUp:
    def fail_for_a_day(self, now):
        while the_delivery().state == DeliveryState.PENDING:
            now = max(now, the_delivery().due_at)
            [held] = queue.claim(now=now, most=1)
            queue.record(held, Answer(500), now=now, jitter=0)
        return now

    def test_takes_eight_tries_and_a_day(self, hook, receiver: Receiver, book, now) -> None:
        hook(receiver.url)
        book()

        end = self.fail_for_a_day(now)

        assert the_delivery().tries == queue.MOST_TRIES == 8
        assert DAY < end - now < DAY + HOUR

    @pytest.mark.parametrize("jitter", [0.0, 0.5, 0.999])
    def test_spreads_the_tries_by_up_to_a_tenth(self, hook, receiver: Receiver, book, now, jitter: float) -> None:
        hook(receiver.url)
        book()
        [held] = queue.claim(now=now, most=1)

        queue.record(held, Answer(500), now=now, jitter=jitter)

        assert the_delivery().due_at - now == 5 * SECOND * (1 + jitter / 10)

    def test_switches_a_webhook_off_that_took_nothing_for_a_day_and_says_so(
        self, hook, receiver: Receiver, book, now, settings
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        webhook = hook(receiver.url)
        book()
        receiver.server.script = [Reply(500)] * 9
        sweep(now)
        WebhookDelivery.objects.update(due_at=now)

        sweep(now + DAY + MINUTE)

        webhook.refresh_from_db()
        assert not webhook.is_active
        assert MINUTE <= webhook.disabled_at - (now + DAY) < 2 * MINUTE
        assert webhook.disabled_reason.startswith("Every call has failed since ")
        [letter] = mail.outbox
        assert letter.to == ["desk@stillwater.example"]
        assert webhook.reference in letter.body
        assert webhook.url not in letter.body

    def test_is_off_the_table_once_something_was_taken(self, hook, receiver: Receiver, book, now) -> None:
        webhook = hook(receiver.url)
        book()
        receiver.server.script = [Reply(500), Reply(204), Reply(500)]
        for pause in (0 * SECOND, 10 * SECOND):
            sweep(now + pause)
        book()

        sweep(now + DAY + MINUTE)

        webhook.refresh_from_db()
        assert (len(receiver.calls), webhook.is_active) == (3, True)

    def test_comes_at_once_when_the_receiver_says_gone(self, hook, receiver: Receiver, book, now) -> None:
        webhook = hook(receiver.url)
        book()
        receiver.server.script = [Reply(410)]

        sweep(now)

        webhook.refresh_from_db()
        assert (webhook.is_active, webhook.disabled_reason) == (False, "The receiver answered 410 Gone.")
        assert states() == ["failed"]

    def test_obeys_a_receiver_that_asks_for_time(self, hook, receiver: Receiver, book, now) -> None:
        hook(receiver.url)
        book()
        receiver.server.script = [Reply(429, headers={"Retry-After": "3600"})]

        sweep(now)

        assert HOUR <= the_delivery().due_at - now < 70 * MINUTE


class TestAWebhookThatIsOff:
    def test_gets_what_waited_when_it_is_switched_on_again(self, hook, receiver: Receiver, book, now) -> None:
        webhook = hook(receiver.url)
        book()
        keeping.change(webhook, {"is_active": False})
        assert sweep(now) == 0

        keeping.change(webhook, {"is_active": True})

        assert sweep(now) == 1

    def test_can_be_sent_what_was_given_up(self, hook, receiver: Receiver, book, now) -> None:
        hook(receiver.url)
        book()
        WebhookDelivery.objects.update(state=DeliveryState.FAILED, tries=8)

        assert keeping.send_again([the_delivery().pk], now=now) == 1
        sweep(now)

        assert (the_delivery().state, the_delivery().tries) == ("delivered", 1)

    def test_that_is_deleted_takes_its_deliveries_along(self, hook, receiver: Receiver, book, now) -> None:
        webhook = hook(receiver.url)
        book()

        webhook.delete()

        assert (sweep(now), WebhookDelivery.objects.count()) == (0, 0)
