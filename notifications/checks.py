"""Refuses, at start-up, a mail backend that would quietly lose the calendar part."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string

LOOKS_ONLY = "django.core.mail.backends."  # console, file, memory, dummy: nobody receives anything
ANYMAIL = "anymail.backends."
# Read in django-anymail 15: these two hand on any alternative; the others raise for text/calendar.
ANYMAIL_WITH_CALENDARS = ("anymail.backends.sendgrid.", "anymail.backends.amazon_ses.")
HINT = "Use django.core.mail.backends.smtp.EmailBackend and EMAIL_URL: every provider speaks SMTP."


@register
def check_backend(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for an EMAIL_BACKEND known to drop invites, a warning for one we know nothing about."""
    backend: str = settings.EMAIL_BACKEND
    if backend.startswith(ANYMAIL):
        return [] if backend.startswith(ANYMAIL_WITH_CALENDARS) else [_error("cannot carry calendar invites", "E001")]
    if _is_smtp(backend):
        return []
    if backend.startswith(LOOKS_ONLY):
        return [] if settings.LOCAL else [_error("sends nothing to anybody", "E002")]
    return [
        Warning(
            f"EMAIL_BACKEND is {backend}: it must pass on text/calendar alternatives, or invites have no buttons.",
            hint=HINT,
            id="notifications.W001",
        )
    ]


def _is_smtp(backend: str) -> bool:
    try:
        return issubclass(import_string(backend), EmailBackend)
    except (ImportError, TypeError):
        return False


def _error(fault: str, code: str) -> Error:
    return Error(f"EMAIL_BACKEND is {settings.EMAIL_BACKEND}, which {fault}.", hint=HINT, id=f"notifications.{code}")
