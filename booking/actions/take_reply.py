from dataclasses import dataclass
from datetime import datetime, timedelta

from booking import errors, events
from booking.actions.change import locked
from booking.actions.locks import in_one_transaction, set_limits
from booking.addresses import bare_address
from booking.domain import status
from booking.itip import CalendarReply
from booking.models import Appointment, PartStat, Reply
from booking.queries import studio

CLOCKS_DIFFER_BY = timedelta(days=1)
# One sentence for an unknown UID and for an address that is not the guest's: who guesses learns nothing.
NOT_OURS = "It answers no invite that we sent to this address."


@dataclass(frozen=True, slots=True)
class Taken:
    """`first` is False when the same answer was taken before; then nothing happened."""

    reply: Reply
    first: bool


def take_reply(reply: CalendarReply, *, now: datetime) -> Taken:
    """Write down what a guest's calendar answered. A no is told to the studio; it never cancels by itself.

    The answer must come from the client's or the partner's address, to the studio's, about the revision that stands,
    and be newer than the last one from there (RFC 5546 2.1.5).
    Raises errors.NotFound for what was not ours to be answered, and errors.WrongState for an answer that was overtaken
    or could not have been given yet.
    """

    def run() -> Taken:
        set_limits()
        found = Appointment.objects.filter(uid=reply.uid).exclude(status=status.HELD).first()
        if found is None:
            raise errors.NotFound(NOT_OURS)
        present = locked(found)
        role = _role(present, reply)
        before = list(Reply.objects.filter(appointment=present, role=role, sequence=reply.sequence))
        for known in before:
            if known.stamped_at == reply.stamped_at and known.partstat == reply.partstat.lower():
                return Taken(known, first=False)
        _check_is_timely(reply, present, before, now=now)
        return Taken(_kept(reply, present, role, before, now=now), first=True)

    return in_one_transaction(run)


def _role(present: Appointment, reply: CalendarReply) -> str:
    """Return whose address the answer came from. Raises errors.NotFound."""
    if reply.organizer and reply.organizer != _spelt(studio().mail_address):
        raise errors.NotFound(NOT_OURS)
    client = present.client.email if present.client is not None else ""
    for role, address in (("client", client), ("partner", present.partner_email)):
        if address and _spelt(address) == reply.attendee:
            return role
    raise errors.NotFound(NOT_OURS)


def _spelt(address: str) -> str:
    try:
        return bare_address(address).lower()
    except ValueError:
        return ""


def _check_is_timely(reply: CalendarReply, present: Appointment, before: list[Reply], *, now: datetime) -> None:
    if reply.sequence > present.sequence or reply.stamped_at > now + CLOCKS_DIFFER_BY:
        raise errors.WrongState("It answers an invite that we have not sent yet.")
    if reply.sequence < present.sequence:
        raise errors.WrongState("It answers an older invite: the appointment has changed since.")
    if any(known.stamped_at >= reply.stamped_at for known in before):
        raise errors.WrongState("A newer answer of this guest is here already.")


def _kept(reply: CalendarReply, present: Appointment, role: str, before: list[Reply], *, now: datetime) -> Reply:
    kept = Reply.objects.create(
        appointment=present,
        role=role,
        partstat=PartStat(reply.partstat.lower()),
        sequence=reply.sequence,
        stamped_at=reply.stamped_at,
        received_at=now,
    )
    # Once a revision: a calendar that says no to each mail of ours must not get a mail for each no.
    told = any(known.partstat == PartStat.DECLINED for known in before)
    ahead = present.status in status.CHANGEABLE and present.end_at > now
    if kept.partstat == PartStat.DECLINED and ahead and not told:
        events.publish(
            events.InviteDeclined(
                appointment_id=present.pk,
                uid=present.uid,
                sequence=present.sequence,
                happened_at=now,
                recipients=("studio", "client") if role == "client" else ("studio",),
                role=role,
            )
        )
    return kept
