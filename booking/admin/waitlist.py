from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from booking.admin.pages import Pages, ReadOnly, Table, by_the_clock
from booking.models import WaitlistEntry, WaitlistOffer, WaitlistWindow


class WindowTable(ReadOnly, Table[WaitlistWindow, WaitlistEntry]):
    model = WaitlistWindow
    fields = ["starts", "ends"]
    readonly_fields = ["starts", "ends"]

    @admin.display(description="From")
    def starts(self, window: WaitlistWindow) -> str:
        return by_the_clock(window.start_at, window.entry.location.time_zone)

    @admin.display(description="Until")
    def ends(self, window: WaitlistWindow) -> str:
        return by_the_clock(window.end_at, window.entry.location.time_zone)


class OfferTable(ReadOnly, Table[WaitlistOffer, WaitlistEntry]):
    model = WaitlistOffer
    fields = ["starts", "therapists", "state", "offered", "ends"]
    readonly_fields = ["starts", "offered", "ends"]

    @admin.display(description="Time offered")
    def starts(self, offer: WaitlistOffer) -> str:
        return by_the_clock(offer.start_at, offer.entry.location.time_zone)

    @admin.display(description="Offered")
    def offered(self, offer: WaitlistOffer) -> str:
        return by_the_clock(offer.offered_at, offer.entry.location.time_zone)

    @admin.display(description="To be answered until")
    def ends(self, offer: WaitlistOffer) -> str:
        return by_the_clock(offer.expires_at, offer.entry.location.time_zone)


@admin.register(WaitlistEntry)
class WaitlistAdmin(ReadOnly, Pages[WaitlistEntry]):
    """Who waits for what, in line. It is looked at here; joining, answering and leaving go through the actions."""

    list_display = ["reference", "joined", "state", "client", "variation", "location"]
    list_filter = ["state", "location"]
    search_fields = ["reference", "client__name", "client__email", "client__reference"]
    list_select_related = ["client", "location", "variation__service"]
    ordering = ["joined_at", "id"]
    inlines = [WindowTable, OfferTable]
    exclude = ["joined_at", "ended_at"]
    readonly_fields = ["reference", "joined", "ended"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitlistEntry]:
        return super().get_queryset(request).select_related("location")

    @admin.display(description="Joined", ordering="joined_at")
    def joined(self, entry: WaitlistEntry) -> str:
        return by_the_clock(entry.joined_at, entry.location.time_zone)

    @admin.display(description="Ended")
    def ended(self, entry: WaitlistEntry) -> str:
        return by_the_clock(entry.ended_at, entry.location.time_zone)
