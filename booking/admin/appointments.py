from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from booking.admin.pages import Pages, ReadOnly, Table, by_the_clock
from booking.models import Appointment, Assignment, HistoryEntry


class AssignmentTable(ReadOnly, Table[Assignment, Appointment]):
    model = Assignment
    fields = ["therapist"]


class HistoryTable(ReadOnly, Table[HistoryEntry, Appointment]):
    model = HistoryEntry
    fields = ["at_utc", "action", "actor", "channel", "before", "after"]
    readonly_fields = ["at_utc"]

    @admin.display(description="At (UTC)")
    def at_utc(self, entry: HistoryEntry) -> str:
        return f"{entry.at:%Y-%m-%d %H:%M:%S}"


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, Pages[Appointment]):
    list_display = ["reference", "when", "status", "service", "client", "location", "room", "who"]
    list_filter = ["status", "location", "service", "therapists", "source"]
    search_fields = ["reference", "client__name", "client__email", "client__reference"]
    search_help_text = "A reference, or a client's name, address or reference."
    list_select_related = ["service", "client", "location", "room"]
    list_per_page = 50
    ordering = ["-start_at"]
    inlines = [AssignmentTable, HistoryTable]
    # What holds an instant is shown by the clocks that were agreed, never by the server's.
    exclude = ["occupied", "start_at", "end_at", "agreed_at", "cancelled_at", "created_at", "changed_at", "wall_start"]
    readonly_fields = ["when", "until", "agreed", "cancelled", "created", "changed"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        return super().get_queryset(request).prefetch_related("therapists")

    @admin.display(description="Therapists")
    def who(self, appointment: Appointment) -> str:
        return ", ".join(therapist.name for therapist in appointment.therapists.all())

    @admin.display(description="From", ordering="start_at")
    def when(self, appointment: Appointment) -> str:
        return by_the_clock(appointment.start_at, appointment.time_zone)

    @admin.display(description="Until")
    def until(self, appointment: Appointment) -> str:
        return by_the_clock(appointment.end_at, appointment.time_zone)

    @admin.display(description="Time agreed")
    def agreed(self, appointment: Appointment) -> str:
        return by_the_clock(appointment.agreed_at, appointment.time_zone)

    @admin.display(description="Cancelled")
    def cancelled(self, appointment: Appointment) -> str:
        return by_the_clock(appointment.cancelled_at, appointment.time_zone)

    @admin.display(description="Made")
    def created(self, appointment: Appointment) -> str:
        return by_the_clock(appointment.created_at, appointment.time_zone)

    @admin.display(description="Last changed")
    def changed(self, appointment: Appointment) -> str:
        return by_the_clock(appointment.changed_at, appointment.time_zone)


@admin.register(HistoryEntry)
class HistoryAdmin(ReadOnly, Pages[HistoryEntry]):
    list_display = ["appointment", "at_utc", "action", "actor", "channel"]
    list_filter = ["action", "channel"]
    search_fields = ["appointment__reference", "actor"]
    list_select_related = ["appointment"]
    ordering = ["-at", "-id"]
    fields = ["appointment", "at_utc", "action", "actor", "channel", "before", "after"]

    @admin.display(description="At (UTC)", ordering="at")
    def at_utc(self, entry: HistoryEntry) -> str:
        return f"{entry.at:%Y-%m-%d %H:%M:%S}"
