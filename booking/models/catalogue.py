from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class ServiceKind(models.TextChoices):
    """What sort of massage it is; notes are chosen by it."""

    SWEDISH = "swedish"
    RELAXATION = "relaxation"
    DEEP_TISSUE = "deep-tissue"
    SPORTS = "sports"
    CHAIR = "chair"
    FOOT = "foot"
    HOT_STONE = "hot-stone"
    COUPLES = "couples"
    PRENATAL = "prenatal"


class Service(models.Model):
    """A massage that can be booked, in one or more variations."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=16, choices=ServiceKind)
    therapists_required = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(2)]
    )
    needs_confirmation = models.BooleanField(
        default=False, editable=False, help_text="A visit is pending until the desk confirms it."
    )
    needs_room = models.BooleanField(default=True, help_text="Off for visits at the client's place.")
    room_features = ArrayField(models.SlugField(), default=list, blank=True)
    notice_minutes = models.PositiveIntegerField(default=120)
    horizon_days = models.PositiveIntegerField(default=90)
    change_deadline_minutes = models.PositiveIntegerField(default=24 * 60)
    step_minutes = models.PositiveSmallIntegerField(default=15, help_text="Minutes from one start to the next.")
    add_ons = models.ManyToManyField("booking.AddOn", related_name="services", blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                name="a_service_takes_one_or_two_therapists", condition=Q(therapists_required__range=(1, 2))
            ),
            models.CheckConstraint(name="starts_are_a_step_apart", condition=Q(step_minutes__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class Variation(models.Model):
    """A length of a service and its price; the clean-up is the studio's time, not the client's."""

    slug = models.SlugField(unique=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="variations")
    duration_minutes = models.PositiveSmallIntegerField()
    clean_up_before_minutes = models.PositiveSmallIntegerField(default=0)
    clean_up_after_minutes = models.PositiveSmallIntegerField(default=0)
    price_amount = models.DecimalField(max_digits=8, decimal_places=2)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["duration_minutes", "slug"]
        constraints = [
            models.CheckConstraint(name="a_visit_takes_time", condition=Q(duration_minutes__range=(1, 12 * 60))),
            models.CheckConstraint(name="a_price_is_not_negative", condition=Q(price_amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.duration_minutes} min"


class AddOn(models.Model):
    """Something that lengthens a visit, such as a scalp massage."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    duration_minutes = models.PositiveSmallIntegerField(default=0)
    price_amount = models.DecimalField(max_digits=8, decimal_places=2, default=0)

    class Meta:
        ordering = ["slug"]
        constraints = [models.CheckConstraint(name="an_add_on_price_is_not_negative", condition=Q(price_amount__gte=0))]

    def __str__(self) -> str:
        return self.name
