"""Who may come in: every plain view says it with `open_to`, and a test walks the addresses to see that it did.

A page behind a link has no other authority than the 256 random bits in its address: no session, no cookie. So
Django's CSRF cookie would protect nothing there, and it could not work: under `Referrer-Policy: no-referrer`
browsers send `Origin: null` with a form. What such a page does is guarded by `web.press` instead: a value that only
the page itself can show, so that a form on another site has neither the address nor the value.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Literal, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from booking import errors
from booking.api.throttling import check, client_address

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# The address of such a page is a secret: it must not be kept, indexed, or told to the next site.
SECRET_ADDRESS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def open_to(whom: Literal["public", "link"]) -> Callable[[View[P]], View[P]]:
    """Say who may use a plain view: anyone, or who holds a link."""

    def said(view: View[P]) -> View[P]:
        view.scope = whom  # type: ignore[attr-defined]  # functions take attributes; the house test reads it
        return view

    return said


def public_page(view: View[P]) -> View[P]:
    """Let anyone read the page."""
    return open_to("public")(require_safe(view))


def link_page(view: View[P]) -> View[P]:
    """Let the holder of a link use the page; a wrong link gets the 404 of any unknown address, and is counted."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except errors.NotFound:
            response = _no_such_link(request)
        for name, value in SECRET_ADDRESS.items():
            response[name] = value
        return response

    return open_to("link")(csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(guarded)))


def _no_such_link(request: HttpRequest) -> HttpResponse:
    """Count a wrong link. Raises Http404, or returns the page that asks to wait when there were too many."""
    try:
        check("links", client_address(Request(request)))
    except Throttled as throttled:
        seconds = max(1, round(getattr(throttled, "wait", None) or 1))
        page = render(request, "web/too_many.html", {"minutes": -(-seconds // 60)}, status=429)
        page["Retry-After"] = str(seconds)
        return page
    raise Http404
