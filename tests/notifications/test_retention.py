"""What is forgotten, and what is never written down: checks 73 and 74. Kim is a client."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, EventType

from booking.models import LinkToken
from config.logs import WithoutSecrets
from notifications import bounces, preferences, reminders, retention, writing
from notifications.models import Exposure, MailEvent, Message, Preference
from notifications.tasks import forget_messages
from tests.notifications.stage import DAY, HOUR, KIM, NOW, VISIT, cancel, kinds, move, rule, send, the

KEPT = timedelta(days=60)
MUCH_LATER = VISIT + KEPT + 40 * DAY


@pytest.fixture
def sent(studio, server, note, settings: Any) -> Message:
    """A confirmation with a note in it, two months and more ago."""
    settings.MESSAGES_KEPT_DAYS = KEPT.days
    note()
    studio.book()
    send()
    Message.objects.update(words="250 queued as 7F3A")
    return Message.objects.get()


class TestAnOldMessage:
    def test_loses_what_leads_to_somebody_and_says_that_it_went(self, sent) -> None:
        """Check 73."""
        assert retention.forget(now=MUCH_LATER) == 1

        message = Message.objects.get()
        assert (message.name, message.words, message.sent_by, message.told) == (f"forgotten-{message.pk}", "", "", "")
        assert (message.kind, message.state, message.sent_at) == ("confirmation", "sent", sent.sent_at)
        assert Exposure.objects.get().reader == ""
        assert Exposure.objects.get().snippet

    def test_is_left_alone_the_second_time(self, sent) -> None:
        retention.forget(now=MUCH_LATER)

        assert retention.forget(now=MUCH_LATER) == 0

    def test_is_kept_as_long_as_the_setting_says(self, sent) -> None:
        assert retention.forget(now=VISIT + HOUR + KEPT) == 0
        assert retention.forget(now=VISIT + HOUR + KEPT + timedelta(seconds=1)) == 1

    def test_is_kept_while_the_visit_is_to_come(self, studio, server, settings: Any) -> None:
        """Booked long ahead: later mails still answer it."""
        settings.MESSAGES_KEPT_DAYS = KEPT.days
        studio.book(VISIT + 300 * DAY)
        send()

        assert retention.forget(now=MUCH_LATER) == 0

    @pytest.mark.parametrize("state", ["pending", "sending"])
    def test_that_has_not_ended_is_kept(self, sent, state: str) -> None:
        Message.objects.update(state=state)

        assert retention.forget(now=MUCH_LATER) == 0

    def test_is_forgotten_by_the_job_of_beat(self, sent, monkeypatch: Any) -> None:
        monkeypatch.setattr("notifications.queue.database_now", lambda: MUCH_LATER)

        forget_messages()

        assert Message.objects.get().name.startswith("forgotten-")


class TestWhoReadANote:
    def test_is_known_for_ninety_days_at_least(self, sent, settings: Any) -> None:
        settings.MESSAGES_KEPT_DAYS = 30

        retention.forget(now=NOW + 89 * DAY)
        assert Exposure.objects.get().reader
        retention.forget(now=NOW + 91 * DAY)
        assert not Exposure.objects.get().reader


class TestReportsOfProviders:
    def test_are_forgotten_after_ninety_days_and_objections_never(self, sent) -> None:
        event = AnymailTrackingEvent(event_type=EventType.COMPLAINED, event_id="one", recipient=KIM.email)
        bounces.take(event, provider="any", now=NOW)

        retention.forget(now=MUCH_LATER)

        assert not MailEvent.objects.exists()
        assert not Preference.objects.get(address=KIM.email).follow_ups


class TestTheLogs:
    """Check 74, S60: no address, no name, no token, whatever goes wrong, at the most talkative level."""

    def secrets(self) -> list[str]:
        wishes = Preference.objects.all()
        return [
            *(KIM.email, "kim@", "example.com", "Kim", "Larsen", "Linienstraße"),
            *(preferences.token_of(wish) for wish in wishes),
            *(wish.nonce for wish in wishes),
            *LinkToken.objects.values_list("digest", flat=True),
        ]

    def check(self, caplog: Any) -> None:
        shown = WithoutSecrets()
        written = "\n".join(
            logging.Formatter().format(record) for record in caplog.records if shown.filter(record) is not False
        )
        assert [secret for secret in self.secrets() if secret in written] == []

    def test_of_a_whole_life_hold_nothing_of_the_person(self, studio, serve, note, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        server = serve(
            RCPT=["451 4.7.1 <kim@example.com> come back later"], DOT=["250 queued for kim@example.com", "drop"]
        )
        note()
        rule(24 * 60)
        appointment = studio.book()
        for minutes in (0, 5, 30, 60):
            send(NOW + timedelta(minutes=minutes))
        move(appointment, VISIT + DAY, now=NOW + 2 * HOUR)
        for hours in (2, 3, 4, 5):
            send(NOW + hours * HOUR)
        reminders.derive(now=VISIT)
        send(VISIT)
        cancel(appointment, now=VISIT + HOUR)
        send(VISIT + HOUR)
        bounced = AnymailTrackingEvent(
            event_type=EventType.BOUNCED, event_id="one", recipient=KIM.email, mta_response=f"550 <{KIM.email}> unknown"
        )
        bounces.take(bounced, provider="any", now=VISIT + 2 * HOUR)

        assert "confirmation" in kinds(server)
        assert "names none of ours" in caplog.text
        self.check(caplog)

    def test_of_a_mail_that_cannot_be_made_say_where_and_not_what(self, studio, caplog, monkeypatch: Any) -> None:
        def fails(*_: Any, **__: Any) -> None:
            raise ValueError(f"{KIM.name} <{KIM.email}>")

        monkeypatch.setattr(writing, "render", fails)
        studio.book()

        send()

        assert "could not be made: ValueError" in caplog.text
        assert "writing.py" in caplog.text
        self.check(caplog)
        assert KIM.email not in the("confirmation").words

    def test_of_notes_that_cannot_be_chosen_say_where_and_not_what(self, studio, server, caplog, monkeypatch) -> None:
        def fails(*_: Any, **__: Any) -> None:
            raise ValueError(KIM.email)

        monkeypatch.setattr("notifications.nudges.choose_for", fails)
        studio.book()

        send()

        assert "Choosing notes failed: ValueError" in caplog.text
        self.check(caplog)


class TestTheOutbox:
    def test_holds_no_address_no_name_and_no_token(self, studio, serve) -> None:
        """Neither the rows nor what mail servers said of them."""
        serve(RCPT=["550 5.1.1 <kim@example.com>: Recipient address rejected"])
        studio.book()

        send()

        held = str(Message.objects.values().get()).lower()
        assert "kim" not in held
        assert "example.com" not in held
        assert "5.1.1" in held
