from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from booking import access
from booking.actions.absence import put_down
from booking.actions.relocate import change_address
from booking.admin.absences import warn_of_affected
from booking.admin.pages import STUDIO_TIMES, Pages, StretchForm, Table, by_the_clock
from booking.models import Closure, Location, Room, Studio


@admin.register(Studio)
class StudioAdmin(Pages[Studio]):
    """The one row. It is added once, when the house is new."""

    list_display = ["name", "mail_address", "currency", "tips_by_default"]
    formfield_overrides = STUDIO_TIMES
    fieldsets = [
        (None, {"fields": ["name", "mail_address", "reply_to", "currency"]}),
        (
            "While somebody is booking",
            {
                "fields": ["hold_minutes", "holds_per_caller"],
                "description": "A time that somebody has chosen online is kept for them while they fill in the form.",
            },
        ),
        (
            "Requests",
            {
                "fields": ["requests_block", "request_hours"],
                "description": (
                    "For services that the desk confirms. A request that nobody answers ends by itself, at the latest "
                    "when the visit would begin, and the client is told."
                ),
            },
        ),
        (
            "Limits online",
            {
                "fields": ["open_appointments_per_client", "online_bookings_an_hour"],
                "description": (
                    "Against somebody who books every time there is. A client is known by address and by telephone "
                    "number, and only visits that were booked online count. The desk has no limits."
                ),
            },
        ),
        (
            "Waitlist",
            {
                "fields": ["waitlist_offer_minutes"],
                "description": "A time that comes free is kept for the first in line who could come.",
            },
        ),
        (
            "Mail",
            {
                "fields": ["undo_minutes", ("quiet_from", "quiet_until")],
                "description": (
                    "What the desk changes is told after a while, so that a slip can be put right unheard. In the "
                    "quiet hours, by the clock of the place, reminders and follow-ups wait for their end, or go before "
                    "they begin; news of an appointment always goes."
                ),
            },
        ),
        (
            "Research notes",
            {
                "fields": ["tips_by_default", "conflicting_notes"],
                "description": "Short notes on what studies found, in the mails of clients who want them.",
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Studio.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Studio | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Studio, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


class RoomTable(Table[Room, Location]):
    model = Room
    extra = 0
    fields = ["name", "slug", "features", "is_active"]  # who usually works there stands on the room's own page
    show_change_link = True


@admin.register(Location)
class LocationAdmin(Pages[Location]):
    list_display = ["name", "slug", "time_zone", "phone", "is_active"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RoomTable]

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:
        """Save; a new address goes through its action, which tells everybody who is to come."""
        address = obj.address
        if change and "address" in form.changed_data:
            obj.address = form.initial["address"]
        super().save_model(request, obj, form, change)
        if obj.address != address:
            caller = access.staff(request.user.get_username(), channel="admin")
            told = change_address(obj, address=address, by=caller, now=timezone.now())
            obj.address = address
            if told:
                self.message_user(request, f"{told} coming appointments will be told of the new address.")


@admin.register(Room)
class RoomAdmin(Pages[Room]):
    list_display = ["name", "slug", "location", "features", "is_active"]
    list_filter = ["location", "is_active"]
    list_select_related = ["location"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["usual_for"]


class ClosureForm(StretchForm):
    class Meta:
        model = Closure
        fields = ["location", "start_at", "end_at", "reason"]

    def place_of(self, instance: Closure) -> Location:
        return instance.location


@admin.register(Closure)
class ClosureAdmin(Pages[Closure]):
    form = ClosureForm
    list_display = ["location", "starts", "ends", "reason"]
    list_filter = ["location"]
    list_select_related = ["location"]

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        """Save through the action, so that no booking slips past it, and say who is affected."""
        now = timezone.now()
        put_down(obj, now=now)
        warn_of_affected(self, request, obj, now=now)

    @admin.display(description="From", ordering="start_at")
    def starts(self, closure: Closure) -> str:
        return by_the_clock(closure.start_at, closure.location.time_zone)

    @admin.display(description="Until", ordering="end_at")
    def ends(self, closure: Closure) -> str:
        return by_the_clock(closure.end_at, closure.location.time_zone)
