from django.contrib.postgres.fields import ArrayField
from django.db import models

from booking.models.appointments import Appointment


class Purpose(models.TextChoices):
    """What a link is for. A link of one purpose is nothing at the door of another."""

    MANAGE = "manage"
    CALENDAR = "calendar"


class LinkToken(models.Model):
    """A link in a mail: 256 random bits of which only the SHA-256 is kept. Ends a day after the visit."""

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="links")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.appointment_id}"


class IdempotencyKey(models.Model):
    """The first answer to a POST that creates, kept a day for the caller who may ask again.

    The answer holds a link token, so it is encrypted with a key that only the caller's key gives (ADR 5).
    """

    digest = models.CharField(max_length=64, unique=True)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest[:8]


class Scope(models.TextChoices):
    READ = "read"
    DESK = "desk"
    ADMIN = "admin"


class ApiKey(models.Model):
    """A program's way in. `prefix` names the key in lists and logs; only the SHA-256 of the whole is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
