from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from booking.admin.pages import Form, Pages
from booking.contacts import spelt
from booking.models import BlockedContact


class BlockedContactForm(Form[BlockedContact]):
    class Meta:
        model = BlockedContact
        fields = ["kind", "value", "reason"]
        help_texts = {
            "value": "An address, a domain like example.com (with all below it), or a number with its country code.",
            "reason": "For the desk alone; who is blocked is never told.",
        }

    def clean(self) -> dict[str, Any] | None:
        found = super().clean() or self.cleaned_data
        if "kind" in found and "value" in found:
            try:
                found["value"] = spelt(found["kind"], found["value"])
            except ValueError as error:
                self.add_error("value", str(error))
        return found


@admin.register(BlockedContact)
class BlockedContactAdmin(Pages[BlockedContact]):
    """To them every time looks taken online. The desk may book for them and is warned."""

    form = BlockedContactForm
    list_display = ["value", "kind", "reason", "since"]
    list_filter = ["kind"]
    search_fields = ["value", "reason"]

    def save_model(self, request: HttpRequest, obj: BlockedContact, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description="Since (UTC)", ordering="created_at")
    def since(self, contact: BlockedContact) -> str:
        return f"{contact.created_at:%Y-%m-%d %H:%M}"
