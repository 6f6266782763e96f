"""No mail backend may lose the invite without a word. Covers messaging.md check 31."""

from typing import Any

import anymail.backends.mailgun
import anymail.backends.sendgrid
import pytest
from anymail.exceptions import AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.core.mail import get_connection

from notifications.channels import Refused, mail_channel
from notifications.checks import check_backend, check_reports
from tests.notifications.letters import letter

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
        """Check 31."""
        assert ids(settings, backend) == []

    @pytest.mark.parametrize("provider", ["mailgun", "postmark", "brevo", "sparkpost", "resend", "amazon_sesv1"])
    def test_that_drops_calendars_is_refused(self, provider: str, settings: Any) -> None:
        """Check 31."""
        assert ids(settings, f"anymail.backends.{provider}.EmailBackend", local=True) == ["notifications.E001"]

    def test_that_drops_calendars_is_refused_under_another_name_too(self, settings: Any) -> None:
        assert ids(settings, f"{__name__}.OurMailgun") == ["notifications.E001"]
        assert ids(settings, f"{__name__}.OurSendGrid") == []

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


class OurMailgun(anymail.backends.mailgun.EmailBackend):
    pass


class OurSendGrid(anymail.backends.sendgrid.EmailBackend):
    pass


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
class TestAProvider:
    """What the check says of each is so: their payloads are built, and not sent."""

    def payload(self, backend: str, settings: Any) -> Any:
        settings.ANYMAIL = {"SENDGRID_API_KEY": "k", "POSTMARK_SERVER_TOKEN": "k", "MAILGUN_API_KEY": "k"}
        channel = get_connection(f"anymail.backends.{backend}.EmailBackend")
        return channel.build_message_payload(letter("confirmation"), channel.send_defaults)

    def test_that_is_welcome_carries_the_calendar_with_its_method(self, settings: Any) -> None:
        """Check 31."""
        data = self.payload("sendgrid", settings).data

        assert [part["type"] for part in data["content"]][2] == 'text/calendar; method=REQUEST; charset="utf-8"'
        assert data["content"][2]["value"].startswith("BEGIN:VCALENDAR\r\n")

    def test_that_is_welcome_repeats_our_name_for_the_mail_in_its_reports(self, settings: Any) -> None:
        payload = self.payload("sendgrid", settings)
        payload.serialize_data()

        assert payload.data["custom_args"]["message"] == "confirmation-0f8fad5b"

    @pytest.mark.parametrize("provider", ["postmark", "mailgun"])
    def test_that_is_refused_cannot(self, provider: str, settings: Any) -> None:
        with pytest.raises(AnymailUnsupportedFeature, match="text/calendar"):
            self.payload(provider, settings)

    def test_that_sends_nothing_to_an_address_is_not_asked_again(self, settings: Any, monkeypatch: Any) -> None:
        settings.ANYMAIL, settings.EMAIL_BACKEND = {"SENDGRID_API_KEY": "k"}, f"{__name__}.OurSendGrid"

        def refuses(*_: Any) -> bool:
            raise AnymailRecipientsRefused

        monkeypatch.setattr(OurSendGrid, "_send", refuses)

        assert isinstance(mail_channel().send(letter("confirmation")), Refused)


class TestTheSecretOfReports:
    @pytest.mark.parametrize("secret", ["short:one", "no-colon-but-quite-long-all-the-same", ["a:b"]])
    def test_that_can_be_guessed_is_refused(self, settings: Any, secret: Any) -> None:
        settings.ANYMAIL = {"WEBHOOK_SECRET": secret}

        assert [message.id for message in check_reports()] == ["notifications.E003"]

    @pytest.mark.parametrize("known", [{}, {"WEBHOOK_SECRET": "reports:a-secret-of-thirty-two-characters"}])
    def test_is_welcome_or_not_needed(self, settings: Any, known: dict[str, str]) -> None:
        settings.ANYMAIL = known

        assert check_reports() == []
