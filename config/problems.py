"""Every refusal and every DRF exception as application/problem+json (RFC 9457), and the pages that explain them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from booking import errors
from booking.api.problems import (
    EVERY,
    FORBIDDEN,
    INVALID,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    NOT_AUTHENTICATED,
    NOT_FOUND,
    PROBLEMS,
    TOO_MANY,
    UNSUPPORTED,
    Problem,
)
from booking.api.series_responses import conflicts
from web.doors import open_to

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
BY_STATUS = {
    problem.status: problem
    for problem in (
        INVALID,
        NOT_AUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        UNSUPPORTED,
        TOO_MANY,
    )
}


def handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the problem for what a view raised; None for a bug, which then fails loudly."""
    set_rollback()
    if isinstance(error, errors.Refusal):
        return _refused(error)
    if isinstance(error, Http404):
        return answer(NOT_FOUND)
    if isinstance(error, OperationalError) and not connection.in_atomic_block:
        return answer(PROBLEMS[errors.StudioBusy], headers=_retry())
    if isinstance(error, exceptions.ValidationError):
        return answer(INVALID, extra={"errors": by_field(error.detail)})
    if isinstance(error, exceptions.APIException):
        return _from_drf(error)
    return None


def _refused(error: errors.Refusal) -> Response:
    problem = PROBLEMS[type(error)]
    extra: dict[str, Any] = {}
    if isinstance(error, errors.UnknownValue):
        return answer(problem, extra={"errors": {error.field: [error.detail]}})
    if isinstance(error, errors.NotOffered):
        extra["reasons"] = error.reasons
    if isinstance(error, errors.NotOffered | errors.SlotTaken):
        extra["nearest"] = [at.isoformat() for at in error.nearest]
    if error.occurrences:
        extra["occurrences"] = conflicts(error)
    return answer(problem, error.detail, extra=extra, headers=_retry_after(error))


def _from_drf(error: exceptions.APIException) -> Response:
    problem = BY_STATUS.get(error.status_code)
    if problem is None:
        problem = Problem(error.status_code, "invalid", str(error.default_detail), "")
    headers: dict[str, str] = {}
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, round(getattr(error, "wait", None) or 1)))
    authenticate = getattr(error, "auth_header", None)
    if authenticate:
        headers["WWW-Authenticate"] = authenticate
    detail = "" if problem in {NOT_FOUND, TOO_MANY} else str(error.detail)
    extra = {"errors": {"body": [detail]}} if isinstance(error, exceptions.ParseError) else None
    return answer(problem, detail, extra=extra, headers=headers)


def answer(
    problem: Problem,
    detail: str = "",
    *,
    extra: Mapping[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body = {
        "type": f"{settings.PUBLIC_URL}/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail or problem.title,
        "code": problem.code,
        **(extra or {}),
    }
    return Response(body, status=problem.status, headers=headers, content_type=CONTENT_TYPE)


def by_field(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Return the messages by field, nested fields as `client.email`; those of no field under `body`."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            here = _writable(str(key))
            plain = name or "body" if key == "non_field_errors" else f"{name}.{here}" if name else here
            found |= by_field(value, plain)
        return found
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        return {
            key: value for index, item in enumerate(detail) for key, value in by_field(item, f"{name}[{index}]").items()
        }
    messages = detail if isinstance(detail, list) else [detail]
    return {name or "body": [_writable(str(message)) for message in messages]}


def _writable(text: str) -> str:
    """Return `text` as UTF-8 can hold it: half a surrogate pair, which JSON can carry, comes back escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _retry_after(error: errors.Refusal) -> dict[str, str] | None:
    if isinstance(error, errors.TooMany):
        return {"Retry-After": str(error.seconds)}
    return _retry() if isinstance(error, errors.StudioBusy) else None


def _retry() -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_SECONDS)}


@open_to("public")
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one problem to a person: the address in `type`."""
    problem = EVERY.get(code)
    if problem is None:
        raise Http404
    return render(request, "config/problem.html", {"problem": problem})


@open_to("public")
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "config/problems.html", {"problems": EVERY.values()})
