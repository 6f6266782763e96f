"""What we owe people in words, what we told them, and what they want to hear."""

import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from notifications.webhooks.models import Webhook, WebhookDelivery  # noqa: F401 - Django looks for models here


class Kind(models.TextChoices):
    CONFIRMATION = "confirmation"
    RESCHEDULED = "rescheduled"
    RELOCATED = "relocated"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    FOLLOW_UP = "follow-up"
    REQUEST_RECEIVED = "request-received"
    DECLINED = "declined"
    WAITLIST_OFFER = "waitlist-offer"
    STAFF_DIGEST = "staff-digest"
    CANCEL_LINK = "cancel-link"
    DECLINED_INVITE = "declined-invite"


class State(models.TextChoices):
    """pending → sending → sent, or one of the ends that says why not; sending may fall back to pending."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"


LEISURELY = (Kind.REMINDER, Kind.FOLLOW_UP, Kind.STAFF_DIGEST)
RULES = (
    (Kind.REMINDER.value, "Reminder"),
    (Kind.FOLLOW_UP.value, "Follow-up"),
    (Kind.STAFF_DIGEST.value, "Summary for the studio"),
)


class ReminderRule(models.Model):
    """When to write about an appointment besides telling of changes.

    A reminder is due `minutes` before the start; with `days_before` it is due on that day instead, at `at_time`
    by the studio's clock or, without one, at the clock time of the visit. A follow-up is due `minutes` after
    the end. Nothing is sent when a mail told the time less than `min_gap_minutes` before it is due, nor later
    than `useful_until_minutes` before the start. A summary goes to the studio every day at `at_time` by the clock of
    each location, and is about the day `days_before` days later; of the other fields it heeds none.

    It holds for visits of its `services`, for all when it names none, and for what falls due after `since`: when it
    was made, or last told another time. So a new rule never mails everybody who is inside its window already.
    """

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=RULES)
    minutes = models.PositiveIntegerField(default=24 * 60)
    days_before = models.PositiveSmallIntegerField(null=True, blank=True)
    at_time = models.TimeField(null=True, blank=True)
    min_gap_minutes = models.PositiveIntegerField(default=4 * 60)
    useful_until_minutes = models.PositiveIntegerField(default=60)
    language = models.CharField(
        max_length=8,
        choices=[("en", "English"), ("de", "Deutsch")],
        default="en",
        db_default="en",
        help_text="Of the studio's summary. Clients are written to in their own.",
    )
    services = models.ManyToManyField(
        "booking.Service", blank=True, related_name="+", help_text="None chosen: for all of them."
    )
    is_active = models.BooleanField(default=True)
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="a_follow_up_is_counted_in_minutes",
                condition=~Q(kind="follow-up") | Q(days_before__isnull=True),
            ),
            models.CheckConstraint(
                name="a_clock_time_needs_a_day", condition=Q(at_time__isnull=True) | Q(days_before__isnull=False)
            ),
            models.CheckConstraint(
                name="a_summary_has_a_clock_time", condition=~Q(kind="staff-digest") | Q(at_time__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One mail owed to one person about one revision of an appointment: the outbox row.

    A summary for the studio is about a location and a day (`about_on`, by its calendar) instead. It holds no address
    and no text: both are read when it is sent, so that what is sent is true then. `not_after` and `lease_until` are
    by the database's clock, and so is `due_at` of reminders. It has a lease while, and only while, it is `sending`.
    `attempt` fences: who finds another number than the one they claimed has lost the row to another worker. `tries`
    counts what the mail server put off, `crashes` the workers that did not come back; `unsure` is a mail that may
    have gone already. `words` says why it did not go, for the desk.

    `may_lapse` is a change by the desk, which is not sent when it says nothing new by then: `told` stands for what a
    mail that has gone said, and `says_nothing_after` is the one that had said the same before (undo.py).
    """

    # Without an index of its own: message_of_an_appointment begins with it, and each mail moves its row twice.
    appointment = models.ForeignKey(
        "booking.Appointment", on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    location = models.ForeignKey(
        "booking.Location", on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    about_on = models.DateField(null=True, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    recipient = models.CharField(max_length=8)
    sequence = models.PositiveIntegerField()
    rule = models.ForeignKey(
        ReminderRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    unsure = models.BooleanField(default=False)
    may_lapse = models.BooleanField(default=False, db_default=False)
    told = models.CharField(max_length=64, blank=True, default="", db_default="")
    says_nothing_after = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=80, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="a_message_is_written_once"),
            models.CheckConstraint(
                name="a_message_is_about_an_appointment_or_a_day",
                condition=Q(kind="staff-digest", appointment=None, location__isnull=False, about_on__isnull=False)
                | ~Q(kind="staff-digest") & Q(appointment__isnull=False, location=None, about_on=None),
            ),
        ]
        # None of them covers rows by being `sending`: who records one row by its id would be led to read all of those,
        # because there were few when the database last counted.
        indexes = [
            models.Index(fields=["due_at", "id"], name="message_that_is_due", condition=Q(state=State.PENDING)),
            # Or each claim would look through all reminders that are due for what is more urgent.
            models.Index(
                fields=["due_at", "id"],
                name="message_somebody_waits_for",
                condition=Q(state=State.PENDING) & ~Q(kind__in=LEISURELY),
            ),
            models.Index(fields=["lease_until"], name="message_in_hand", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["appointment", "kind"], name="message_of_an_appointment"),
        ]

    def __str__(self) -> str:
        return self.name


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


class Preference(models.Model):
    """What somebody wants to hear from us, by address. Without a row they have not objected to anything.

    `digest` is the SHA-256 of the token in their mails, which is made from `nonce`; a new nonce revokes it. To an
    address that is undeliverable nothing goes any more: whoever has a new one has another row.
    """

    address = models.EmailField()
    nonce = models.CharField(max_length=32, default=new_nonce)
    digest = models.CharField(max_length=64, unique=True)
    tips = models.BooleanField(default=True)
    follow_ups = models.BooleanField(default=True)
    reminders = models.BooleanField(default=True)
    undeliverable_since = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="an_address_has_one_set_of_preferences")]

    def __str__(self) -> str:
        return f"preferences {self.pk}"


class Exposure(models.Model):
    """Which note went to whom: logged so that nobody gets one twice in 90 days and support can look it up.

    `reader` is the SHA-256 of the address, enough to recognise and not to read.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="exposure")
    reader = models.CharField(max_length=64)
    snippet = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["reader", "at"], name="exposure_of_a_reader")]

    def __str__(self) -> str:
        return self.snippet


class MailEvent(models.Model):
    """A provider's report that was taken: providers repeat themselves. `digest` is the SHA-256 of what names it."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]
