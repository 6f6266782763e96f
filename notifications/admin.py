"""What was told to whom, and when reminders go. Messages are read here; the only thing to do is to send again."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern

from notifications import queue, reminders, resend, views
from notifications.models import Exposure, Message, Preference, ReminderRule
from notifications.webhooks import admin as webhook_pages  # noqa: F401 - Django looks for pages here

if TYPE_CHECKING:  # Django's admin classes take their model in brackets for mypy only
    RulePages = admin.ModelAdmin[ReminderRule]
    MessagePages = admin.ModelAdmin[Message]
    ExposurePages = admin.ModelAdmin[Exposure]
    PreferencePages = admin.ModelAdmin[Preference]
else:
    RulePages = MessagePages = ExposurePages = PreferencePages = admin.ModelAdmin


# What of a rule says when, and for whom.
TIMING = {"kind", "minutes", "days_before", "at_time", "services", "is_active"}


class ReadOnly:
    """For pages that nobody writes through."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(ReminderRule)
class ReminderRuleAdmin(RulePages):
    """A change holds from the next tick on: reminders are derived, not planned.

    What is due by a rule as it was is written before it changes, and by the changed one only what falls due later.
    """

    list_display = ["name", "kind", "minutes", "days_before", "at_time", "is_active"]
    list_filter = ["kind", "is_active"]
    filter_horizontal = ["services"]
    # A plain input: Django's own offers the browser's "now" and warns of "server time"; this is the studio's clock.
    formfield_overrides = {
        models.TimeField: {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")},
    }

    def save_model(
        self, request: HttpRequest, obj: ReminderRule, form: "forms.ModelForm[ReminderRule]", change: bool
    ) -> None:
        if change and TIMING & set(form.changed_data):
            obj.since = queue.database_now()
            reminders.derive(now=obj.since)
        super().save_model(request, obj, form, change)


@admin.register(Message)
class MessageAdmin(ReadOnly, MessagePages):
    list_display = ["appointment", "kind", "recipient", "state", "due", "sent", "words"]
    list_filter = ["state", "kind", "rule"]
    search_fields = ["appointment__reference", "name"]
    search_help_text = "An appointment's reference, or a Message-ID up to the @."
    list_select_related = ["appointment"]
    list_per_page = 50
    ordering = ["-due_at", "-pk"]
    fields = [
        ("appointment", "sequence"),
        ("location", "about_on"),
        ("kind", "rule"),
        "recipient",
        "name",
        ("state", "attempt", "tries", "crashes"),
        "words",
        ("due", "useful_until", "created"),
        ("sent", "sent_by"),
    ]
    actions = ["send_again"]

    def get_urls(self) -> list[URLPattern]:
        return [*views.urls(self.admin_site), *super().get_urls()]

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_message")

    @admin.action(description="Send again what failed, came back or is unknown", permissions=["resend"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        asked = list(chosen.values_list("pk", flat=True))
        done = resend.send_again(asked, by=request.user.get_username(), now=queue.database_now())
        if done:
            self.message_user(request, f"To be sent again: {done}.", messages.SUCCESS)
        if done < len(asked):
            self.message_user(request, f"Left alone: {len(asked) - done}, which had not failed.", messages.WARNING)

    @admin.display(description="Due (UTC)", ordering="due_at")
    def due(self, message: Message) -> str:
        return f"{message.due_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="Of use until (UTC)")
    def useful_until(self, message: Message) -> str:
        return f"{message.not_after:%Y-%m-%d %H:%M:%S}" if message.not_after else ""

    @admin.display(description="Written (UTC)")
    def created(self, message: Message) -> str:
        return f"{message.created_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="Sent (UTC)", ordering="sent_at")
    def sent(self, message: Message) -> str:
        return f"{message.sent_at:%Y-%m-%d %H:%M:%S}" if message.sent_at else ""


@admin.register(Exposure)
class ExposureAdmin(ReadOnly, ExposurePages):
    """Which note rode in which mail; whose it was stands in the appointment."""

    list_display = ["snippet", "message", "seen"]
    search_fields = ["snippet", "message__appointment__reference"]
    list_select_related = ["message"]
    ordering = ["-at", "-pk"]
    fields = ["snippet", "message", "seen"]

    @admin.display(description="At (UTC)", ordering="at")
    def seen(self, exposure: Exposure) -> str:
        return f"{exposure.at:%Y-%m-%d %H:%M:%S}"


@admin.register(Preference)
class PreferenceAdmin(ReadOnly, PreferencePages):
    """People change these themselves, from the link in their mails."""

    list_display = ["address", "reminders", "tips", "follow_ups", "undeliverable", "changed"]
    list_filter = ["reminders", "tips", "follow_ups", ("undeliverable_since", admin.EmptyFieldListFilter)]
    search_fields = ["address"]
    ordering = ["address"]
    fields = ["address", "reminders", "tips", "follow_ups", "undeliverable", "changed"]
    actions = ["try_again"]

    def has_revive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_preference")

    @admin.action(description="Send mail to these addresses again", permissions=["revive"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Preference]) -> None:
        done = chosen.filter(undeliverable_since__isnull=False).update(undeliverable_since=None)
        self.message_user(request, f"Mail goes to them again: {done}.", messages.SUCCESS)

    @admin.display(description="Mail comes back since (UTC)", ordering="undeliverable_since")
    def undeliverable(self, preference: Preference) -> str:
        return f"{preference.undeliverable_since:%Y-%m-%d %H:%M}" if preference.undeliverable_since else ""

    @admin.display(description="Changed (UTC)", ordering="changed_at")
    def changed(self, preference: Preference) -> str:
        return f"{preference.changed_at:%Y-%m-%d %H:%M}"
