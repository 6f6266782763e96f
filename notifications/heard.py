"""What somebody has heard of an appointment so far, as their inbox has it: read from the outbox."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from django.db import connection
from psycopg.pq import Format

from notifications.models import Kind, Message

ANSWERS = (Kind.CONFIRMATION, Kind.DECLINED)
NEWS_OF_A_TIME = (Kind.CONFIRMATION, Kind.RESCHEDULED, Kind.RELOCATED, Kind.REMINDER)

NO_NEWS = (Kind.FOLLOW_UP, Kind.CANCEL_LINK, Kind.DECLINED_INVITE)  # that tell of no change
# The columns after the first two are those of Told, in its order.
HEARD = """
SELECT appointment_id, recipient, id, kind, sequence, name, unsure OR state IN ('sending', 'sent', 'unknown')
FROM notifications_message WHERE appointment_id = ANY(%s::bigint[]) AND kind <> ALL(%s::text[]) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One row of the outbox. `reached` says that the mail has gone, or may have."""

    message_id: int
    kind: str
    sequence: int
    name: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """The rows about one appointment to one person, oldest first; follow-ups do not count."""

    rows: list[Told] = field(default_factory=list)

    def before(self, message: Message) -> "Heard":
        """Return what was owed before this message was."""
        return Heard([row for row in self.rows if row.message_id < message.pk])

    @property
    def began_as_a_request(self) -> bool:
        return any(row.kind == Kind.REQUEST_RECEIVED for row in self.rows)

    @property
    def has_an_invite(self) -> bool:
        """Say whether their calendar may know of it: mails about a request carry no invite before it is confirmed."""
        confirmed = not self.began_as_a_request
        for row in self.rows:
            confirmed = confirmed or row.kind == Kind.CONFIRMATION
            if confirmed and row.reached and row.kind in NEWS_OF_A_TIME:
                return True
        return False

    @property
    def last_answer(self) -> Literal["", "confirmed", "declined"]:
        """Return what the last answer to their request was that reached them."""
        reached = [row for row in self.rows if row.reached]
        if reached and reached[-1].kind == Kind.DECLINED:
            return "declined"
        answers = [row.kind for row in reached if row.kind in {*ANSWERS, Kind.REQUEST_RECEIVED}]
        return "confirmed" if answers and answers[-1] == Kind.CONFIRMATION else ""

    @property
    def thread(self) -> str:
        """Return the name of the mail that later ones answer: the last confirmation, else the request; "" without."""
        for kind in (Kind.CONFIRMATION, Kind.REQUEST_RECEIVED):
            for row in reversed(self.rows):
                if row.kind == kind:
                    return row.name
        return ""

    def is_wrong_after(self, sequence: int) -> bool:
        """Say whether they believe otherwise than that it is a request, now that an answer was taken back.

        `sequence` is the appointment's after that. Who was not told of the answer, and knows of the request as it
        was before, needs no mail; nor does who was never told anything.
        """
        taken_back = [row for row in self.rows if row.sequence == sequence - 1 and row.kind in ANSWERS]
        if not taken_back:
            return False
        if any(row.reached for row in taken_back):
            return True
        earlier = [row for row in self.rows if row.sequence < sequence - 1]
        return bool(earlier) and not earlier[-1].reached


NOTHING = Heard()


def of(appointment_ids: Iterable[int]) -> "defaultdict[tuple[int, str], Heard]":
    """Return what was told by (appointment, role), in one SQL statement; nothing for who was told nothing."""
    found: defaultdict[tuple[int, str], Heard] = defaultdict(Heard)
    with connection.cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(HEARD, [list(appointment_ids), [str(kind) for kind in NO_NEWS]])
        for appointment_id, recipient, *told in cursor.fetchall():
            found[appointment_id, recipient].rows.append(Told(*told))
    return found
