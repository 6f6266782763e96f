from django.contrib import admin

from booking.admin.pages import Pages, Table
from booking.models import AddOn, Service, Variation


class VariationTable(Table[Variation, Service]):
    model = Variation
    extra = 0


@admin.register(Service)
class ServiceAdmin(Pages[Service]):
    list_display = ["name", "slug", "kind", "category", "therapists_required", "is_active"]
    list_filter = ["is_active", "kind", "category"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["add_ons"]
    inlines = [VariationTable]
    fieldsets = [
        (None, {"fields": ["name", "slug", "is_active", "description", "category", "kind", "add_ons"]}),
        (
            "Who and where",
            {
                "fields": ["therapists_required", "needs_room", "room_features", "load_percent"],
                "description": "A room fits when it has every feature named here. A massage for two needs two people.",
            },
        ),
        (
            "Booking and changing",
            {
                "fields": [
                    "needs_confirmation",
                    "notice_minutes",
                    "horizon_days",
                    "change_deadline_minutes",
                    "late_cancel_percent",
                ],
                "description": (
                    "These bind clients online, not the desk. What was agreed stays agreed: a change here is for "
                    "appointments made from now on."
                ),
            },
        ),
        (
            "Which starts are offered",
            {
                "fields": ["start_mode", "step_minutes", "fewest_gaps", "smallest_gap_minutes"],
                "description": (
                    "On a fixed grid a visit may begin every so many minutes from opening time; back to back, when the "
                    "one before it and its clean-up are over."
                ),
            },
        ),
    ]


@admin.register(AddOn)
class AddOnAdmin(Pages[AddOn]):
    list_display = ["name", "slug", "duration_minutes", "price_amount"]
    prepopulated_fields = {"slug": ["name"]}
