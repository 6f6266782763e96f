"""What Celery runs. Any of them may run twice, late, together with itself, or never: the rows decide."""

from typing import Any

from celery import shared_task

from notifications import delivery, queue, reminders, retention, summaries
from notifications.webhooks import delivery as webhook_delivery
from notifications.webhooks import queue as webhook_queue

SWEEP_SECONDS = 20.0


@shared_task(name="notifications.sweep")
def sweep(**_: Any) -> None:
    """Send what is due; when time runs out before the rows do, ask for another go."""
    dealt_with = delivery.sweep(now=queue.database_now(), seconds=SWEEP_SECONDS)
    if dealt_with and queue.anything_due(now=queue.database_now()):
        sweep.delay()


@shared_task(name="notifications.derive_reminders")
def derive_reminders(**_: Any) -> None:
    """Write the reminders and the studio's summaries that have come due, and send them."""
    now = queue.database_now()
    if reminders.derive(now=now) + summaries.derive(now=now):
        sweep.delay()


@shared_task(name="notifications.deliver_webhooks")
def deliver_webhooks(**_: Any) -> None:
    """Make the calls that are due, in a queue and a worker of their own: receivers may hang, mails do not wait."""
    made = webhook_delivery.sweep(now=queue.database_now(), seconds=SWEEP_SECONDS)
    if made and webhook_queue.anything_due(now=queue.database_now()):
        deliver_webhooks.delay()


@shared_task(name="notifications.forget_deliveries")
def forget_deliveries(**_: Any) -> None:
    webhook_queue.forget(now=queue.database_now())


@shared_task(name="notifications.forget_messages")
def forget_messages(**_: Any) -> None:
    """Take out of old messages what leads to somebody."""
    retention.forget(now=queue.database_now())
