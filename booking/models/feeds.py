from django.db import models
from django.db.models import Q

from booking.models.appointments import Appointment
from booking.models.locations import Location
from booking.models.people import Client, Therapist
from booking.models.references import new_reference


class CalendarFeed(models.Model):
    """An address that a calendar program reads again and again: of a therapist, a location, or a client's own.

    Its secret has 256 random bits, of which only the SHA-256 is kept. `label` says whose device it is on, so that
    one can be revoked and the others stay. `names` says whether the clients' first names are in it.
    """

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds")
    label = models.CharField(max_length=80, blank=True, help_text="Whose it is, for example “Anna's phone”.")
    names = models.BooleanField(default=True, help_text="Show the clients' first names.")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_feed_is_about_one_of_them",
                condition=Q(therapist__isnull=False, location__isnull=True, client__isnull=True)
                | Q(therapist__isnull=True, location__isnull=False, client__isnull=True)
                | Q(therapist__isnull=True, location__isnull=True, client__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.label or self.reference


class PartStat(models.TextChoices):
    """What somebody answered to an invite (RFC 5545 3.2.12)."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    DELEGATED = "delegated"


class Reply(models.Model):
    """What a guest's calendar answered to an invite: said by a mail that anybody can forge, so it only informs.

    `role` is whose address it came from: client or partner. `stamped_at` is when their calendar wrote it, and
    orders the answers of one person (RFC 5546 2.1.5).
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="replies")
    role = models.CharField(max_length=8)
    partstat = models.CharField(max_length=10, choices=PartStat)
    sequence = models.PositiveIntegerField()
    stamped_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "role", "sequence", "stamped_at"], name="an_answer_is_taken_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.partstat}"
