"""Refuses, at start-up, a mail backend that would quietly lose the calendar part."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string

LOOKS_ONLY = "django.core.mail.backends."  # console, file, memory, dummy: nobody receives anything
ANYMAIL = "anymail.backends."
SHORTEST_SECRET = 24
# Read in django-anymail 15.2 and tried by our tests. SendGrid's payload takes any alternative with its parameters, and
# Amazon SES takes the whole message as we wrote it. All others inherit BasePayload.add_alternative, which raises for
# text/calendar, or drops it when IGNORE_UNSUPPORTED_FEATURES says so: Brevo, MailerSend, Mailgun, Mailjet, Mailtrap,
# Mandrill, Postal, Postmark, Resend, Scaleway, SparkPost, Unisender Go. They speak SMTP, all of them.
ANYMAIL_WITH_CALENDARS = ("anymail.backends.sendgrid.", "anymail.backends.amazon_ses.")
HINT = "Use django.core.mail.backends.smtp.EmailBackend and EMAIL_URL: every provider speaks SMTP."


@register
def check_backend(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for an EMAIL_BACKEND known to drop invites, a warning for one we know nothing about."""
    backend: str = settings.EMAIL_BACKEND
    carries = _of_anymail(backend)
    if carries is not None:
        return [] if carries else [_error("cannot carry calendar invites", "E001")]
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


@register
def check_reports(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for a secret of the providers' reports that anybody could guess."""
    secret = settings.ANYMAIL.get("WEBHOOK_SECRET", "")
    given = [str(one) for one in secret] if isinstance(secret, list) else [str(secret)]
    if all(not one or (":" in one and len(one) >= SHORTEST_SECRET) for one in given):
        return []
    hint = "For example reports:, and 32 random characters after it."
    words = f"WEBHOOK_SECRET in ANYMAIL must be user:password, and at least {SHORTEST_SECRET} characters long."
    return [Error(words, hint=hint, id="notifications.E003")]


def _of_anymail(backend: str) -> bool | None:
    """Say whether one of anymail's backends, or one made from it, carries invites; None for all others."""
    kinds = [backend]
    if not backend.startswith(ANYMAIL):  # some of those cannot be imported before their provider's package is there
        try:
            kinds = [f"{kind.__module__}." for kind in import_string(backend).__mro__]
        except (ImportError, AttributeError):
            return None
    if any(kind.startswith(ANYMAIL_WITH_CALENDARS) for kind in kinds):
        return True
    return False if any(kind.startswith(ANYMAIL) for kind in kinds) else None


def _is_smtp(backend: str) -> bool:
    try:
        return issubclass(import_string(backend), EmailBackend)
    except (ImportError, TypeError):
        return False


def _error(fault: str, code: str) -> Error:
    return Error(f"EMAIL_BACKEND is {settings.EMAIL_BACKEND}, which {fault}.", hint=HINT, id=f"notifications.{code}")
