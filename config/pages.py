"""What answers when nothing else does: a problem for programs under /api/, a page in the studio's style for people.

No page here reads the database: they must come when it is the database that is gone.
"""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from booking.api.problems import FORBIDDEN, INVALID, NOT_FOUND, Problem
from config.problems import CONTENT_TYPE, answer

logger = logging.getLogger(__name__)

API = "/api/"
FAILED = Problem(
    500,
    "failed",
    "Something went wrong on our side.",
    "Nothing you sent is wrong. It is in our log. Ask again with the same Idempotency-Key: nothing happens twice.",
)
MORE: dict[Problem, dict[str, Any]] = {
    INVALID: {"errors": {"body": ["The request could not be read."]}},
    FAILED: {"type": "about:blank"},  # RFC 9457 4.2.1: there is no more to say than the status does
}
# A dead link and an address that never was must look alike, in their headers too.
QUIET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
LAST_RESORT = b"<!doctype html><title>Sorry</title><p>Something went wrong on our side. Please try again in a moment."


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, INVALID, "400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, FORBIDDEN, "403.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, NOT_FOUND, "404.html")


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for a bug, already logged by Django, and never fail itself."""
    try:
        return _answer(request, FAILED, "500.html")
    except Exception:
        logger.exception("The page for errors could not be made.")
        return HttpResponse(LAST_RESORT, status=500, headers=QUIET)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came without the cookie that guards it; `reason` is for the log, which has it."""
    return _answer(request, FORBIDDEN, "403_csrf.html")


def _answer(request: HttpRequest, problem: Problem, template: str) -> HttpResponse:
    if request.path.startswith(API):
        body = answer(problem).data | MORE.get(problem, {})
        return JsonResponse(body, status=problem.status, content_type=CONTENT_TYPE, headers=QUIET)
    page = render(request, template, status=problem.status)
    for name, value in QUIET.items():
        page[name] = value
    return page
