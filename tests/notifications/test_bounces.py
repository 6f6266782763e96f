"""What providers report: mails that came back, and people who call them spam. Checks 71 and 72.

The reports are real ones, posted to the views that production has; Kim is a client.
"""

import base64
import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import include, path

from booking.actions.book import Person
from config.urls import urlpatterns as of_the_house
from notifications import preferences, reminders
from notifications.models import MailEvent, Message, Preference
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, kinds, move, rule, send, the

urlpatterns = [*of_the_house, path("mail-events/", include("notifications.api.reports"))]
SECRET = "reports:a-secret-of-thirty-two-characters"
ADDRESS = "/mail-events/sendgrid/tracking/"

pytestmark = [
    pytest.mark.urls(__name__),
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]


@pytest.fixture(autouse=True)
def _reports_are_taken(settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


def post(*reports: dict[str, Any], secret: str = SECRET) -> int:
    authorization = base64.b64encode(secret.encode()).decode()
    answer = Browser().post(
        ADDRESS,
        json.dumps(reports),
        content_type="application/json",
        headers={"Authorization": f"Basic {authorization}"},
    )
    return answer.status_code


def report(event: str = "bounce", *, about: Message | None = None, number: int = 1, **more: Any) -> dict[str, Any]:
    """What SendGrid posts: our own note on the mail comes back among its fields."""
    words = {"email": "kim@example.com", "event": event, "timestamp": 1795161600, "sg_event_id": f"event-{number}"}
    if event == "bounce":
        words |= {"type": "bounce", "reason": "550 5.1.1 <kim@example.com>: no such user", "status": "5.1.1"}
    return words | ({"message": about.name} if about else {}) | more


@pytest.fixture
def confirmation(studio, server) -> Message:
    studio.book()
    send()
    return Message.objects.get()


def kim() -> Preference:
    return Preference.objects.get(address="kim@example.com")


class TestAMailThatCameBack:
    def test_shows_with_the_reason_and_without_the_address(self, confirmation) -> None:
        assert post(report(about=confirmation)) == 200

        message = the("confirmation")
        assert message.state == "bounced"
        assert "no such user" in message.words
        assert "kim@example.com" not in message.words

    def test_is_one_that_the_provider_took_and_then_threw_away(self, confirmation) -> None:
        """Check 72: it had said yes to us, and reports "dropped" later."""
        assert the("confirmation").state == "sent"

        assert post(report("dropped", about=confirmation, reason="Bounced Address")) == 200

        message = the("confirmation")
        assert (message.state, message.words) == ("bounced", "Their mail server sent it back.")

    def test_is_known_by_its_message_id_too(self, confirmation) -> None:
        """Sent by SMTP, the provider knows the header only."""
        post(report(**{"smtp-id": f"<{confirmation.name}@book.example.com>"}))

        assert the("confirmation").state == "bounced"

    def test_stops_all_mail_to_that_address(self, studio, confirmation, server) -> None:
        """Check 71: reminders, too."""
        rule(24 * 60)
        post(report(about=confirmation))
        reminders.derive(now=VISIT - DAY)

        send(VISIT - DAY)

        assert kinds(server) == ["confirmation"]
        reminder = the("reminder")
        assert (reminder.state, reminder.words) == ("failed", "Mail to this address comes back. Ask for another one.")

    def test_stops_none_to_another_address_of_theirs(self, studio, confirmation, server) -> None:
        post(report(about=confirmation))
        client = confirmation.appointment.client
        client.email = "kim.larsen@example.com"
        client.save()
        move(confirmation.appointment, VISIT + DAY, now=NOW + HOUR)

        send(NOW + HOUR)

        assert kinds(server) == ["confirmation", "rescheduled"]

    def test_twice_has_one_effect(self, confirmation) -> None:
        """Check 71: providers repeat themselves until they are sure."""
        post(report(about=confirmation))
        Message.objects.update(state="sent", words="")
        Preference.objects.update(undeliverable_since=None)

        assert post(report(about=confirmation), report(about=confirmation)) == 200

        assert the("confirmation").state == "sent"
        assert kim().undeliverable_since is None
        assert MailEvent.objects.count() == 1

    @pytest.mark.parametrize(
        "why", [{"type": "blocked"}, {"status": "5.2.2"}, {"status": "4.4.1"}, {"status": "5.7.1"}]
    )
    def test_for_now_stops_nothing(self, confirmation, why: dict[str, str]) -> None:
        """A full mailbox, a policy: this mail has not arrived, the next one may."""
        post(report(about=confirmation, **why))

        assert the("confirmation").state == "bounced"
        assert kim().undeliverable_since is None

    def test_but_is_none_of_ours_changes_no_message(self, confirmation) -> None:
        assert post(report(message="somebody-elses")) == 200

        assert the("confirmation").state == "sent"

    def test_changes_no_message_that_has_not_gone(self, studio) -> None:
        studio.book()

        post(report(about=Message.objects.get()))

        assert the("confirmation").state == "pending"


class TestWhatIsNoBounce:
    @pytest.mark.parametrize("event", ["deferred", "delivered", "processed", "open", "click"])
    def test_changes_nothing(self, confirmation, event: str) -> None:
        """Check 71: deferred is no bounce."""
        assert post(report(event, about=confirmation)) == 200

        assert the("confirmation").state == "sent"
        assert kim().undeliverable_since is None
        assert not MailEvent.objects.exists()


class TestAComplaint:
    @pytest.mark.parametrize("event", ["spamreport", "unsubscribe"])
    def test_stops_tips_and_follow_ups_and_nothing_else(self, confirmation, event: str) -> None:
        post(report(event, about=confirmation))

        assert (kim().tips, kim().follow_ups, kim().reminders) == (False, False, True)
        assert kim().undeliverable_since is None
        assert the("confirmation").state == "sent"

    def test_of_somebody_we_have_no_preferences_of_holds_from_their_first_mail_on(self, studio, server) -> None:
        post(report("spamreport", email="Robin@example.com"))

        studio.book(client=Person(name="Robin Vale", email="robin@example.com"))
        send()

        assert not preferences.of(["robin@example.com"], now=NOW)["robin@example.com"].follow_ups

    def test_holds_for_what_is_already_waiting(self, studio, confirmation, server) -> None:
        rule(60, kind="follow-up")
        reminders.derive(now=VISIT + 3 * HOUR)
        post(report("spamreport", about=confirmation))

        send(VISIT + 3 * HOUR)

        assert kinds(server) == ["confirmation"]


class TestAReport:
    @pytest.mark.parametrize("secret", ["", "reports:guessed-guessed-guessed-guessed"])
    def test_without_the_secret_is_refused_and_changes_nothing(self, confirmation, secret: str) -> None:
        """Check 71."""
        assert post(report(about=confirmation), secret=secret) == 400

        assert the("confirmation").state == "sent"
        assert not MailEvent.objects.exists()

    def test_of_mail_that_comes_in_has_no_address(self, db) -> None:
        assert Browser().post("/mail-events/sendgrid/inbound/").status_code == 404


class TestTheHouse:
    def test_takes_no_reports_unless_a_secret_is_set(self) -> None:
        assert "mail-events/" not in {str(entry.pattern) for entry in of_the_house}
