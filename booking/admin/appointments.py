from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from booking.admin.pages import Pages, ReadOnly, Table, by_the_clock
from booking.models import Appointment, Assignment, HistoryEntry, Reply


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


class ReplyTable(ReadOnly, Table[Reply, Appointment]):
    model = Reply
    fields = ["received_utc", "role", "partstat", "sequence"]
    readonly_fields = ["received_utc"]
    verbose_name_plural = "What guests' calendars answered (a mail said so)"

    @admin.display(description="Received (UTC)")
    def received_utc(self, reply: Reply) -> str:
        return f"{reply.received_at:%Y-%m-%d %H:%M:%S}"


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, Pages[Appointment]):
    list_display = ["reference", "when", "status", "service", "client", "location", "room", "who"]
    list_filter = ["status", "location", "service", "therapists", "source", "late"]
    search_fields = ["reference", "client__name", "client__email", "client__reference"]
    search_help_text = "A reference, or a client's name, address or reference."
    list_select_related = ["service", "client", "location", "room", "series"]
    list_per_page = 50
    ordering = ["-start_at"]
    inlines = [AssignmentTable, ReplyTable, HistoryTable]
    # What holds an instant is shown by the clocks that were agreed, never by the server's.
    readonly_fields = ["when", "until", "agreed", "expires", "set_aside", "cancelled", "created", "changed", "messages"]
    fieldsets = [
        (None, {"fields": ["reference", "status", "blocks", "expires", "version", "sequence"]}),
        ("When and where", {"fields": ["when", "until", "time_zone", "agreed", "location", "room", "series"]}),
        (
            "What",
            {"fields": ["service", "variation", "add_ons", "price_amount", "price_currency", "note", "tips"]},
        ),
        (
            "Who",
            {
                "fields": [
                    "client",
                    "partner_name",
                    "partner_email",
                    "requested_therapist",
                    "requested_gender",
                    "partner_gender",
                    "source",
                    "notify",
                    "messages",
                ]
            },
        ),
        (
            "What was agreed about changes, and what the desk set aside",
            {"fields": ["change_deadline_minutes", "late_cancel_percent", "set_aside", "alongside"]},
        ),
        ("What became of it", {"fields": ["cancelled", "cancel_reason", "late", "created", "changed"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        return super().get_queryset(request).prefetch_related("therapists")

    @admin.display(description="Mails about it")
    def messages(self, appointment: Appointment) -> str:
        """Return a link to the delivery log, which is another app's."""
        log = reverse("admin:notifications_message_changelist")
        return format_html('<a href="{}?q={}">What was sent, and what was not</a>', log, appointment.reference)

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

    @admin.display(description="Kept until", empty_value="")
    def expires(self, appointment: Appointment) -> str:
        return by_the_clock(appointment.expires_at, appointment.time_zone)

    @admin.display(description="Rules set aside")
    def set_aside(self, appointment: Appointment) -> str:
        return ", ".join(appointment.overridden) or "none"

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
