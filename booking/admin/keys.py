from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from booking.admin.pages import Pages, ReadOnly
from booking.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, Pages[ApiKey]):
    """Keys are made by `manage.py create_api_key`, which shows each once. Here they are looked at and revoked."""

    list_display = ["name", "prefix", "scopes", "created", "expires", "revoked"]
    fields = ["name", "prefix", "scopes", "created", "expires", "revoked"]
    search_fields = ["name", "prefix"]
    actions = ["revoke"]
    ordering = ["name"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("booking.change_apikey")

    @admin.action(description="Revoke: the program is shut out at once", permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        done = chosen.filter(revoked_at__isnull=True).update(revoked_at=now)
        self.message_user(request, f"Revoked: {done}.", messages.SUCCESS)

    @admin.display(description="Made (UTC)", ordering="created_at")
    def created(self, key: ApiKey) -> str:
        return f"{key.created_at:%Y-%m-%d %H:%M}"

    @admin.display(description="Expires (UTC)", ordering="expires_at")
    def expires(self, key: ApiKey) -> str:
        return f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "never"

    @admin.display(description="Revoked (UTC)", ordering="revoked_at")
    def revoked(self, key: ApiKey) -> str:
        return f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
