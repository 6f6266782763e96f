"""Webhooks for people: who is called, what became of each call, and the buttons."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from booking import errors
from notifications import queue
from notifications.webhooks import addresses, keeping, signing
from notifications.webhooks.models import Event, Webhook, WebhookDelivery

if TYPE_CHECKING:  # Django's admin classes take their model in brackets for mypy only
    WebhookPages = admin.ModelAdmin[Webhook]
    DeliveryPages = admin.ModelAdmin[WebhookDelivery]
    WebhookForms = forms.ModelForm[Webhook]
else:
    WebhookPages = DeliveryPages = admin.ModelAdmin
    WebhookForms = forms.ModelForm


class WebhookForm(WebhookForms):
    events = forms.MultipleChoiceField(choices=Event.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Webhook
        fields = ["url", "events", "include_client", "is_active"]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if "url" in self.changed_data:
            try:
                self.instance.host = addresses.check(url)
            except addresses.NotCalled as error:
                raise forms.ValidationError(str(error)) from error
        return url


@admin.register(Webhook)
class WebhookAdmin(WebhookPages):
    """The secret is shown once, on the page after it was made."""

    form = WebhookForm
    list_display = ["reference", "host", "is_active", "failing", "off_since", "disabled_reason"]
    list_filter = ["is_active"]
    search_fields = ["reference", "host"]
    ordering = ["created_at", "pk"]
    readonly_fields = ["reference", "failing", "off_since", "disabled_reason"]
    fields = ["url", "events", "include_client", "is_active", "reference", "failing", "off_since", "disabled_reason"]
    actions = ["send_test", "give_new_secret"]

    def save_model(self, request: HttpRequest, obj: Webhook, form: "forms.ModelForm[Webhook]", change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
        if "is_active" in form.changed_data and obj.is_active:
            obj.disabled_at, obj.disabled_reason = None, ""
            obj.failing_since, obj.failures, obj.rests_until = None, 0, None
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: str | None = None) -> HttpResponse:
        return self._secret_page(request, obj)

    def _secret_page(self, request: HttpRequest, webhook: Webhook) -> HttpResponse:
        shown = {"webhook": webhook, "secret": signing.shown_secret(webhook), "title": "The secret of this webhook"}
        return render(request, "admin/notifications/secret.html", self.admin_site.each_context(request) | shown)

    @admin.action(description="Send a test call", permissions=["change"])
    def send_test(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        for webhook in chosen:
            try:
                keeping.test(webhook, now=queue.database_now())
            except errors.WrongState as refusal:
                self.message_user(request, f"{webhook}: {refusal.detail}", messages.WARNING)
            else:
                self.message_user(request, f"{webhook}: a test is on its way; see its deliveries.", messages.SUCCESS)

    @admin.action(description="Give a new secret: the old one holds for a day", permissions=["change"])
    def give_new_secret(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> HttpResponse | None:
        if len(chosen) != 1:
            self.message_user(request, "Choose one webhook: its secret is shown once.", messages.WARNING)
            return None
        return self._secret_page(request, keeping.new_secret(chosen[0], now=timezone.now()))

    @admin.display(description="Failing since (UTC)", ordering="failing_since")
    def failing(self, webhook: Webhook) -> str:
        return f"{webhook.failing_since:%Y-%m-%d %H:%M}" if webhook.failing_since else ""

    @admin.display(description="Switched off (UTC)", ordering="disabled_at")
    def off_since(self, webhook: Webhook) -> str:
        return f"{webhook.disabled_at:%Y-%m-%d %H:%M}" if webhook.disabled_at else ""


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(DeliveryPages):
    list_display = ["event", "webhook", "state", "tries", "status_code", "due", "words"]
    list_filter = ["state", "event", "webhook"]
    search_fields = ["event_id", "body"]
    search_help_text = "An appointment's reference, or the id of the event."
    list_select_related = ["webhook"]
    list_per_page = 50
    ordering = ["-created_at", "-pk"]
    fields = ["event", "event_id", "webhook", ("state", "tries"), "due", "words", ("status_code", "answer"), "body"]
    actions = ["send_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: WebhookDelivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WebhookDelivery | None = None) -> bool:
        # Deleting a webhook takes its deliveries along; by themselves they stay.
        return "/webhook/" in request.path and request.user.has_perm("notifications.delete_webhook")

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_webhook")

    @admin.action(description="Send again what has ended", permissions=["resend"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[WebhookDelivery]) -> None:
        done = keeping.send_again(chosen.values_list("pk", flat=True), now=queue.database_now())
        self.message_user(request, f"To be sent again: {done}.", messages.SUCCESS if done else messages.WARNING)

    @admin.display(description="Due (UTC)", ordering="due_at")
    def due(self, delivery: WebhookDelivery) -> str:
        return f"{delivery.due_at:%Y-%m-%d %H:%M:%S}"
