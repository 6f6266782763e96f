"""Claim, re-check, write, send, record: the life of a message from its row to the mail server.

No transaction is open while the mail server talks. At most one copy more than one for each worker that dies between
the server's answer and our record, under the same Message-ID; nothing is lost (docs/messages.md).
"""

import logging
import math
import random
import time
import traceback
from datetime import datetime, timedelta

from notifications import queue
from notifications.channels import Answer, Channel, Sent, TryLater, Unknown, mail_channel
from notifications.channels.mail import MailMessage, UndeliverableAddress
from notifications.ledger import Ledger
from notifications.models import LEISURELY, Kind, Message, State
from notifications.notices import Notice
from notifications.pace import Pace
from notifications.writing import Letter, Summary, compose, letters

logger = logging.getLogger(__name__)
# What a batch costs besides its mails, a large one costs once. How long it may take is limited by time.
BATCH = 200
FACTS_STAY_FRESH_SECONDS = 4.0
LEASE_MARGIN_SECONDS = 60.0


def sweep(*, now: datetime, seconds: float, channel: Channel[MailMessage] | None = None) -> int:
    """Send what is due at `now`, oldest first, for about `seconds`; return how many messages were dealt with.

    One connection to the mail server serves the whole sweep.
    """
    began, dealt_with, most = time.monotonic(), 0, BATCH
    outbox, pace = channel or mail_channel(), Pace()
    try:
        while time.monotonic() - began < seconds:
            claimed_at = time.monotonic()
            present = now + timedelta(seconds=claimed_at - began)
            batch = queue.claim(now=present, most=most)
            if not batch:
                break
            done = deliver(batch, outbox, now=present, claimed_at=claimed_at, until=began + seconds, pace=pace)
            dealt_with += done
            # A server that is slow today gets small batches: all of one is read, and what waits is given back.
            most = min(BATCH, 2 * done + 1)
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
    pace: Pace | None = None,
) -> int:
    """Deal with claimed messages one after the other and return how many; `claimed_at` is the claim's monotonic time.

    What is not begun by `until`, or would outlive the lease, or was read too long ago is given back. So nothing is
    sent of what was true once, and what has become urgent meanwhile is next to be claimed.

    Each mail is on record, durably, before the next is handed over. The record is on its way, and the server looks
    at the next recipient, while the mail after that is written.
    """
    lease_ends = claimed_at + queue.LEASE.total_seconds() - LEASE_MARGIN_SECONDS
    last_start, pace = min(until, lease_ends), pace or Pace()
    waiting = {message.pk: message for message in batch}
    read_at = time.monotonic()
    with Ledger() as ledger:
        written = ((letter.message, _written(letter)) for letter in letters(batch, now=now))
        upcoming = next(written, None)
        while upcoming is not None:
            message, mail = upcoming
            pause = _announced(message, mail, channel, pace) if time.monotonic() <= last_start else 0.0
            upcoming = next(written, None)
            ledger.settle()
            if time.monotonic() > last_start:
                queue.give_back(waiting.values())  # those whose lease is ours still
                return len(batch) - len(waiting)
            last_start = min(last_start, read_at + FACTS_STAY_FRESH_SECONDS)  # the first is fresh
            del waiting[message.pk]
            _send(message, mail, channel, ledger, pace, pause=pause, now=now)
    return len(batch)


def _written(letter: Letter | Summary | Notice) -> MailMessage | Exception:
    try:
        return compose(letter)
    except UndeliverableAddress as error:
        return error
    except Exception as error:
        # Where it failed, and not what it says: that may be somebody's name or address.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("Message %s could not be made: %s\n%s", letter.message.pk, type(error).__name__, where)
        return error


def _announced(message: Message, mail: MailMessage | Exception, channel: Channel[MailMessage], pace: Pace) -> float:
    """Announce the mail, unless it goes too fast for the provider or its domain: return the seconds it is to wait."""
    if isinstance(mail, Exception):
        return 0.0
    seconds = pace.wait(_domain(mail), bulk=message.kind in LEISURELY)
    if not seconds:
        channel.announce(mail)
    return seconds


def _send(
    message: Message,
    mail: MailMessage | Exception,
    channel: Channel[MailMessage],
    ledger: Ledger,
    pace: Pace,
    *,
    pause: float,
    now: datetime,
) -> None:
    if isinstance(mail, UndeliverableAddress):
        queue.ended(message, State.FAILED, str(mail))
    elif isinstance(mail, Exception):
        # One message that cannot be made must not stop the others, nor be tried for ever.
        words = f"It could not be made: {type(mail).__name__}."
        queue.later(message, words, now=now, jitter=random.random())  # noqa: S311 - spreads tries, no secret
    elif pause:  # which counts as no try
        spread = timedelta(seconds=pause * (1 + random.random() / 4))  # noqa: S311 - spreads tries, no secret
        queue.waits(message, "It waits, so that mail does not go too fast.", until=now + spread)
    else:
        answer = channel.send(mail)
        pace.heard(_domain(mail), answer)
        _record(message, answer, ledger, now=now)


def _domain(mail: MailMessage) -> str:
    return mail.to[0].rpartition("@")[2].lower()


def _record(message: Message, answer: Answer, ledger: Ledger, *, now: datetime) -> None:
    words = f"{answer.code} {answer.text}".strip()
    if isinstance(answer, Sent):
        ledger.sent(message)
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
