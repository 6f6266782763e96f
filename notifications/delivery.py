"""Claim, re-check, render, send, record: the life of a message from its row to the mail server.

No transaction is open while the mail server talks. At most one copy more than one for each worker that dies between
the server's answer and our record, under the same Message-ID; nothing is lost (docs/messages.md).
"""

import logging
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings

from booking import access, ical, queries
from booking.addresses import bare_address
from booking.events import AppointmentFacts
from content.queries import SnippetFacts
from notifications import nudges, preferences, queue, truth
from notifications.channels import Answer, Channel, Sent, TryLater, Unknown, mail_channel
from notifications.channels.mail import MailMessage, Sender, Subscription, UndeliverableAddress, message_id
from notifications.models import Kind, Message, Preference, State
from notifications.render import Kind as Template
from notifications.render import MailFacts, note_in_text, render

logger = logging.getLogger(__name__)
BATCH = 50
FACTS_STAY_FRESH_SECONDS = 5.0
LEASE_MARGIN_SECONDS = 60.0
WITH_INVITE = {
    Kind.CONFIRMATION: "REQUEST",
    Kind.RELOCATED: "REQUEST",
    Kind.RESCHEDULED: "REQUEST",
    Kind.REMINDER: "REQUEST",
    Kind.CANCELLED: "CANCEL",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with all that its mail needs."""

    message: Message
    facts: AppointmentFacts
    preference: Preference
    snippet: SnippetFacts | None
    manage_token: str
    calendar_token: str


def sweep(*, now: datetime, seconds: float, channel: Channel[MailMessage] | None = None) -> int:
    """Send what is due at `now`, oldest first, for about `seconds`; return how many messages were dealt with.

    One connection to the mail server serves the whole sweep.
    """
    began, dealt_with = time.monotonic(), 0
    outbox = channel or mail_channel()
    try:
        while time.monotonic() - began < seconds:
            claimed_at = time.monotonic()
            present = now + timedelta(seconds=claimed_at - began)
            batch = queue.claim(now=present, most=BATCH)
            if not batch:
                break
            deliver(batch, outbox, now=present, claimed_at=claimed_at, until=began + seconds)
            dealt_with += len(batch)
    finally:
        outbox.close()
    return dealt_with


def deliver(
    batch: list[Message],
    channel: Channel[MailMessage],
    *,
    now: datetime,
    claimed_at: float,
    until: float = math.inf,
) -> None:
    """Deal with claimed messages one after the other; `claimed_at` is the monotonic time of the claim.

    What is not begun by `until`, or would outlive the lease, is given back.

    What was read is read again when sending took long, and what we may no longer hold is left alone.
    """
    waiting = list(batch)
    while waiting:
        read_at = time.monotonic()
        for letter in letters(waiting, now=now):
            waiting.remove(letter.message)
            if time.monotonic() > min(until, claimed_at + queue.LEASE.total_seconds() - LEASE_MARGIN_SECONDS):
                queue.give_back([letter.message, *waiting])  # those whose lease is ours still
                return
            _send(letter, channel, now=now)
            if waiting and time.monotonic() - read_at > FACTS_STAY_FRESH_SECONDS:
                break
        else:
            return


def letters(messages: list[Message], *, now: datetime) -> Iterator[Letter]:
    """Read what is true now for all of them at once; end what is not to be sent; yield the rest, in order.

    The number of SQL statements does not grow with the number of messages to be sent.
    """
    facts = queries.facts_of({message.appointment_id for message in messages})
    addresses = [
        facts[message.appointment_id].mail_of(message.recipient)
        for message in messages
        if message.appointment_id in facts
    ]
    wishes = preferences.of(addresses, now=now)
    wanted: list[tuple[Message, AppointmentFacts, Preference]] = []
    for message in messages:
        found = facts.get(message.appointment_id)
        wish = wishes.get(found.mail_of(message.recipient).lower()) if found else None
        verdict = truth.against(message, found, wish, now=now)
        if verdict is not None:
            queue.ended(message, *verdict)
        elif found is not None and wish is not None:
            wanted.append((message, found, wish))
    yield from _with_notes_and_links(wanted, now=now)


def _with_notes_and_links(
    wanted: list[tuple[Message, AppointmentFacts, Preference]], *, now: datetime
) -> Iterator[Letter]:
    if not wanted:
        return
    notes = _notes(wanted, now=now)
    # A partner comes along; moving and cancelling are the client's.
    managed = [(facts.appointment_id, facts.end_at, "manage") for message, facts, _ in wanted if _manages(message)]
    kept = [(facts.appointment_id, facts.end_at, "calendar") for _, facts, _ in wanted]
    tokens = access.issue_links([*managed, *kept])
    managers, calendars = iter(tokens[: len(managed)]), tokens[len(managed) :]
    for calendar, (message, facts, wish) in zip(calendars, wanted, strict=True):
        manage = next(managers) if _manages(message) else ""
        yield Letter(message, facts, wish, notes.get(message.pk), manage, calendar)


def _manages(message: Message) -> bool:
    return message.recipient == "client"


def _notes(wanted: list[tuple[Message, AppointmentFacts, Preference]], *, now: datetime) -> dict[int, SnippetFacts]:
    """Return the chosen note by message id; none at all when choosing fails, for the mail must not wait for it."""
    asked = [
        (message, facts, nudges.reader_of(wish.address))
        for message, facts, wish in wanted
        if facts.tips and wish.tips and message.recipient == "client" and nudges.moment_of(message)
    ]
    if not asked:
        return {}
    try:
        return nudges.choose_for(asked, conflicting=queries.studio().conflicting_notes, now=now)
    except Exception:
        logger.exception("Choosing notes failed; the mails go without one.")
        return {}


def _send(letter: Letter, channel: Channel[MailMessage], *, now: datetime) -> None:
    message = letter.message
    try:
        mail = compose(letter)
    except UndeliverableAddress as error:
        queue.ended(message, State.FAILED, str(error))
        return
    except Exception as error:
        # One message that cannot be made must not stop the others, nor be tried for ever.
        logger.exception("Message %s could not be made.", message.pk)
        words = f"It could not be made: {type(error).__name__}."
        queue.later(message, words, now=now, jitter=random.random())  # noqa: S311 - spreads tries, no secret
        return
    _record(message, channel.send(mail), now=now)


def _record(message: Message, answer: Answer, *, now: datetime) -> None:
    words = f"{answer.code} {answer.text}".strip()
    if isinstance(answer, Sent):
        queue.sent(message)
    elif isinstance(answer, TryLater):
        queue.later(message, words, now=now, jitter=random.random())  # noqa: S311 - spreads tries, no secret
    elif isinstance(answer, Unknown):
        _unsure(message, words, now=now)
    else:
        queue.ended(message, State.FAILED, words)


def _unsure(message: Message, words: str, *, now: datetime) -> None:
    """The server may have it. A change must be told, so it goes once more under the same Message-ID."""
    must_arrive = message.kind != Kind.FOLLOW_UP
    if must_arrive and not message.unsure:
        words = f"Unsure whether it went: {words}"
        queue.later(message, words, now=now, jitter=random.random(), unsure=True)  # noqa: S311 - no secret
    else:
        queue.ended(message, State.UNKNOWN, f"It may have gone: {words}")


def compose(letter: Letter) -> MailMessage:
    """Return the mail, the same bytes for the same letter; dated when the message was owed."""
    message, facts = letter.message, letter.facts
    to = _deliverable(facts.mail_of(message.recipient))
    url = settings.PUBLIC_URL
    note = nudges.as_note(letter.snippet, public_url=url) if letter.snippet else None
    manage_url = f"{url}/manage/{letter.manage_token}/" if letter.manage_token else ""
    preferences_token = preferences.token_of(letter.preference)
    mail = MailFacts(
        appointment=facts,
        recipient=message.recipient,  # type: ignore[arg-type]  # the column holds these two words only
        manage_url=manage_url,
        calendar_url=f"{url}/calendar/{letter.calendar_token}.ics",
        preferences_url=f"{url}/preferences/{preferences_token}/",
        note=note,
        public_url=url,
    )
    calendar = b""
    method = WITH_INVITE.get(Kind(message.kind))
    if method is not None:
        calendar = ical.invite(
            facts,
            method=method,  # type: ignore[arg-type]  # from the table above
            recipient=message.recipient,  # type: ignore[arg-type]
            stamped_at=message.created_at,
            url="",
            note=note_in_text(note) if note else "",
        )
    first = f"{facts.uid}.0.{Kind.CONFIRMATION}.{message.recipient}"
    return MailMessage(
        rendered=render(cast(Template, str(message.kind)), mail, facts.language),
        sender=Sender(name=facts.studio_name, address=facts.studio_mail, reply_to=facts.studio_reply_to),
        to=to,
        id=message_id(message.name, public_url=url),
        dated_at=message.created_at,
        calendar=calendar,
        answers="" if message.name == first else message_id(first, public_url=url),
        subscription=_subscription(message, preferences_token, facts),
    )


def _deliverable(address: str) -> str:
    """Return the address as the post office takes it. Raises UndeliverableAddress."""
    try:
        return bare_address(address)
    except ValueError as error:
        raise UndeliverableAddress(str(error)) from error


def _subscription(message: Message, token: str, facts: AppointmentFacts) -> Subscription | None:
    """Follow-ups can be left with one click; mail about an appointment cannot (RFC 8058, messaging check 45)."""
    if message.kind != Kind.FOLLOW_UP:
        return None
    host = settings.PUBLIC_URL.split("//")[1].split(":")[0]
    return Subscription(
        one_click_url=f"{settings.PUBLIC_URL}/api/v1/preferences/{token}/one-click/",
        mailto=facts.studio_reply_to or facts.studio_mail,
        list_id=f"follow-up.{host}",
    )
