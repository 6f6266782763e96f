"""What Celery runs. Any of them may run twice, late, together with itself, or never: the rows decide."""

from typing import Any

from celery import shared_task

from notifications import delivery, queue, reminders

SWEEP_SECONDS = 20.0


@shared_task(name="notifications.sweep")
def sweep(**_: Any) -> None:
    """Send what is due; when time runs out before the rows do, ask for another go."""
    dealt_with = delivery.sweep(now=queue.database_now(), seconds=SWEEP_SECONDS)
    if dealt_with and queue.anything_due(now=queue.database_now()):
        sweep.delay()


@shared_task(name="notifications.derive_reminders")
def derive_reminders(**_: Any) -> None:
    """Write the reminders that have come due, and send them."""
    if reminders.derive(now=queue.database_now()):
        sweep.delay()
