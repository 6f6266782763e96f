from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from booking.actions.make_feed import make_feed
from booking.admin.pages import Form, Pages
from booking.api.views.calendars import address_of
from booking.models import CalendarFeed, Location, Therapist


class FeedForm(Form[CalendarFeed]):
    therapist = forms.ModelChoiceField(Therapist.objects.filter(is_active=True), required=False)
    location = forms.ModelChoiceField(Location.objects.filter(is_active=True), required=False)

    class Meta:
        model = CalendarFeed
        fields = ["therapist", "location", "label", "names"]

    def clean(self) -> dict[str, Any] | None:
        found = super().clean() or self.cleaned_data
        if bool(found.get("therapist")) == bool(found.get("location")):
            raise forms.ValidationError("Choose one therapist or one location.")
        return found


@admin.register(CalendarFeed)
class CalendarFeedAdmin(Pages[CalendarFeed]):
    """Each address is shown once, when it is made. Here they are listed, and ended one by one."""

    form = FeedForm
    list_display = ["whose", "label", "names", "made", "ended"]
    list_select_related = ["therapist", "location", "client"]
    search_fields = ["label", "therapist__name", "location__name"]
    ordering = ["-created_at"]
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("booking.change_calendarfeed")

    def save_model(self, request: HttpRequest, obj: CalendarFeed, form: Any, change: bool) -> None:
        of = form.cleaned_data["therapist"] or form.cleaned_data["location"]
        made = make_feed(of, label=obj.label, names=obj.names, now=timezone.now())
        obj.pk = made.feed.pk
        words = f"Give this address to the calendar program now; it is not shown again: {address_of(made.secret)}"
        self.message_user(request, words, messages.WARNING)

    @admin.action(description="End: the address opens nothing from now on", permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[CalendarFeed]) -> None:
        done = chosen.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
        self.message_user(request, f"Ended: {done}.", messages.SUCCESS)

    @admin.display(description="Of")
    def whose(self, feed: CalendarFeed) -> str:
        return str(feed.therapist or feed.location or feed.client)

    @admin.display(description="Made (UTC)", ordering="created_at")
    def made(self, feed: CalendarFeed) -> str:
        return f"{feed.created_at:%Y-%m-%d %H:%M}"

    @admin.display(description="Ended (UTC)", ordering="revoked_at")
    def ended(self, feed: CalendarFeed) -> str:
        return f"{feed.revoked_at:%Y-%m-%d %H:%M}" if feed.revoked_at else ""
