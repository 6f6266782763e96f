"""What a guest's calendar answers to an invite, read from a mail or a bare calendar object. Bytes in, values out.

Mail comes from anybody, so nothing here is believed: a mail's From must be the attendee it speaks for (RFC 6047 2.2.1),
and even then it only says what somebody claims. Signatures and authentication results are not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from icalendar import Calendar, Event

from booking.addresses import bare_address

MOST_BYTES = 256 * 1024
MOST_SEQUENCE = 2**31 - 1
ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED", "DELEGATED")
CALENDAR_TYPES = ("text/calendar", "application/ics")


class NotAReply(ValueError):
    """It is no answer to one of our invites; the text says why."""


@dataclass(frozen=True, slots=True)
class CalendarReply:
    """One answer of one guest: `partstat` is one of ANSWERS, `stamped_at` aware and UTC.

    Addresses are as bare_address gives them, in lower case; `organizer` is "" when it was left out (outlook.com).
    """

    uid: UUID
    attendee: str
    organizer: str
    partstat: str
    sequence: int
    stamped_at: datetime


def reply_in_mail(content: bytes) -> CalendarReply:
    """Return the answer that a mail carries, sent by the attendee itself. Raises NotAReply.

    A forwarded mail is not opened: who forwards an answer does not give it.
    """
    _check_size(content)
    try:
        message = BytesParser(policy=policy.default).parsebytes(content)
        sender, calendar = _sender(message), _calendar_part(message)
    except NotAReply:
        raise
    except Exception as error:  # the standard library's parser fails in many ways on broken mail
        raise NotAReply("The mail could not be read.") from error
    reply = reply_in_calendar(calendar)
    if sender != reply.attendee:
        raise NotAReply("The mail is not from the guest whose answer it claims to be.")
    return reply


def reply_in_calendar(content: bytes) -> CalendarReply:
    """Return the answer that a calendar object with METHOD:REPLY is (RFC 5546 3.2.3). Raises NotAReply."""
    _check_size(content)
    try:
        return _read(content)
    except NotAReply:
        raise
    except Exception as error:  # icalendar raises what it meets
        raise NotAReply("The calendar object could not be read.") from error


def _check_size(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise NotAReply(f"It is larger than {MOST_BYTES // 1024} KiB.")


def _sender(message: EmailMessage) -> str:
    """Return the one address in From."""
    headers = message.get_all("From", [])
    written = [address for _, address in getaddresses([str(header) for header in headers])]
    if len(headers) != 1 or len(written) != 1:
        raise NotAReply("The mail does not say who sent it.")
    return _address(written[0])


def _calendar_part(message: EmailMessage) -> bytes:
    """Return the first part that is a calendar. A report about a mail of ours has one, and is no answer."""
    if message.get_content_type() == "multipart/report":
        raise NotAReply("The mail is a report about a mail, not an answer.")
    waiting: list[Any] = [message]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_type() in CALENDAR_TYPES:
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
        if part.get_content_maintype() == "multipart":
            waiting += list(part.iter_parts())
    raise NotAReply("There is no calendar object in the mail.")


def _read(content: bytes) -> CalendarReply:
    calendar = Calendar.from_ical(content)
    if str(calendar.get("METHOD", "")).upper() != "REPLY":
        raise NotAReply("Its method is not REPLY.")
    event = _one(calendar.walk("VEVENT"), "event")
    if "RECURRENCE-ID" in event:
        raise NotAReply("It is about a date of an event that repeats; our appointments do not.")
    attendee = _one(_all(event, "ATTENDEE"), "ATTENDEE")
    partstat = str(attendee.params.get("PARTSTAT", "")).upper()
    if partstat not in ANSWERS:
        raise NotAReply("It does not say yes or no.")
    organizer = event.get("ORGANIZER")
    return CalendarReply(
        uid=_uid(event),
        attendee=_address(str(attendee)),
        organizer="" if organizer is None else _address(str(organizer)),
        partstat=partstat,
        sequence=_sequence(event),
        stamped_at=_stamp(event),
    )


def _one(found: Sequence[Any], what: str) -> Any:
    if len(found) != 1:
        raise NotAReply(f"It must have one {what}, not {len(found)}.")
    return found[0]


def _all(event: Event, name: str) -> list[Any]:
    found = event.get(name, [])
    return list(found) if isinstance(found, list) else [found]


def _uid(event: Event) -> UUID:
    try:
        return UUID(str(event.get("UID", "")))
    except ValueError as error:
        raise NotAReply("Its UID is not one of ours.") from error


def _sequence(event: Event) -> int:
    sequence = int(event.get("SEQUENCE", 0))
    if not 0 <= sequence <= MOST_SEQUENCE:
        raise NotAReply("Its SEQUENCE is no number that we count with.")
    return sequence


def _stamp(event: Event) -> datetime:
    stamp = getattr(event.get("DTSTAMP"), "dt", None)
    if not isinstance(stamp, datetime):
        raise NotAReply("It does not say when it was written (DTSTAMP).")
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone(UTC)


def _address(written: str) -> str:
    """Return a bare address or a mailto: URI in one spelling."""
    bare = unquote(written[7:]) if written.lower().startswith("mailto:") else written
    try:
        return bare_address(bare.partition("?")[0].strip()).lower()
    except ValueError as error:
        raise NotAReply("It names an address that is none.") from error
