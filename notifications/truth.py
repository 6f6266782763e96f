"""Is it still true, and still of use? Asked after a message is claimed, and again when sending took a while."""

from datetime import datetime

from booking.events import AppointmentFacts
from notifications.models import Kind, Message, Preference, State
from notifications.queue import crashed_too_often, unknown_after_crash

Verdict = tuple[State, str]
COMING = frozenset({"pending", "booked"})
CAME = frozenset({"booked", "arrived", "fulfilled"})
FITTING_STATUS = {
    Kind.CONFIRMATION: frozenset({"booked", "arrived"}),
    Kind.RESCHEDULED: COMING | {"arrived"},
    Kind.RELOCATED: COMING | {"arrived"},
    Kind.REMINDER: frozenset({"booked"}),
    Kind.CANCELLED: frozenset({"cancelled"}),
    Kind.FOLLOW_UP: CAME,
    Kind.REQUEST_RECEIVED: frozenset({"pending"}),
    Kind.DECLINED: frozenset({"cancelled"}),
    # Once it is taken, the hold is the appointment: then its status is another.
    Kind.WAITLIST_OFFER: frozenset({"held"}),
    Kind.CANCEL_LINK: COMING,
    Kind.DECLINED_INVITE: COMING,
}
OVERTAKEN = "Overtaken: the appointment has changed since."
TOO_LATE = "Too late to be of use."
OF_USE_UNTIL_IT_ENDS = frozenset({Kind.REQUEST_RECEIVED, Kind.WAITLIST_OFFER})


def against(
    message: Message, facts: AppointmentFacts | None, preference: Preference | None, *, now: datetime
) -> Verdict | None:
    """Return how the message ends instead of being sent, and why in words for the desk; None to send it."""
    given_up = against_trying(message)
    if given_up is not None:
        return given_up
    if facts is None or not facts.mail_of(message.recipient):
        return State.CANCELLED, "There is nobody to send it to any more."
    if _overtaken(message, facts):
        return State.CANCELLED, OVERTAKEN
    return _unwanted(message, preference) or _useless(message, facts, now=now)


def against_trying(message: Message) -> Verdict | None:
    """Return how the message ends because of the workers that died on it; None to go on."""
    if unknown_after_crash(message):
        return State.UNKNOWN, "A worker stopped while sending it; it may have gone, and is not sent twice."
    if crashed_too_often(message):
        return State.FAILED, f"Given up: workers stopped {message.crashes} times while sending it."
    return None


def against_notice(message: Message, facts: AppointmentFacts | None, *, now: datetime) -> Verdict | None:
    """Return how what the studio is to hear of an appointment ends instead of being sent; None to send it."""
    given_up = against_trying(message)
    if given_up is not None:
        return given_up
    if facts is None or _overtaken(message, facts):
        return State.CANCELLED, OVERTAKEN
    return (State.EXPIRED, TOO_LATE) if now >= facts.end_at else None


def _overtaken(message: Message, facts: AppointmentFacts) -> bool:
    return facts.status not in FITTING_STATUS[Kind(message.kind)] or facts.sequence != message.sequence


def against_summary(message: Message, *, now: datetime) -> Verdict | None:
    """Return how a summary for the studio ends instead of being sent; None to send it. It says what is true then."""
    return against_trying(message) or _too_late(message, now=now)


def _unwanted(message: Message, preference: Preference | None) -> Verdict | None:
    if preference is None:
        return None
    if preference.undeliverable_since is not None:
        return State.FAILED, "Mail to this address comes back. Ask for another one."
    if message.kind == Kind.REMINDER and not preference.reminders:
        return State.CANCELLED, "They asked for no reminders."
    if message.kind == Kind.FOLLOW_UP and not preference.follow_ups:
        return State.CANCELLED, "They asked for no follow-ups."
    return None


def _useless(message: Message, facts: AppointmentFacts, *, now: datetime) -> Verdict | None:
    too_late = _too_late(message, now=now)
    if too_late is not None:
        return too_late
    if message.kind in OF_USE_UNTIL_IT_ENDS and facts.expires_at is not None and now >= facts.expires_at:
        return State.EXPIRED, "It had ended before it could be sent."
    if message.kind in {Kind.CONFIRMATION, Kind.RESCHEDULED, Kind.RELOCATED, Kind.CANCEL_LINK} and now >= facts.end_at:
        return State.EXPIRED, "The visit was over before it could be sent."
    return None


def _too_late(message: Message, *, now: datetime) -> Verdict | None:
    if message.not_after is not None and now > message.not_after:
        return State.EXPIRED, TOO_LATE
    return None
