import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from booking.domain import status
from booking.models.catalogue import Service, Variation
from booking.models.locations import Location, Room
from booking.models.people import Client, Therapist
from booking.models.references import new_reference


class Source(models.TextChoices):
    ONLINE = "online"
    PHONE = "phone"
    WALK_IN = "walk-in"


class Stretch(Func):
    """The half-open stretch between two instants."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Series(models.Model):
    """Visits of one client every `every_weeks` weeks at the same local time; each is an appointment of its own."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    every_weeks = models.PositiveSmallIntegerField()
    times = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.CheckConstraint(
                name="a_series_comes_again", condition=Q(every_weeks__range=(1, 52), times__range=(2, 52))
            )
        ]

    def __str__(self) -> str:
        return self.reference


class Appointment(models.Model):
    """One visit. `start_at` to `end_at` is the client's time; `occupied` adds the clean-up around it.

    `wall_start` and `time_zone` are what was agreed with the client, kept so that a later change of a
    country's clock rules can be found. `agreed_at` is when the present time was agreed. `sequence` counts
    revisions that calendars must know of (RFC 5546 2.1.4); `version` counts every change.

    While it is held or pending, `expires_at` ends that: from then on it keeps nobody out, though the row may
    stand a while longer (ADR 10). A hold is opened by a token, of which `hold_digest` is the SHA-256; `holder`
    is the SHA-256 of who keeps it. Price, deadline and late-cancel rule are copies of what was agreed.
    """

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(max_length=10, choices=[(word, word) for word in status.ALL])
    blocks = models.BooleanField(editable=False)
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField(default=0)

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="appointments")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="appointments")
    variation = models.ForeignKey(Variation, on_delete=models.PROTECT, related_name="appointments")
    add_ons = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    therapists = models.ManyToManyField(Therapist, through="Assignment", related_name="appointments")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    partner_name = models.CharField(max_length=100, blank=True)
    partner_email = models.EmailField(blank=True)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")

    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    occupied = DateTimeRangeField()
    wall_start = models.CharField(max_length=16, help_text="Local time as agreed: 2026-12-01T09:00.")
    time_zone = models.CharField(max_length=64)
    agreed_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    hold_digest = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    holder = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)

    price_amount = models.DecimalField(max_digits=8, decimal_places=2)
    price_currency = models.CharField(max_length=3)
    change_deadline_minutes = models.PositiveIntegerField()
    late_cancel_percent = models.PositiveSmallIntegerField(default=0, db_default=0)
    requested_therapist = models.BooleanField(default=False)
    requested_gender = models.CharField(max_length=8, blank=True)
    partner_gender = models.CharField(max_length=8, blank=True, default="", db_default="")
    overridden = ArrayField(
        models.CharField(max_length=16),
        default=list,
        db_default=[],
        blank=True,
        help_text="The rules the desk set aside for it; why stands in the history.",
    )
    alongside = models.BooleanField(
        default=False, db_default=False, help_text="The desk knows that the client has another visit meanwhile."
    )
    note = models.TextField(blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.ONLINE)
    tips = models.BooleanField(default=False)
    notify = models.BooleanField(default=True)

    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    late = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_room_holds_one_group_at_a_time",
                expressions=[("room", RangeOperators.EQUAL), ("occupied", RangeOperators.OVERLAPS)],
                condition=Q(blocks=True, room__isnull=False),
            ),
            models.CheckConstraint(
                name="the_status_decides_whether_it_blocks",
                condition=Q(blocks=True, status__in=status.BLOCKING)
                | Q(blocks=False) & (~Q(status__in=status.BLOCKING) | Q(status=status.PENDING)),
            ),
            models.CheckConstraint(
                name="a_hold_has_a_token_and_an_end",
                condition=~Q(status=status.HELD) | Q(hold_digest__isnull=False, expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="what_is_booked_does_not_expire",
                condition=Q(expires_at__isnull=True) | Q(status__in=(status.HELD, status.PENDING, status.CANCELLED)),
            ),
            ExclusionConstraint(
                name="a_client_is_in_one_place_at_a_time",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    (Stretch("start_at", "end_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(blocks=True, client__isnull=False, alongside=False),
            ),
            models.CheckConstraint(name="a_visit_ends_after_it_starts", condition=Q(end_at__gt=F("start_at"))),
            models.CheckConstraint(
                name="the_visit_lies_in_the_occupied_time",
                condition=Q(occupied__startswith__lte=F("start_at"), occupied__endswith__gte=F("end_at")),
            ),
            models.UniqueConstraint(
                fields=["client", "service", "start_at"],
                name="a_client_books_a_start_once",
                condition=Q(blocks=True),
            ),
            # The target of the assignment's foreign key: see migration 0002.
            models.UniqueConstraint(fields=["id", "occupied", "blocks"], name="an_appointment_occupies_one_stretch"),
        ]
        indexes = [
            # With what says that a calendar has changed, so that it is read from the index alone.
            models.Index(
                fields=["location", "start_at"],
                include=["id", "version", "changed_at", "status"],
                name="appointment_by_place_and_start",
            ),
            models.Index(fields=["client", "start_at"], name="appointment_by_client"),
            models.Index(fields=["start_at"], name="appointment_to_remind_of", condition=Q(status="booked")),
            models.Index(fields=["created_at"], name="appointment_made_online", condition=Q(source="online")),
            models.Index(
                fields=["expires_at"],
                name="appointment_that_expires",
                condition=Q(expires_at__isnull=False, status__in=(status.HELD, status.PENDING)),
            ),
            models.Index(
                fields=["series", "start_at"], name="appointment_of_a_series", condition=Q(series__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Assignment(models.Model):
    """A therapist's part in an appointment.

    `occupied` and `blocks` repeat the appointment's, because an exclusion constraint sees one table. A foreign
    key over all three columns, ON UPDATE CASCADE, keeps them equal: they cannot drift (ADR 2). `before_minutes`
    and `after_minutes` are the clean-up in it, `load_minutes` the hands-on minutes by the service's weight.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="assignments")
    # Without an index of its own: two below begin with it, and each booking writes them all.
    therapist = models.ForeignKey(Therapist, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    occupied = DateTimeRangeField()
    blocks = models.BooleanField()
    before_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    after_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    load_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_therapist_sees_one_client_at_a_time",
                expressions=[("therapist", RangeOperators.EQUAL), ("occupied", RangeOperators.OVERLAPS)],
                condition=Q(blocks=True),
            ),
            models.UniqueConstraint(
                fields=["appointment", "therapist"], name="a_therapist_is_assigned_once_to_an_appointment"
            ),
        ]
        indexes = [
            models.Index(fields=["therapist", "appointment"], name="latest_of_a_therapist"),
            # The exclusion constraint's index has those that block; calendars also show what was given up.
            models.Index(F("therapist"), F("occupied__startswith"), name="calendar_of_a_therapist"),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.therapist_id}"


class HistoryEntry(models.Model):
    """One change of an appointment: who, what, when, from where, and the values before and after.

    Append-only: a trigger refuses UPDATE and DELETE (migration 0002).
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="history")
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    actor = models.CharField(max_length=120, help_text="client, or the name of who did it at the desk")
    channel = models.CharField(max_length=12, help_text="api, page, admin, command, job")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "history"
        indexes = [models.Index(fields=["appointment", "at"], name="history_of_an_appointment")]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
