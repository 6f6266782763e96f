"""No mail backend may lose the invite without a word. Covers messaging.md check 31."""

from typing import Any

import pytest

from notifications.checks import check_backend

DJANGO = "django.core.mail.backends"


def ids(settings: Any, backend: str, *, local: bool = False) -> list[str | None]:
    settings.EMAIL_BACKEND = backend
    settings.LOCAL = local
    return [message.id for message in check_backend()]


class TestAMailBackend:
    @pytest.mark.parametrize(
        "backend",
        [
            f"{DJANGO}.smtp.EmailBackend",
            "anymail.backends.sendgrid.EmailBackend",
            "anymail.backends.amazon_ses.EmailBackend",
            "notifications.channels.patience.PatientBackend",
        ],
    )
    def test_that_carries_calendars_is_welcome(self, backend: str, settings: Any) -> None:
        assert ids(settings, backend) == []

    @pytest.mark.parametrize("provider", ["mailgun", "postmark", "brevo", "sparkpost", "resend", "amazon_sesv1"])
    def test_that_drops_calendars_is_refused(self, provider: str, settings: Any) -> None:
        assert ids(settings, f"anymail.backends.{provider}.EmailBackend", local=True) == ["notifications.E001"]

    @pytest.mark.parametrize("kind", ["console", "locmem", "filebased", "dummy"])
    def test_that_only_shows_mail_is_for_local_use(self, kind: str, settings: Any) -> None:
        assert ids(settings, f"{DJANGO}.{kind}.EmailBackend", local=True) == []
        assert ids(settings, f"{DJANGO}.{kind}.EmailBackend") == ["notifications.E002"]

    def test_that_we_do_not_know_is_warned_about(self, settings: Any) -> None:
        assert ids(settings, "somebody.elses.Backend") == ["notifications.W001"]

    def test_is_named_together_with_the_way_out(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"

        (error,) = check_backend()

        assert "anymail.backends.mailgun.EmailBackend" in error.msg
        assert error.hint
        assert "EMAIL_URL" in error.hint
