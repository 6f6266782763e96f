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


class StartMode(models.TextChoices):
    STEP = "step"
    BACK_TO_BACK = "back-to-back"


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
    needs_confirmation = models.BooleanField(default=False, help_text="A visit is pending until the desk confirms it.")
    needs_room = models.BooleanField(default=True, help_text="Off for visits at the client's place.")
    room_features = ArrayField(models.SlugField(), default=list, blank=True)
    notice_minutes = models.PositiveIntegerField(default=120)
    horizon_days = models.PositiveIntegerField(default=90)
    change_deadline_minutes = models.PositiveIntegerField(default=24 * 60)
    late_cancel_percent = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Share of the price due when a client cancels after the deadline."
    )
    step_minutes = models.PositiveSmallIntegerField(default=15, help_text="Minutes from one start to the next.")
    start_mode = models.CharField(
        max_length=12,
        choices=StartMode,
        default=StartMode.STEP,
        db_default=StartMode.STEP,
        help_text="Starts on a fixed grid, or one visit right after the other.",
    )
    fewest_gaps = models.BooleanField(
        default=False, db_default=False, help_text="Offer only the starts that leave the fewest gaps of no use."
    )
    smallest_gap_minutes = models.PositiveSmallIntegerField(
        default=30, db_default=30, help_text="A shorter gap is of no use; counts when the fewest gaps are wanted."
    )
    load_percent = models.PositiveSmallIntegerField(
        default=100, db_default=100, help_text="How hard it is on the hands: 150 counts an hour as ninety minutes."
    )
    add_ons = models.ManyToManyField("booking.AddOn", related_name="services", blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                name="a_service_takes_one_or_two_therapists", condition=Q(therapists_required__range=(1, 2))
            ),
            models.CheckConstraint(name="starts_are_a_step_apart", condition=Q(step_minutes__gte=1)),
            models.CheckConstraint(name="a_massage_is_work_for_the_hands", condition=Q(load_percent__range=(1, 500))),
            models.CheckConstraint(
                name="a_late_cancel_costs_the_price_at_most", condition=Q(late_cancel_percent__range=(0, 100))
            ),
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
