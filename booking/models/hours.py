from django.db import models
from django.db.models import F, Q

from booking.models.locations import Location
from booking.models.people import Therapist
from booking.models.references import new_reference


class WeeklyHours(models.Model):
    """One span of a therapist's week at a location, in that location's wall-clock time.

    Several spans a day are breaks. Closing at or before opening means closing on the next day. Holds from
    `valid_from` (included) until `valid_until` (not included; empty is for good).
    """

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="weekly_hours")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday.")
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "weekly hours"
        constraints = [
            models.CheckConstraint(name="a_weekday_is_one_of_seven", condition=Q(weekday__range=(0, 6))),
            models.CheckConstraint(
                name="hours_end_after_they_begin_to_hold",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
        ]
        indexes = [models.Index(fields=["location", "therapist"], name="weekly_hours_by_place")]

    def __str__(self) -> str:
        return f"{self.therapist} {self.weekday} {self.opens:%H:%M}"


class DateOverride(models.Model):
    """What holds on one date instead of the week. No times: not working there that day."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="date_overrides")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="date_overrides")
    on = models.DateField()
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_override_has_both_times_or_none",
                condition=Q(opens__isnull=True, closes__isnull=True) | Q(opens__isnull=False, closes__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["location", "on"], name="override_by_place_and_date")]

    def __str__(self) -> str:
        return f"{self.therapist} {self.on}"


class TimeOff(models.Model):
    """A stretch in which a therapist does not work anywhere."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="time_off")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name_plural = "time off"
        constraints = [
            models.CheckConstraint(name="time_off_ends_after_it_starts", condition=Q(end_at__gt=F("start_at")))
        ]
        indexes = [models.Index(fields=["therapist", "end_at"], name="time_off_by_therapist_and_end")]

    def __str__(self) -> str:
        return f"{self.therapist} {self.start_at:%Y-%m-%d}"
