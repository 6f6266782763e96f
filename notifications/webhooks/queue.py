"""Deliveries as a queue: claim with a lease, record. No transaction is open while a receiver talks.

As with mail, a worker that dies leaves a lease that runs out, and the attempt number fences one that was only asleep.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from notifications.webhooks.models import DeliveryState, Webhook, WebhookDelivery
from notifications.webhooks.posting import Answer

LEASE = timedelta(seconds=60)  # four times the longest call
AT_ONCE_PER_HOST = 2
# At once, then a day: the last try comes 24 hours and 35 minutes after the first, or up to a tenth later.
RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=9),
)
MOST_TRIES = len(RETRY_AFTER) + 1
SWITCHED_OFF_AFTER = timedelta(days=1)
# One that says nothing is left alone for a while, the longer the more often, or its backlog would hold a place for
# ever: all that is owed to it is tried in turn, and each costs seconds.
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
KEPT_FOR = timedelta(days=30)

FREE_LOST = """
UPDATE notifications_webhookdelivery SET
  state = CASE WHEN tries + 1 < %(most_tries)s THEN 'pending' ELSE 'failed' END,
  lease_until = NULL, tries = tries + 1, words = 'A worker stopped while it was being sent.'
WHERE lease_until <= %(now)s::timestamptz
"""
# Host by host, so that neither a long backlog nor many webhooks of one host keep the others waiting.
CLAIM = """
WITH host AS (
  SELECT name, %(per_host)s::bigint - (
    SELECT count(*) FROM notifications_webhookdelivery AS under_way
    JOIN notifications_webhook AS its ON its.id = under_way.webhook_id
    WHERE under_way.lease_until IS NOT NULL AND its.host = name) AS room
  FROM (SELECT DISTINCT host AS name FROM notifications_webhook WHERE is_active) AS every_host),
due AS MATERIALIZED (
  SELECT next.id FROM host CROSS JOIN LATERAL (
    SELECT delivery.id, delivery.due_at FROM notifications_webhookdelivery AS delivery
    JOIN notifications_webhook AS webhook ON webhook.id = delivery.webhook_id
    WHERE webhook.host = host.name AND webhook.is_active
      AND (webhook.rests_until IS NULL OR webhook.rests_until <= %(now)s::timestamptz)
      AND delivery.state = 'pending' AND delivery.due_at <= %(now)s::timestamptz
    ORDER BY delivery.due_at, delivery.id LIMIT greatest(host.room, 0)
    FOR UPDATE OF delivery SKIP LOCKED) AS next
  ORDER BY next.due_at, next.id LIMIT %(most)s::bigint)
UPDATE notifications_webhookdelivery AS delivery SET
  state = 'sending', lease_until = %(lease)s::timestamptz, attempt = attempt + 1
FROM due WHERE delivery.id = due.id
RETURNING delivery.*
"""


def claim(*, now: datetime, most: int) -> list[WebhookDelivery]:
    """Return up to `most` deliveries that are due and ours until the lease ends, oldest due first, webhooks read.

    Of one host no more than AT_ONCE_PER_HOST are under way, but for two claims at the very same moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(FREE_LOST, {"now": now, "most_tries": MOST_TRIES})
    values = {"now": now, "lease": now + LEASE, "most": most, "per_host": AT_ONCE_PER_HOST}
    found = list(WebhookDelivery.objects.raw(CLAIM, values))
    webhooks = Webhook.objects.in_bulk({delivery.webhook_id for delivery in found})
    # One that was deleted just now has taken its deliveries along.
    present = [delivery for delivery in found if delivery.webhook_id in webhooks]
    for delivery in present:
        delivery.webhook = webhooks[delivery.webhook_id]
    return sorted(present, key=lambda delivery: (delivery.due_at, delivery.pk))


def record(delivery: WebhookDelivery, answer: Answer, *, now: datetime, jitter: float) -> bool:
    """Write down what came of a try, of the delivery and of its webhook; `jitter` in [0, 1) spreads the next tries.

    Returns True when the webhook was switched off by it. Nothing is written when another worker has the row.
    """
    with transaction.atomic():
        if answer.is_yes:
            if _ours(delivery, answer, now=now, state=DeliveryState.DELIVERED):
                _well_again(delivery.webhook)
            return False
        if not _ours(delivery, answer, now=now, **_next_try(delivery, answer, now=now, jitter=jitter)):
            return False
        return _failed(delivery.webhook_id, answer, now=now)


def _ours(delivery: WebhookDelivery, answer: Answer, *, now: datetime, **values: object) -> bool:
    row = WebhookDelivery.objects.filter(pk=delivery.pk, attempt=delivery.attempt, state=DeliveryState.SENDING)
    said = {"status_code": answer.status, "answer": answer.text, "words": answer.words[:300]}
    told = {"tries": delivery.tries + 1, "tried_at": now, "lease_until": None}
    return row.update(**(said | told | values)) == 1


def _next_try(delivery: WebhookDelivery, answer: Answer, *, now: datetime, jitter: float) -> dict[str, object]:
    tries = delivery.tries + 1
    if answer.is_gone:
        return {"state": DeliveryState.FAILED, "words": "The receiver says that it is gone for good."}
    if tries >= MOST_TRIES:
        return {"state": DeliveryState.FAILED, "words": f"Given up after {tries} tries. {answer.words}"[:300]}
    pause = max(RETRY_AFTER[tries - 1], timedelta(seconds=answer.retry_after))
    return {"state": DeliveryState.PENDING, "due_at": now + pause * (1 + jitter / 10)}


def _well_again(webhook: Webhook) -> None:
    """Forget earlier failures; in the usual case, without any, nothing is written."""
    failing = Webhook.objects.filter(pk=webhook.pk, failing_since__isnull=False)
    failing.update(failing_since=None, failures=0, rests_until=None)


def _failed(webhook_id: int, answer: Answer, *, now: datetime) -> bool:
    """Count a failure; return whether the webhook was switched off for it."""
    row = Webhook.objects.filter(pk=webhook_id)
    row.update(failing_since=Coalesce("failing_since", now), failures=F("failures") + 1)
    webhook = row.first()
    if webhook is None:
        return False
    if answer.status is None:
        rest = FIRST_REST * 2 ** min(webhook.failures - 1, 6)
        row.update(rests_until=now + min(rest, LONGEST_REST))
    if answer.is_gone:
        return _switch_off(webhook, "The receiver answered 410 Gone.", now=now)
    if webhook.failing_since and now - webhook.failing_since >= SWITCHED_OFF_AFTER:
        since = f"{webhook.failing_since:%Y-%m-%d %H:%M} UTC"
        return _switch_off(webhook, f"Every call has failed since {since}.", now=now)
    return False


def _switch_off(webhook: Webhook, reason: str, *, now: datetime) -> bool:
    running = Webhook.objects.filter(pk=webhook.pk, is_active=True)
    return running.update(is_active=False, disabled_at=now, disabled_reason=reason) == 1


def send_again(deliveries: Iterable[int], *, now: datetime) -> int:
    """Put deliveries that ended, well or not, back into the queue under their old event id; return how many."""
    ended = WebhookDelivery.objects.filter(
        pk__in=list(deliveries), state__in=(DeliveryState.FAILED, DeliveryState.DELIVERED)
    )
    return ended.update(state=DeliveryState.PENDING, due_at=now, tries=0, words="To be sent again.")


def anything_due(*, now: datetime) -> bool:
    """Say whether a claim would find something, hosts that are busy aside."""
    return (
        WebhookDelivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now, webhook__is_active=True)
        .exclude(webhook__rests_until__gt=now)
        .exists()
    )


def forget(*, now: datetime) -> int:
    """Throw away deliveries older than thirty days, whatever came of them; return how many."""
    return WebhookDelivery.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]
