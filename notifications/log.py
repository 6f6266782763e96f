"""The delivery log: what became of each message, for the desk; never to which address it went."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from notifications import resend
from notifications.models import Message, State
from notifications.resend import CAN_BE_SENT_AGAIN

# "pending" says little to who asks whether a mail has gone.
WORDS = {State.PENDING: "queued"}
STATES = [WORDS.get(state, str(state)) for state in State]
__all__ = ["CAN_BE_SENT_AGAIN", "NEWEST_FIRST", "STATES"]
IN_ORDER = {
    State.PENDING: "It waits for its time.",
    State.SENDING: "It is being handed to the mail server.",
    State.SENT: "The mail server has taken it.",
}
NEWEST_FIRST = ("-created_at", "-name")
DID_NOT_ARRIVE = (State.FAILED, State.BOUNCED)


def shown_state(message: Message) -> str:
    return WORDS.get(State(message.state), str(message.state))


def reason(message: Message) -> str:
    """Return in plain words why it is where it is."""
    return message.words or IN_ORDER.get(State(message.state), "")


def messages(wanted: dict[str, Any]) -> QuerySet[Message]:
    """Return messages by `appointment` (its reference), `state` as it is shown, and `kind`."""
    filters: dict[str, Any] = {}
    if "appointment" in wanted:
        filters["appointment__reference"] = wanted["appointment"]
    if "kind" in wanted:
        filters["kind"] = wanted["kind"]
    if "state" in wanted:
        filters["state__in"] = [state for state in State if WORDS.get(state, str(state)) == wanted["state"]]
    return Message.objects.filter(**filters).select_related("appointment", "location")


def something_failed() -> Exists:
    """Return the condition that somebody has not got a mail about the appointment as it is."""
    about_it = Message.objects.filter(appointment=OuterRef("pk"), sequence=OuterRef("sequence"))
    return Exists(about_it.filter(state__in=DID_NOT_ARRIVE))


def retry(message: Message, *, by: str, now: datetime) -> Message | None:
    """Have it sent again; None when there is nothing to send again. `now` is the database's."""
    if not resend.send_again([message.pk], by=by, now=now):
        return None
    return messages({}).get(pk=message.pk)
