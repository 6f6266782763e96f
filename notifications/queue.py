"""The outbox as a queue: claim with a lease, give back, record. Nothing here is open while mail is sent.

Claiming is committed before sending, and the lease outlives the longest send. A worker that dies leaves a lease
that runs out; the next claim then counts as a new attempt. A worker that was only asleep finds another attempt
number when it records, and had to look at its lease before it sent (docs/messages.md).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, models

from notifications.ledger import Ledger
from notifications.models import Kind, Message, State
from notifications.rows import rows

LEASE = timedelta(seconds=120)
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 4.5.4.1: a mail server is given four to five days
MOST_CRASHES = 5
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)

# What a dead worker left is taken up one at a time, so that a message that kills workers takes no other with it.
LOST = "state = 'sending' AND lease_until <= %(now)s::timestamptz"
# Somebody waits for these, so they wait for no reminder, however many of those are due.
URGENT = (
    "state = 'pending' AND due_at <= %(now)s::timestamptz AND kind NOT IN ('reminder', 'follow-up', 'staff-digest')"
)
REMINDERS = "state = 'pending' AND due_at <= %(now)s::timestamptz AND kind IN ('reminder', 'staff-digest')"
# Follow-ups one at a time, too: after a crash the one in hand is given up, and only that one.
FOLLOW_UP = "state = 'pending' AND due_at <= %(now)s::timestamptz AND kind = 'follow-up'"
# MATERIALIZED: as a plain sub-select PostgreSQL may run it once a row, and claim more than was asked for.
CLAIM = """
WITH due AS MATERIALIZED (
  SELECT id FROM notifications_message WHERE {which}
  ORDER BY due_at, id LIMIT %(most)s::bigint FOR UPDATE SKIP LOCKED)
UPDATE notifications_message AS this SET
  state = 'sending', lease_until = %(lease)s::timestamptz,
  attempt = attempt + 1, crashes = crashes + (state = 'sending')::int
FROM due WHERE this.id = due.id
RETURNING {columns}
"""
GIVE_BACK = """
UPDATE notifications_message AS message SET state = 'pending', lease_until = NULL
FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[]) AS ours (id, attempt)
WHERE message.id = ours.id AND message.attempt = ours.attempt AND message.state = 'sending'
"""
# Each as its own state and for its own reason; what another worker has taken since stays as it is.
END = """
UPDATE notifications_message AS message SET state = ours.state, words = ours.words, lease_until = NULL
FROM unnest(%(ids)s::bigint[], %(attempts)s::integer[], %(states)s::text[], %(words)s::text[])
  AS ours (id, attempt, state, words)
WHERE message.id = ours.id AND message.attempt = ours.attempt AND message.state = 'sending'
"""


def database_now() -> datetime:
    """Return the database's clock, UTC: the one that leases and due times go by, whatever a worker's says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        found: datetime = cursor.fetchone()[0]
    return found


def claim(*, now: datetime, most: int) -> list[Message]:
    """Return up to `most` due messages that are ours until the lease ends, oldest due first, rules read.

    They are of one lane: lost ones, then news of appointments, then reminders and summaries, then follow-ups.
    """
    lanes = ((LOST, 1), (URGENT, most), (REMINDERS, most), (FOLLOW_UP, 1))
    found = next(filter(None, (_claim(which, number, now) for which, number in lanes)), [])
    if any(message.rule_id for message in found):
        models.prefetch_related_objects(found, "rule")
    return sorted(found, key=lambda message: (message.due_at, message.pk))


def _claim(which: str, most: int, now: datetime) -> list[Message]:
    return rows(Message, CLAIM.replace("{which}", which), {"now": now, "lease": now + LEASE, "most": most})


def give_back(messages: Iterable[Message]) -> None:
    """Free what we claimed and did not try, for the next worker; it counts as nothing."""
    held = list(messages)
    values = {"ids": [message.pk for message in held], "attempts": [message.attempt for message in held]}
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, values)


def sent(message: Message) -> bool:
    """Record that it went, at the database's time. Returns False when another worker has taken the row since."""
    ledger = Ledger()
    ledger.sent(message)
    return ledger.settle()


def ended(message: Message, state: State, words: str) -> bool:
    """Record that it will not go, and why, in words for the desk."""
    return _ours(message, state=state, words=words[:300], lease_until=None)


def all_ended(found: Iterable[tuple[Message, State, str]]) -> None:
    """Record of each that it will not go, and why; one statement, none when there are none.

    A commit waits for the disk, and one for each would be waited for while nothing is sent.
    """
    endings = list(found)
    if not endings:
        return
    values: dict[str, list[int] | list[str]] = {
        "ids": [message.pk for message, _, _ in endings],
        "attempts": [message.attempt for message, _, _ in endings],
        "states": [str(state) for _, state, _ in endings],
        "words": [words[:300] for _, _, words in endings],
    }
    with connection.cursor() as cursor:
        cursor.execute(END, values)


def lapsed(message: Message, words: str, *, after: int) -> bool:
    """Record that it says nothing new after the message of that id, and does not go."""
    return _ours(message, state=State.CANCELLED, words=words, says_nothing_after=after, lease_until=None)


def later(message: Message, words: str, *, now: datetime, jitter: float, unsure: bool = False) -> bool:
    """Put it back for another try after a pause that grows; `jitter` in [0, 1) spreads the tries.

    `unsure` says that it may have gone. After five days it has failed; what is past its use before that expires
    when it is claimed again.
    """
    tries = message.tries + 1
    if now - message.created_at > GIVE_UP_AFTER and tries >= len(RETRY_AFTER):
        return ended(message, State.FAILED, f"Given up after {tries} tries: {words}")
    pause = RETRY_AFTER[min(tries, len(RETRY_AFTER)) - 1]
    return _ours(
        message,
        state=State.PENDING,
        due_at=now + pause * (0.75 + jitter / 2),
        tries=tries,
        unsure=message.unsure or unsure,
        words=words[:300],
        lease_until=None,
    )


def waits(message: Message, words: str, *, until: datetime) -> bool:
    """Put it back until a better time, by no fault of anybody's: it counts as no try."""
    return _ours(message, state=State.PENDING, due_at=until, words=words[:300], lease_until=None)


def _ours(message: Message, **values: object) -> bool:
    row = Message.objects.filter(pk=message.pk, attempt=message.attempt, state=State.SENDING)
    return row.update(**values) == 1


def crashed_too_often(message: Message) -> bool:
    """Say whether workers died on it again and again: then it must not take down the next one."""
    return message.crashes >= MOST_CRASHES


def unknown_after_crash(message: Message) -> bool:
    """Say whether a worker died while sending what must not go twice: a second follow-up is worse than none."""
    return message.kind == Kind.FOLLOW_UP and message.crashes > 0


def oldest_overdue_seconds(*, now: datetime) -> int | None:
    """Return how late the longest waiting message is, None when nothing waits: the alarm's figure."""
    waiting = Message.objects.filter(state=State.PENDING, due_at__lte=now)
    in_hand = Message.objects.filter(lease_until__isnull=False, due_at__lte=now)
    found = [first for rows in (waiting, in_hand) for first in rows.order_by("due_at").values_list("due_at")[:1]]
    oldest = min(due for (due,) in found) if found else None
    return None if oldest is None else int((now - oldest).total_seconds())


def anything_due(*, now: datetime) -> bool:
    return Message.objects.filter(state=State.PENDING, due_at__lte=now).exists()
