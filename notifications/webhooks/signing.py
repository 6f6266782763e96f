"""Secrets and signatures as Standard Webhooks 1.0.0 has them (standardwebhooks.com, spec/standard-webhooks.md).

A secret is 256 bits made from SECRET_KEY and the webhook's nonce: it is shown once, and no dump of the database
holds it.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

from notifications.webhooks.models import Webhook

PREFIX = "whsec_"
OLD_SECRET_HOLDS_FOR = timedelta(days=1)


def shown_secret(webhook: Webhook) -> str:
    """Return the secret as its owner is to keep it: whsec_ and base64."""
    return PREFIX + base64.b64encode(_secret(webhook, webhook.nonce)).decode()


def _secret(webhook: Webhook, nonce: str) -> bytes:
    text = f"webhook\n{webhook.reference}\n{nonce}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256)


def _secrets(webhook: Webhook, *, now: datetime) -> list[bytes]:
    """Return what to sign with: the secret, and the one before it until a day after it was replaced."""
    nonces = [webhook.nonce]
    if webhook.previous_nonce and webhook.rotated_at and now < webhook.rotated_at + OLD_SECRET_HOLDS_FOR:
        nonces.append(webhook.previous_nonce)
    return [_secret(webhook, nonce) for nonce in nonces]


def headers(webhook: Webhook, event_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """Return the three headers of a call made at `now`."""
    at = int(now.timestamp())
    signatures = [signature(secret, event_id, at, body) for secret in _secrets(webhook, now=now)]
    return {"webhook-id": event_id, "webhook-timestamp": str(at), "webhook-signature": " ".join(signatures)}


def signature(secret: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """Return `v1,` and the base64 of HMAC-SHA256 over id.timestamp.body; `timestamp` in whole seconds, UTC."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
