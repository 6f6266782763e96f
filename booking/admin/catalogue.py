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


@admin.register(AddOn)
class AddOnAdmin(Pages[AddOn]):
    list_display = ["name", "slug", "duration_minutes", "price_amount"]
    prepopulated_fields = {"slug": ["name"]}
