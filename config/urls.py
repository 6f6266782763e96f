from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from booking.api.permissions import Anyone
from config import health, problems

handler400 = "config.pages.bad_request"
handler403 = "config.pages.forbidden"
handler404 = "config.pages.not_found"
handler500 = "config.pages.failed"

urlpatterns = [
    path("api/v1/", include("booking.api.urls")),  # first, because it is asked most
    path("", include("web.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("problems/", problems.index),
    path("problems/<slug:code>", problems.page),
    path("api/v1/", include("content.api.urls")),
    path("api/v1/", include("notifications.api.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(permission_classes=[Anyone]), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(permission_classes=[Anyone], url_name="schema")),
]
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    urlpatterns.append(path("mail-events/", include("notifications.api.reports")))
if settings.MAILBOX_DIR:
    urlpatterns.append(path("dev/mail/", include("config.devmail")))
