"""Every mail as it would look, for staff: made-up facts, each kind in each language. Nothing is sent, nothing read.

The HTML comes from an address of its own, in a sandboxed frame, under a policy that runs nothing and loads nothing.
"""

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from booking.wording import LANGUAGES
from notifications.models import Kind
from notifications.samples import sample

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of the preview, for staff who are logged in."""

    @require_safe
    def first(_request: HttpRequest) -> HttpResponse:
        return redirect("admin:message_preview", Kind.CONFIRMATION.value, "en")

    @require_safe
    def page(request: HttpRequest, kind: str, language: str) -> HttpResponse:
        _check(kind, language)
        context = site.each_context(request) | {
            "title": "Mails, by made-up facts",
            "kinds": Kind.values,
            "languages": list(LANGUAGES),
            "kind": kind,
            "language": language,
            "mail": sample(kind, language=language, now=timezone.now()),
        }
        return TemplateResponse(request, "admin/notifications/message/preview.html", context)

    @require_safe
    def frame(_request: HttpRequest, kind: str, language: str) -> HttpResponse:
        _check(kind, language)
        mail = sample(kind, language=language, now=timezone.now())
        return HttpResponse(mail.html, headers={"Content-Security-Policy": POLICY})

    return [
        path("preview/", site.admin_view(first), name="message_previews"),
        path("preview/<slug:kind>/<slug:language>/", site.admin_view(page), name="message_preview"),
        path(
            "preview/<slug:kind>/<slug:language>/html/",
            xframe_options_sameorigin(site.admin_view(frame)),
            name="message_preview_html",
        ),
    ]


def _check(kind: str, language: str) -> None:
    if kind not in Kind.values or language not in LANGUAGES:
        raise Http404
