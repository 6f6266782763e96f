"""Is it still true, and still of use? Asked after a message is claimed, and again when sending took a while."""

from datetime import datetime

from booking.events import AppointmentFacts
from notifications.models import Kind, Message, Preference, State
from notifications.queue import crashed_too_often, unknown_after_crash

Verdict = tuple[State, str]
COMING = frozenset({"pending", "booked"})
CAME = frozenset({"booked", "arrived", "fulfilled"})
FITTING_STATUS = {
    Kind.CONFIRMATION: COMING | {"arrived"},
    Kind.RESCHEDULED: COMING | {"arrived"},
    Kind.RELOCATED: COMING | {"arrived"},
    Kind.REMINDER: frozenset({"booked"}),
    Kind.CANCELLED: frozenset({"cancelled"}),
    Kind.FOLLOW_UP: CAME,
}


def against(
    message: Message, facts: AppointmentFacts | None, preference: Preference | None, *, now: datetime
) -> Verdict | None:
    """Return how the message ends instead of being sent, and why in words for the desk; None to send it."""
    if unknown_after_crash(message):
        return State.UNKNOWN, "A worker stopped while sending it; it may have gone, and is not sent twice."
    if crashed_too_often(message):
        return State.FAILED, f"Given up: workers stopped {message.crashes} times while sending it."
    if facts is None or not facts.mail_of(message.recipient):
        return State.CANCELLED, "There is nobody to send it to any more."
    if facts.status not in FITTING_STATUS[Kind(message.kind)] or facts.sequence != message.sequence:
        return State.CANCELLED, "Overtaken: the appointment has changed since."
    return _unwanted(message, preference) or _useless(message, facts, now=now)


def _unwanted(message: Message, preference: Preference | None) -> Verdict | None:
    if preference is None:
        return None
    if message.kind == Kind.REMINDER and not preference.reminders:
        return State.CANCELLED, "They asked for no reminders."
    if message.kind == Kind.FOLLOW_UP and not preference.follow_ups:
        return State.CANCELLED, "They asked for no follow-ups."
    return None


def _useless(message: Message, facts: AppointmentFacts, *, now: datetime) -> Verdict | None:
    if message.not_after is not None and now > message.not_after:
        return State.EXPIRED, "Too late to be of use."
    if message.kind in {Kind.CONFIRMATION, Kind.RESCHEDULED, Kind.RELOCATED} and now >= facts.end_at:
        return State.EXPIRED, "The visit was over before it could be sent."
    return None
