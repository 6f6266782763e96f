from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from booking.models.appointments import Appointment
from booking.models.catalogue import AddOn, Variation
from booking.models.locations import Location
from booking.models.people import Client
from booking.models.references import new_reference


class EntryState(models.TextChoices):
    """waiting and offered go back and forth; the others are ends."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class WaitlistEntry(models.Model):
    """Somebody who would come if a time came free. `digest` is the SHA-256 of the token that opens it.

    The oldest entry that fits is offered first; `joined_at` is its place in the line.
    """

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=EntryState, default=EntryState.WAITING)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="waitlist_entries")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="waitlist_entries")
    variation = models.ForeignKey(Variation, on_delete=models.PROTECT, related_name="waitlist_entries")
    add_ons = models.ManyToManyField(AddOn, blank=True)
    therapist = models.SlugField(blank=True, help_text="The one asked for by name; empty is anybody.")
    gender = models.CharField(max_length=8, blank=True)
    partner_name = models.CharField(max_length=100, blank=True)
    partner_email = models.EmailField(blank=True)
    partner_gender = models.CharField(max_length=8, blank=True)
    note = models.TextField(blank=True)
    tips = models.BooleanField(null=True, blank=True)
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "waitlist entries"
        ordering = ["joined_at", "id"]
        indexes = [
            models.Index(
                fields=["location", "joined_at"], name="waitlist_in_line", condition=Q(state=EntryState.WAITING)
            )
        ]

    def __str__(self) -> str:
        return self.reference


class WaitlistWindow(models.Model):
    """A stretch in which the client could come: the visit must lie in it, start and end."""

    entry = models.ForeignKey(WaitlistEntry, on_delete=models.CASCADE, related_name="windows")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()

    class Meta:
        ordering = ["start_at", "id"]
        constraints = [
            models.CheckConstraint(name="a_window_ends_after_it_starts", condition=Q(end_at__gt=F("start_at")))
        ]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M}"


class OfferState(models.TextChoices):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class WaitlistOffer(models.Model):
    """A time offered to one entry, kept for it by a hold until the deadline.

    Time that an entry declined or let pass is not offered to it again. With a yes the hold becomes the appointment;
    with a no it goes, and the offer stays without it.
    """

    entry = models.ForeignKey(WaitlistEntry, on_delete=models.CASCADE, related_name="offers")
    hold = models.OneToOneField(Appointment, on_delete=models.SET_NULL, null=True, blank=True, related_name="offer")
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.OPEN)
    start_at = models.DateTimeField()
    therapists = ArrayField(models.SlugField(), default=list)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["offered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], name="an_entry_has_one_open_offer", condition=Q(state=OfferState.OPEN)
            ),
            models.CheckConstraint(
                name="an_offer_ends_before_the_visit",
                condition=Q(expires_at__gt=F("offered_at"), expires_at__lte=F("start_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M}"


class OfferLink(models.Model):
    """A link in the mail of an offer: 256 random bits of which only the SHA-256 is kept.

    It opens the entry, not the hold, so that it can still say what became of the offer. Ends a day after the visit.
    """

    digest = models.CharField(max_length=64, unique=True)
    offer = models.ForeignKey(WaitlistOffer, on_delete=models.CASCADE, related_name="links")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.offer_id}"
