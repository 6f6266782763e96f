from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from booking.domain.hours import known_zone
from booking.models.references import new_reference


def validate_zone(name: str) -> None:
    if not known_zone(name):
        raise ValidationError(f"{name} is not a time zone. Use an IANA name such as Europe/Berlin.")


class Studio(models.Model):
    """The business: one installation serves one."""

    name = models.CharField(max_length=80)
    mail_address = models.EmailField(help_text="Mails come from here, and calendar replies go here.")
    reply_to = models.EmailField(blank=True, help_text="Where answers go, when not to the address above.")
    currency = models.CharField(max_length=3, default="EUR", help_text="ISO 4217, for example EUR.")
    tips_by_default = models.BooleanField(
        default=False, help_text="Send a short research note when the client did not say."
    )
    conflicting_notes = models.BooleanField(
        default=False, help_text="Also send notes on questions about which studies disagree."
    )
    hold_minutes = models.PositiveSmallIntegerField(
        default=10, db_default=10, help_text="How long a time is kept for somebody who is still typing."
    )
    holds_per_caller = models.PositiveSmallIntegerField(
        default=2, db_default=2, help_text="How many times one caller may keep at once."
    )
    requests_block = models.BooleanField(
        default=True, db_default=True, help_text="A request that waits for the desk keeps its time meanwhile."
    )
    request_hours = models.PositiveSmallIntegerField(
        default=24, db_default=24, help_text="A request the desk has not answered after these hours ends."
    )
    open_appointments_per_client = models.PositiveSmallIntegerField(
        default=3,
        db_default=3,
        help_text="What one client may have ahead of them when they book online; 0 is no limit.",
    )
    online_bookings_an_hour = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="More than this online in an hour are refused, and logged; 0 is no limit."
    )
    waitlist_offer_minutes = models.PositiveSmallIntegerField(
        default=60, db_default=60, help_text="How long somebody from the waitlist has to take a time offered."
    )
    catalogue_edition = models.UUIDField(editable=False, db_default=RandomUUID())
    quiet_from = models.TimeField(
        null=True, blank=True, help_text="From this clock time on no reminders and no follow-ups go out."
    )
    quiet_until = models.TimeField(null=True, blank=True, help_text="At this clock time they may go again.")
    undo_minutes = models.PositiveSmallIntegerField(
        default=3,
        db_default=3,
        help_text="How long the mail about a change made by the desk waits; what is taken back meanwhile is not told.",
    )

    class Meta:
        verbose_name_plural = "studio"
        constraints = [
            models.CheckConstraint(name="there_is_one_studio", condition=Q(id=1)),
            models.CheckConstraint(
                name="what_is_kept_for_somebody_is_kept_a_while",
                condition=Q(hold_minutes__gte=1, request_hours__gte=1, waitlist_offer_minutes__gte=1),
            ),
            models.CheckConstraint(
                name="quiet_hours_have_a_beginning_and_an_end",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, validators=[validate_zone])
    address = models.TextField(help_text="As on an envelope, one part a line.")
    phone = models.CharField(max_length=32, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    clean_up_within_hours = models.BooleanField(
        default=False, help_text="The clean-up, too, must end before closing time."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="rooms")
    features = ArrayField(
        models.SlugField(),
        default=list,
        blank=True,
        help_text="What the room has, for example couples or heated-table.",
    )
    usual_for = models.ManyToManyField(
        "booking.Therapist", related_name="usual_rooms", blank=True, help_text="Who works here when it is free."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """A stretch in which a whole location is shut, whatever its therapists' hours say."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="closures")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_closure_ends_after_it_starts", condition=Q(end_at__gt=F("start_at")))
        ]
        indexes = [models.Index(fields=["location", "end_at"], name="closure_by_location_and_end")]

    def __str__(self) -> str:
        return f"{self.location} {self.start_at:%Y-%m-%d}"
