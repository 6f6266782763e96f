"""The story, step by step, with a line on screen for each."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from config.celery import app
from config.embedded.faults import CannotStart
from config.embedded.studio import Studio
from config.story import mail
from config.story.client import PERSON, Booked, Client
from config.story.faults import StepFailed
from notifications.models import Kind, Message, ReminderRule, State

# Far enough ahead for the studio's own "24 h before" to be still to come, as it is for most clients.
AHEAD = timedelta(hours=28)
MAIL_WITHIN_SECONDS = 30
DUE_WITHIN_SECONDS = 62
RULE_USEFUL_MINUTES = 5
LOOK_EVERY_SECONDS = 0.1
SPEAK_EVERY_SECONDS = 4

T = TypeVar("T")


class Story:
    """Told by `studio`, on its console; `clock` gives the current instant, UTC."""

    def __init__(self, studio: Studio, *, clock: Callable[[], datetime]) -> None:
        self.studio = studio
        self.console = studio.supervisor.console
        self.clock = clock

    def tell(self) -> tuple[mail.Received, mail.Received]:
        """Return the confirmation and the reminder, checked.

        Raises CannotStart with the step that failed and where the logs are.
        """
        try:
            return self._tell()
        except StepFailed as fault:
            raise CannotStart(f"{fault}. Logs: {self.studio.logs}") from fault

    def _tell(self) -> tuple[mail.Received, mail.Received]:
        if not self.studio.plan.starts_inbox:
            raise StepFailed("open the inbox", "EMAIL_URL leads to another mail server; unset it for the demo")
        booked = self.book()
        confirmation = self.await_mail(booked, Kind.CONFIRMATION)
        rule = self.add_rule(booked)
        try:
            self.await_due(rule, booked)
            reminder = self.await_mail(booked, Kind.REMINDER)
        finally:
            take_back(rule)
        self.compare(confirmation, reminder)
        self.tell_of_others(booked)
        return confirmation, reminder

    def book(self) -> Booked:
        """Choose a time that is offered, and book it, as any client would."""
        client = Client(self.studio.public_url)
        began = time.monotonic()
        wanted = client.find_a_time(earliest=self.clock() + AHEAD)
        self.console.tick(f"a time is free: {wanted.words}", seconds=time.monotonic() - began)
        began = time.monotonic()
        booked = client.book(wanted)
        self.console.tick(f"booked over HTTP: appointment {booked.reference}", seconds=time.monotonic() - began)
        return booked

    def await_mail(self, booked: Booked, kind: Kind) -> mail.Received:
        """Wait until the message of this kind is marked as sent and lies in the inbox; check it."""
        rows = Message.objects.filter(appointment__reference=booked.reference, kind=kind, recipient="client")
        message = self.wait_for(
            f"wait for the {kind.value}",
            lambda: rows.exclude(state__in=(State.PENDING, State.SENDING)).first(),
            seconds=MAIL_WITHIN_SECONDS,
        )
        if message.state != State.SENT:
            raise StepFailed(f"send the {kind.value}", f"it is marked as {message.state}: {message.words}")
        self._check_sender(message)
        letter = self.wait_for(
            f"wait for the {kind.value} in the inbox",
            lambda: mail.find_letter(self.studio.mailbox, message),
            seconds=MAIL_WITHIN_SECONDS,
        )
        received = mail.opened(message, letter)
        mail.check(received, address=PERSON["email"], start_at=booked.start_at)
        self._say(received)
        return received

    def _check_sender(self, message: Message) -> None:
        """Check that a process of the worker's sent it: each program leads a session, which its children are in."""
        worker = next(charge.child for charge in self.studio.supervisor.charges if charge.child.name == "worker")
        sender = mail.process_of(message)
        if not worker.process or session_of(sender) != worker.process.pid:
            raise StepFailed(f"send the {message.kind}", f"{message.sent_by!r} sent it, which is not the worker")

    def _say(self, received: mail.Received) -> None:
        took = (received.letter.received_at - received.message.due_at).total_seconds()
        self.console.tick(f"{received.kind} received: “{received.subject}”", seconds=took)
        self.console.say(f"    sent over SMTP by the Celery worker, process {received.sent_by_process}")
        self.console.say(f"    with the note “{mail.note_in(received)}”")

    def add_rule(self, booked: Booked) -> ReminderRule:
        """Add a rule by which the reminder of this appointment falls due at the next full minute.

        It is of use for five minutes only, so that appointments at other times do not come under it.
        """
        minutes = int((booked.start_at - self.clock()) / timedelta(minutes=1))
        rule = ReminderRule.objects.create(
            name=f"demo of {booked.reference}",
            kind=Kind.REMINDER,
            minutes=minutes,
            min_gap_minutes=0,
            useful_until_minutes=minutes - RULE_USEFUL_MINUTES,
        )
        hours, rest = divmod(minutes, 60)
        self.console.tick(f"a rule for this demo: remind {hours} h {rest} min before, so that it is due soon")
        return rule

    def await_due(self, rule: ReminderRule, booked: Booked) -> None:
        """Wait until the rule is due, then ask the worker for what beat asks it every minute."""
        due_at = booked.start_at - timedelta(minutes=rule.minutes)

        def is_due() -> bool | None:
            return True if self.clock() > due_at else None

        step = f"wait for the reminder to be due, at {due_at.astimezone(UTC):%H:%M:%S} UTC"
        self.wait_for(step, is_due, seconds=DUE_WITHIN_SECONDS)
        app.send_task("notifications.derive_reminders", retry=False, ignore_result=True)

    def compare(self, confirmation: mail.Received, reminder: mail.Received) -> None:
        """Check that both mails carry one and the same event."""
        mail.check_same_event(confirmation, reminder)
        event = confirmation.event
        told = f"METHOD:REQUEST, SEQUENCE:{event.get('SEQUENCE', 0)}, UID:{event['UID']}"
        self.console.tick(f"both carry one and the same event: {told}")

    def tell_of_others(self, booked: Booked) -> None:
        """Say how many other clients were reminded meanwhile, by the studio's own rules."""
        others = Message.objects.filter(kind=Kind.REMINDER, state=State.SENT)
        count = others.exclude(appointment__reference=booked.reference).count()
        if count:
            self.console.tick(f"meanwhile {count} other clients got the reminders that were due to them")

    def wait_for(self, step: str, find: Callable[[], T | None], *, seconds: float) -> T:
        """Return what `find` finds, and speak every few seconds meanwhile.

        Raises StepFailed after `seconds`, and CannotStart when a program of the studio ends.
        """
        began = spoke = time.monotonic()
        while (found := find()) is None:
            self.studio.check()
            now = time.monotonic()
            if now - began > seconds:
                raise StepFailed(step, f"nothing within {seconds:.0f} s")
            if now - spoke > SPEAK_EVERY_SECONDS:
                spoke = now
                self.console.say(f"  … {step} ({now - began:.0f} s)")
            time.sleep(LOOK_EVERY_SECONDS)
        return found


def session_of(process: int) -> int:
    """Return the process that leads the session of this one; 0 when there is no such process."""
    try:
        return os.getsid(process) if process else 0
    except ProcessLookupError:
        return 0


def take_back(rule: ReminderRule) -> None:
    """Remove the rule, with what it noted about appointments that it came too late for."""
    Message.objects.filter(rule=rule, state=State.EXPIRED).delete()
    rule.delete()
