from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from booking.models.references import new_reference


class Gender(models.TextChoices):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Therapist(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    bio = models.TextField(blank=True)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    gender = models.CharField(max_length=8, choices=Gender)
    skills = models.ManyToManyField("booking.Service", related_name="therapists", blank=True)
    longest_stretch_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Hands-on minutes without a rest, at most. Empty is no limit."
    )
    rest_minutes = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="A pause this long between two visits ends a stretch."
    )
    daily_limit_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Hands-on minutes a day, at most. Empty is no limit."
    )
    weekly_limit_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Hands-on minutes from Monday to Sunday, at most. Empty is no limit."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    """Somebody who visits. The same address with another name is another client: families share addresses.

    Who was forgotten has neither name nor address left; the row stands for the visits that were.
    """

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                Lower("name"),
                name="a_client_is_a_name_at_an_address",
                condition=~Q(email=""),
            )
        ]
        indexes = [models.Index(fields=["phone"], name="client_by_phone", condition=~Q(phone=""))]

    def __str__(self) -> str:
        return self.name


class Contact(models.TextChoices):
    ADDRESS = "address"
    DOMAIN = "domain"
    PHONE = "phone"


class BlockedContact(models.Model):
    """Whom we do not give time to online: an address, a whole mail domain, or a telephone number (S38).

    `value` is spelt as booking.contacts spells it: lower case, a number as + and digits. The desk may still book
    them and is warned.
    """

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    kind = models.CharField(max_length=8, choices=Contact)
    value = models.CharField(max_length=254)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "value"]
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="a_contact_is_blocked_once")]

    def __str__(self) -> str:
        return self.value
