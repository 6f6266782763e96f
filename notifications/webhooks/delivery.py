"""Claim, call, record: many calls at once, each bounded in time, so that one receiver that hangs holds up none.

Only the calls are made in threads; this thread alone talks to the database.
"""

import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.core.mail import send_mail

from booking import queries
from notifications.webhooks import payload, posting, queue, signing
from notifications.webhooks.models import WebhookDelivery
from notifications.webhooks.posting import Answer

logger = logging.getLogger(__name__)
AT_ONCE = 8
LOOKS_EVERY_SECONDS = 0.25  # for what has come due while others are under way


def sweep(*, now: datetime, seconds: float) -> int:
    """Deliver what is due at `now`, oldest first, at most AT_ONCE at a time; return how many calls were made.

    Nothing is begun after `seconds`, so it is over at most posting.TOTAL_SECONDS later.
    """
    began, done = time.monotonic(), 0
    under_way: dict[Future[Answer], WebhookDelivery] = {}
    with ThreadPoolExecutor(AT_ONCE) as hands:
        while True:
            passed = time.monotonic() - began
            present = now + timedelta(seconds=passed)
            if passed < seconds and len(under_way) < AT_ONCE:
                under_way |= _begun(hands, queue.claim(now=present, most=AT_ONCE - len(under_way)), now=present)
            if not under_way:
                return done
            finished, _ = wait(under_way, timeout=LOOKS_EVERY_SECONDS, return_when=FIRST_COMPLETED)
            present = now + timedelta(seconds=time.monotonic() - began)
            for call in finished:
                _record(under_way.pop(call), call.result(), now=present)
                done += 1


def _begun(
    hands: ThreadPoolExecutor, claimed: list[WebhookDelivery], *, now: datetime
) -> dict[Future[Answer], WebhookDelivery]:
    """Start a call for each; the client's name, where one is sent, is read now."""
    if not claimed:
        return {}
    bodies = payload.to_send(claimed)
    calls = {}
    for delivery in claimed:
        body = bodies[delivery.pk]
        headers = signing.headers(delivery.webhook, delivery.event_id, body, now=now)
        calls[hands.submit(posting.post, delivery.webhook.url, body, headers)] = delivery
    return calls


def _record(delivery: WebhookDelivery, answer: Answer, *, now: datetime) -> None:
    jitter = random.random()  # noqa: S311 - spreads tries, no secret
    if queue.record(delivery, answer, now=now, jitter=jitter):
        logger.error("Webhook %s was switched off.", delivery.webhook.reference)
        _tell_the_studio(delivery)


def _tell_the_studio(delivery: WebhookDelivery) -> None:
    """Write to the studio that a webhook is off. A courtesy: it also stands in the list of webhooks."""
    try:
        webhook, studio = type(delivery.webhook).objects.get(pk=delivery.webhook_id), queries.studio()
        send_mail(
            "A webhook was switched off",
            f"{webhook.host} is told nothing any more. {webhook.disabled_reason}\n\n"
            f"Switch webhook {webhook.reference} on again when the receiver works; what was not taken can be "
            "sent again from its deliveries.\n",
            studio.mail_address,
            [studio.reply_to or studio.mail_address],
        )
    except Exception:
        logger.exception("The studio could not be told that webhook %s is off.", delivery.webhook.reference)
