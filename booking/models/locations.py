from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from booking.domain.hours import known_zone


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

    class Meta:
        verbose_name_plural = "studio"
        constraints = [models.CheckConstraint(name="there_is_one_studio", condition=Q(id=1))]

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
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """A stretch in which a whole location is shut, whatever its therapists' hours say."""

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
