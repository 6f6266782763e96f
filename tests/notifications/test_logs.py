"""S60: whatever is logged, at the most talkative level and by everybody's code, it holds nobody's secret."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from anymail.signals import AnymailTrackingEvent, EventType
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from booking.actions.make_feed import make_feed
from booking.actions.take_reply import take_reply
from booking.itip import reply_in_mail
from booking.models import Appointment, Client, Location
from config.env import BASE_DIR
from notifications import bounces, preferences, reminders, tasks
from notifications.models import Preference
from notifications.webhooks import delivery as webhooks
from notifications.webhooks import keeping, signing
from notifications.webhooks.models import Event
from tests.booking.caller import Caller
from tests.booking.replies import calendar_reply, mailed, stamp
from tests.factories import api_key
from tests.notifications.stage import DAY, HOUR, NOW, VISIT, rule, send
from tests.webhooks.receiver import Receiver, Reply

KIM = {"name": "Kim Larsen", "email": "kim@example.com", "phone": "+49 170 9876543"}
NOTE = "A bad knee since the spring"
OF_KIM = ("Kim", "Larsen", "kim@", "9876543", "knee")
MINUTE = timedelta(minutes=1)
GUESSES = 1000


@pytest.fixture
def log() -> Iterator[Callable[[], str]]:
    """All that the handler of production writes, with every logger at its most talkative."""
    [handler] = [each for each in logging.getLogger().handlers if each.get_name() == "console"]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    usual = handler.setStream(written)
    loud = [logging.getLogger(name) for name in (None, "django.request", "celery", "kombu")]
    levels = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.DEBUG)
    yield written.getvalue
    handler.setStream(usual)
    for logger, level in zip(loud, levels, strict=True):
        logger.setLevel(level)


class TestAFullRun:
    @pytest.fixture
    def clock(self) -> Iterator[time_machine.Traveller]:
        with time_machine.travel(NOW, tick=False) as traveller:
            yield traveller

    @pytest.fixture
    def receiver(self, settings: Any) -> Iterator[Receiver]:
        settings.WEBHOOKS_TO_LOOPBACK = True
        with Receiver([Reply(500, b"no such person: Kim Larsen <kim@example.com>")] * 50) as started:
            yield started

    def test_of_a_studio_holds_no_secret_and_nothing_of_a_client(self, studio, serve, log, clock, receiver) -> None:
        serve(RCPT=["451 4.7.1 <kim@example.com> later", "550 5.1.1 <kim@example.com> unknown"], DOT=["drop"])
        key = api_key("read", "desk", "admin")
        url = f"http://127.0.0.1:{receiver.port}/in?key=a-key-of-theirs-in-the-query"
        webhook = keeping.make(url=url, host=keeping.host_of(url), events=list(Event.values), now=NOW)
        feed = make_feed(Location.objects.get(), now=NOW).secret
        rule(24 * 60)

        token = self.book(clock)
        self.read_and_move(token, feed)
        self.tell(clock)
        self.guess(token)
        self.break_something(token)

        wishes = preferences.token_of(Preference.objects.first())
        secrets = (
            token,
            key,
            feed,
            wishes,
            signing.shown_secret(webhook),
            "a-key-of-theirs",
            django_settings.SECRET_KEY,
        )
        assert log().count("\n") > GUESSES
        assert "Internal Server Error: /manage/***/" in log()
        assert [secret for secret in (*secrets, *OF_KIM) if secret in log()] == []

    def book(self, clock: Any) -> str:
        wish = {"location": "mitte", "variation": "swedish-60", "start": VISIT.isoformat(), "client": KIM, "note": NOTE}
        answer = Caller().post("appointments/", wish)
        assert answer.status_code == 201, answer.content
        assert (
            Caller()
            .post("appointments/", wish | {"client": KIM | {"email": "kim@example.com, sam@example.com"}})
            .status_code
            == 400
        )
        return str(answer.json()["manage_url"]).rstrip("/").rsplit("/", 1)[1]

    def read_and_move(self, token: str, feed: str) -> None:
        browser, holder = Browser(), Caller(Authorization=f"Link {token}")
        reference = Appointment.objects.get().reference
        for page in ("", "move/", "cancel/", "calendar/"):
            assert browser.get(f"/manage/{token}/{page}").status_code == 200
        assert browser.get(f"/calendars/{feed}.ics").status_code == 200
        moved = {"start": (VISIT + HOUR).isoformat()}
        assert holder.post(f"appointments/{reference}/reschedule/", moved).status_code == 200
        assert holder.post(f"appointments/{reference}/reschedule/", {"start": NOTE}).status_code == 400

    def tell(self, clock: Any) -> None:
        for minutes in (0, 5, 30, 60):
            send(NOW + minutes * MINUTE)
            webhooks.sweep(now=NOW + minutes * MINUTE, seconds=5)
        visit = Appointment.objects.get()
        written = stamp(NOW + MINUTE)
        take_reply(reply_in_mail(mailed(calendar_reply(visit, DTSTAMP=written))), now=NOW + HOUR)
        reminders.derive(now=VISIT + HOUR - DAY)
        send(VISIT + HOUR - DAY)
        report = AnymailTrackingEvent(
            event_type=EventType.BOUNCED, event_id="1", recipient=KIM["email"], mta_response="550 <kim@example.com> no"
        )
        bounces.take(report, provider="any", now=VISIT)
        for task in (tasks.sweep, tasks.derive_reminders, tasks.forget_messages, tasks.deliver_webhooks):
            task()

    def guess(self, token: str) -> None:
        """The paths of refusals are logged, too."""
        browser = Browser(REMOTE_ADDR="203.0.113.7")
        for number in range(GUESSES):
            assert browser.get(f"/manage/{token[:-4]}{number:04}/").status_code in {404, 429}

    def break_something(self, token: str) -> None:
        """An error that nobody foresaw quotes a row in its traceback."""
        browser = Browser(raise_request_exception=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("web.views.manage.opened", lambda *_, **__: spoil())
            assert browser.get(f"/manage/{token}/").status_code == 500


def spoil() -> None:
    """Have PostgreSQL refuse a change of Kim's row, and say why."""
    with transaction.atomic():
        Client.objects.update(reference=None)


class TestAnError:
    @pytest.mark.parametrize("how", ["its traceback", "its words", "its repr", "no values"])
    def test_of_the_database_does_not_quote_the_row(self, studio, log, how: str) -> None:
        studio.book()
        with pytest.raises(IntegrityError) as refused:
            spoil()
        assert "Kim" in str(refused.value)
        logger = logging.getLogger("somebody.elses")

        match how:
            case "its traceback":
                logger.error("It failed.", exc_info=refused.value)
            case "its words":
                logger.error("It failed: %s", refused.value)
            case "its repr":
                logger.error("Task x raised unexpected: %r\n%s", refused.value, "Traceback (most recent call last):")
            case _:
                logger.error("It failed.", extra={"row": str(refused.value)})

        assert "It failed" in log() or "raised unexpected" in log()
        assert [secret for secret in OF_KIM if secret in log()] == []

    @pytest.mark.parametrize(
        "said", ["<kim@example.com>", "mailto:kim@example.com,", "to=kim@example.com;", "kim@example.com"]
    )
    def test_of_somebody_elses_code_does_not_repeat_an_address(self, log, said: str) -> None:
        """Libraries quote what servers said to them."""
        try:
            raise OSError(f"550 5.1.1 {said} unknown")
        except OSError as error:
            logging.getLogger("somebody.elses").exception("It failed: %s", error)

        assert "550 5.1.1" in log()
        assert "kim" not in log()
        assert "unknown" in log()

    def test_still_says_what_and_where(self, studio, log) -> None:
        studio.book()
        try:
            spoil()
        except IntegrityError:
            logging.getLogger("somebody.elses").exception("It failed.")

        assert 'null value in column "reference"' in log()
        assert "in spoil" in log()


@pytest.mark.processes
class TestAWorker:
    def test_does_not_say_the_passwords_of_its_broker_and_database(self, tmp_path: Path) -> None:
        """Celery prints where it connects to, and repeats it with each failure."""
        environment = os.environ | {
            "REDIS_URL": "redis://robin:hunter2-of-the-broker@127.0.0.1:1/0",
            "DATABASE_URL": "postgres://robin:hunter2-of-the-database@127.0.0.1:1/x",
        }
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "DEBUG", "--pool", "solo"]
        said = tmp_path / "log"
        with (
            said.open("wb") as log,
            subprocess.Popen(command, cwd=BASE_DIR, env=environment, stdout=log, stderr=log) as worker,
        ):
            try:
                for _ in range(600):
                    if b"Cannot connect to" in said.read_bytes():
                        break
                    with suppress(subprocess.TimeoutExpired):
                        pytest.fail(f"the worker ended with {worker.wait(timeout=0.1)}")
            finally:
                worker.kill()

        assert b"Cannot connect to redis://robin:**@127.0.0.1:1" in said.read_bytes()
        assert b"hunter2" not in said.read_bytes()
