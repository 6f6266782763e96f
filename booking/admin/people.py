import calendar
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from booking.actions.absence import lift, put_down
from booking.actions.block import block_client
from booking.actions.revoke_links import revoke_links
from booking.addresses import bare_address
from booking.admin.absences import warn_of_affected
from booking.admin.pages import STUDIO_TIMES, Form, Pages, StretchForm, Table
from booking.models import Client, DateOverride, Location, Therapist, TimeOff, WeeklyHours
from booking.models.locations import validate_zone


class HoursForm(Form[WeeklyHours]):
    weekday = forms.TypedChoiceField(choices=list(enumerate(calendar.day_name)), coerce=int)


class HoursTable(Table[WeeklyHours, Therapist]):
    model = WeeklyHours
    form = HoursForm
    extra = 0
    formfield_overrides = STUDIO_TIMES
    ordering = ["location", "valid_from", "weekday", "opens"]
    fields = ["location", "clocks", "weekday", "opens", "closes", "valid_from", "valid_until"]
    readonly_fields = ["clocks"]
    verbose_name_plural = "Weekly hours, by the clocks of the location"

    @admin.display(description="Clocks of")
    def clocks(self, span: WeeklyHours) -> str:
        return span.location.time_zone if span.location_id else "the location"


class OverrideTable(Table[DateOverride, Therapist]):
    model = DateOverride
    extra = 0
    formfield_overrides = STUDIO_TIMES
    ordering = ["on", "opens"]
    fields = ["location", "clocks", "on", "opens", "closes"]
    readonly_fields = ["clocks"]
    verbose_name_plural = "Other hours on a date, by the clocks of the location (no times: not working)"

    @admin.display(description="Clocks of")
    def clocks(self, span: DateOverride) -> str:
        return span.location.time_zone if span.location_id else "the location"


class TimeOffForm(StretchForm):
    location = forms.ModelChoiceField(
        Location.objects.all(), label="Clocks of", help_text="The therapist is away everywhere."
    )

    class Meta:
        model = TimeOff
        fields = ["location", "start_at", "end_at", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.therapist_id:
            self.initial.setdefault("location", self.place_of(self.instance))

    def place_of(self, instance: TimeOff) -> Location | None:
        """Return the first location that the therapist has hours at, or the studio's first."""
        at_work = Location.objects.filter(weekly_hours__therapist=instance.therapist_id)
        return at_work.first() or Location.objects.first()


class TimeOffTable(Table[TimeOff, Therapist]):
    model = TimeOff
    form = TimeOffForm
    extra = 0
    ordering = ["start_at"]
    fields = ["location", "start_at", "end_at", "reason"]
    verbose_name_plural = "Time off, by the clocks of the location named"


@admin.register(Therapist)
class TherapistAdmin(Pages[Therapist]):
    list_display = ["name", "slug", "gender", "languages", "is_active"]
    list_filter = ["is_active", "gender", "skills"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["skills"]
    inlines = [HoursTable, OverrideTable, TimeOffTable]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save; time off goes through its action, so that no booking slips past it, and says who is affected."""
        if formset.model is not TimeOff:
            super().save_formset(request, form, formset, change)
            return
        now = timezone.now()
        for away in formset.save(commit=False):
            put_down(away, now=now)
            warn_of_affected(self, request, away, now=now)
        for away in formset.deleted_objects:
            lift(away, now=now)

    fieldsets = [
        (None, {"fields": ["name", "slug", "is_active", "bio", "languages", "gender", "skills"]}),
        (
            "How much work is enough",
            {
                "fields": [
                    "longest_stretch_minutes",
                    "rest_minutes",
                    "daily_limit_minutes",
                    "weekly_limit_minutes",
                ],
                "description": (
                    "Times that would be too much for these hands are not offered online; the desk may book them all "
                    "the same. Minutes are weighed by the service: see “how hard it is on the hands” there."
                ),
            },
        ),
    ]


class ClientForm(Form[Client]):
    class Meta:
        model = Client
        fields = ["name", "email", "phone", "time_zone", "language"]

    def clean_email(self) -> str:
        """Take only what the post office takes, as the API does."""
        written = str(self.cleaned_data["email"] or "")
        try:
            return bare_address(written) if written else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"] or "")
        if name:
            validate_zone(name)
        return name


@admin.register(Client)
class ClientAdmin(Pages[Client]):
    form = ClientForm
    list_display = ["name", "email", "phone", "reference"]
    search_fields = ["name", "email", "phone", "reference"]
    readonly_fields = ["reference", "created_at"]
    actions = ["block"]

    def has_block_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("booking.add_blockedcontact")

    @admin.action(description="Block this client: nothing more online, at the desk as before", permissions=["block"])
    def block(self, request: HttpRequest, chosen: QuerySet[Client]) -> None:
        now = timezone.now()
        reason = f"Blocked by {request.user.get_username()}."
        done = [contact.value for client in chosen for contact in block_client(client, now=now, reason=reason)]
        if done:
            words = f"Blocked online: {', '.join(done)}. The desk can still book for them."
            self.message_user(request, words, messages.SUCCESS)
        else:
            self.message_user(
                request, "Nothing to block: no address, and no number with its country code.", messages.WARNING
            )

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            revoke_links(obj, now=timezone.now())
