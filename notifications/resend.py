"""Sends again what did not go, when somebody at the desk asks for it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from notifications import bell
from notifications.models import Message, State

CAN_BE_SENT_AGAIN = (State.FAILED, State.UNKNOWN, State.BOUNCED)


def send_again(message_ids: Iterable[int], *, by: str, now: datetime) -> int:
    """Put messages that failed, came back, or of which nobody knows, back into the queue; return how many.

    Others are left alone. It starts anew, with all its tries, but `attempt` goes on counting: it fences, and a
    worker that wakes up late must not take the new try for its own. What is no longer true or of use by then is
    not sent: see truth.py. `now` is the database's.
    """
    done = Message.objects.filter(pk__in=list(message_ids), state__in=CAN_BE_SENT_AGAIN).update(
        state=State.PENDING,
        due_at=now,
        lease_until=None,
        tries=0,
        crashes=0,
        unsure=False,
        words=f"To be sent again, asked by {by}."[:300],
    )
    if done:
        transaction.on_commit(bell.ring, robust=True)
    return done
