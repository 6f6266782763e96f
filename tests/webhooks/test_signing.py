"""Signatures as Standard Webhooks has them, checked by its reference library and by its published example."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Reference
from standardwebhooks import WebhookVerificationError

from notifications.webhooks import keeping, signing
from notifications.webhooks.models import Webhook

BODY = '{"type":"appointment.booked","data":{"name":"Zoë"}}'.encode()
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def webhook(hook, names) -> Webhook:
    names(hooks_example_com=["93.184.215.14"])
    return hook("https://hooks.example.com/in")


def headers(webhook: Webhook, *, now: datetime | None = None) -> dict[str, str]:
    return signing.headers(webhook, "evt_1", BODY, now=now or datetime.now(UTC))


class TestASignature:
    def test_is_that_of_the_published_example(self) -> None:
        """From the tests of the reference libraries."""
        secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

        assert (
            signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
            == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        )

    def test_is_verified_by_the_reference_library(self, webhook: Webhook) -> None:
        assert Reference(signing.shown_secret(webhook)).verify(BODY, headers(webhook))["data"] == {"name": "Zoë"}

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
    def test_covers_the_id_and_the_time(self, webhook: Webhook, name: str) -> None:
        changed = headers(webhook)
        changed[name] += "1" if name == "webhook-id" else ""
        changed["webhook-timestamp"] = str(int(changed["webhook-timestamp"]) + (name == "webhook-timestamp"))

        with pytest.raises(WebhookVerificationError):
            Reference(signing.shown_secret(webhook)).verify(BODY, changed)

    def test_covers_every_byte_of_the_body(self, webhook: Webhook) -> None:
        with pytest.raises(WebhookVerificationError):
            Reference(signing.shown_secret(webhook)).verify(BODY + b" ", headers(webhook))


class TestASecret:
    def test_has_as_many_bits_as_the_standard_asks_for(self, webhook: Webhook) -> None:
        """24 to 64 bytes."""
        shown = signing.shown_secret(webhook)

        assert shown.startswith("whsec_")
        assert len(base64.b64decode(shown.removeprefix("whsec_"))) == 32

    def test_does_not_stand_in_the_database(self, webhook: Webhook, settings) -> None:
        before = signing.shown_secret(webhook)
        settings.SECRET_KEY = "another"

        assert signing.shown_secret(webhook) != before

    def test_is_each_webhooks_own(self, webhook: Webhook, hook) -> None:
        assert signing.shown_secret(webhook) != signing.shown_secret(hook(webhook.url))

    def test_that_was_replaced_signs_along_for_a_day_and_no_longer(self, webhook: Webhook) -> None:
        old = signing.shown_secret(webhook)
        webhook = keeping.new_secret(webhook, now=datetime.now(UTC))
        both = headers(webhook)
        a_day_later = headers(webhook, now=webhook.rotated_at + timedelta(days=1))

        assert signing.shown_secret(webhook) != old
        for secret in (old, signing.shown_secret(webhook)):
            Reference(secret).verify(BODY, both)
        assert len(both["webhook-signature"].split()) == 2
        assert len(a_day_later["webhook-signature"].split()) == 1
