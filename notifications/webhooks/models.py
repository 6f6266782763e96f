"""Who is to be called about what, and each call that is owed."""

import json
import secrets
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Event(models.TextChoices):
    """What a program can be told. It is told exactly the words it asked for, never a group of them."""

    BOOKED = "appointment.booked"
    RESCHEDULED = "appointment.rescheduled"
    RELOCATED = "appointment.relocated"
    CANCELLED = "appointment.cancelled"
    REQUESTED = "appointment.requested"
    CONFIRMED = "appointment.confirmed"
    DECLINED = "appointment.declined"
    ATTENDED = "appointment.attended"
    NO_SHOW = "appointment.no_show"
    TAKEN_BACK = "appointment.taken_back"
    OFFERED = "waitlist.offered"


TEST = "webhook.test"


class DeliveryState(models.TextChoices):
    """pending → sending → delivered or failed; sending may fall back to pending."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


def new_reference() -> str:
    return secrets.token_hex(8)


def new_nonce() -> str:
    return secrets.token_urlsafe(24)


class Webhook(models.Model):
    """An address that is told of `events`, and of the client's name and mail address only with `include_client`.

    The secret is not kept: it is made from `nonce` (signing.py). The one before the last holds on for a day after
    `rotated_at`. `failing_since` is the first failure after the last success; `failures` counts those since.
    While `rests_until` lies ahead it is not called. `host` is where it leads, with the port.
    """

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    url = models.CharField("address", max_length=500)
    host = models.CharField(max_length=270, editable=False)
    events = ArrayField(models.CharField(max_length=30, choices=Event))
    include_client = models.BooleanField(
        default=False, help_text="Send the client's name, mail address and language along."
    )
    nonce = models.CharField(max_length=40, default=new_nonce, editable=False)
    previous_nonce = models.CharField(max_length=40, blank=True, editable=False)
    rotated_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_reason = models.CharField(max_length=300, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_webhook_listens_to_something", condition=Q(events__len__gt=0)),
            models.CheckConstraint(
                name="a_webhook_that_gave_up_is_off", condition=Q(disabled_at__isnull=True) | Q(is_active=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host} ({self.reference})"


class WebhookDelivery(models.Model):
    """One event owed to one webhook. `event_id` is the event's, in every try and for every webhook.

    `body` is what is sent, byte for byte, but for the client: nobody's name is kept here, it is read when it is sent.
    `appointment_id` has no foreign key: a hold that is purged must be told of all the same. `attempt` fences: who
    finds another number than the one they claimed has lost the row. `answer` is how the receiver's answer began.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event_id = models.CharField(max_length=40)
    event = models.CharField(max_length=30)
    body = models.TextField()
    appointment_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    due_at = models.DateTimeField()
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="an_event_is_owed_once_to_a_webhook"),
        ]
        indexes = [
            models.Index(fields=["webhook", "due_at", "id"], name="delivery_that_is_due", condition=Q(state="pending")),
            models.Index(fields=["lease_until"], name="delivery_in_hand", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["webhook", "-created_at"], name="deliveries_of_a_webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"

    @property
    def payload(self) -> dict[str, Any]:
        """What is sent, without the client."""
        found: dict[str, Any] = json.loads(self.body)
        return found
