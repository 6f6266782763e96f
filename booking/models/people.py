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
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    """Somebody who visits. The same address with another name is another client: families share addresses."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                Lower("name"),
                name="a_client_is_a_name_at_an_address",
                condition=~Q(email=""),
            )
        ]

    def __str__(self) -> str:
        return self.name
