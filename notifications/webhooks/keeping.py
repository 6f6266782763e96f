"""What their owners do with webhooks: make, change, give a new secret, try out, send again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from booking import errors
from notifications.bell import ring_for_webhooks
from notifications.webhooks import addresses, payload, queue
from notifications.webhooks.listeners import new_event_id
from notifications.webhooks.models import TEST, Webhook, WebhookDelivery, new_nonce


def make(*, host: str, now: datetime, **values: Any) -> Webhook:
    """Keep a new webhook; `host` is what host_of() said of its address."""
    return Webhook.objects.create(host=host, created_at=now, **values)


def change(webhook: Webhook, values: dict[str, Any]) -> Webhook:
    """Set what is named; switched on again it starts anew. Raises errors.UnknownValue."""
    named = dict(values)
    if "url" in named:
        named["host"] = host_of(named["url"])
    if named.get("is_active") or named.get("url", webhook.url) != webhook.url:
        named |= {"failing_since": None, "failures": 0, "rests_until": None}
    if named.get("is_active"):
        named |= {"disabled_at": None, "disabled_reason": ""}
    Webhook.objects.filter(pk=webhook.pk).update(**named)
    webhook.refresh_from_db()
    return webhook


def host_of(url: str) -> str:
    """Return where an address leads, after asking a name server. Raises errors.UnknownValue when we do not call it."""
    try:
        return addresses.check(url)
    except addresses.NotCalled as error:
        raise errors.UnknownValue("url", str(error)) from error


def new_secret(webhook: Webhook, *, now: datetime) -> Webhook:
    """Give it a new secret; calls are signed with the old one, too, for a day."""
    with transaction.atomic():
        present = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        present.previous_nonce, present.nonce, present.rotated_at = present.nonce, new_nonce(), now
        present.save(update_fields=["previous_nonce", "nonce", "rotated_at"])
    return present


def test(webhook: Webhook, *, now: datetime) -> WebhookDelivery:
    """Owe it a test call, which goes the way of all others. Raises errors.WrongState when it is switched off."""
    if not webhook.is_active:
        raise errors.WrongState("This webhook is switched off. Switch it on first.")
    delivery = WebhookDelivery.objects.create(
        webhook=webhook,
        event_id=new_event_id(),
        event=TEST,
        body=payload.of_test(webhook, at=now),
        due_at=now,
        created_at=now,
    )
    transaction.on_commit(ring_for_webhooks, robust=True)
    return delivery


def send_again(deliveries: Iterable[int], *, now: datetime) -> int:
    """Send what has ended once more, under its old event id; return how many that were."""
    done = queue.send_again(deliveries, now=now)
    if done:
        transaction.on_commit(ring_for_webhooks, robust=True)
    return done
