"""Answers of guests' calendars as they come by mail, in the shapes that mail programs give them."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from booking.models import Appointment
from tests.factories import NOW

STUDIO = "hello@stillwater.example"


def calendar_reply(of: Appointment, partstat: str = "DECLINED", **changes: Any) -> bytes:
    """An iTIP REPLY by Kim, written a minute after NOW; a change of None leaves the line out."""
    said: dict[str, Any] = {
        "METHOD": "REPLY",
        "UID": of.uid,
        "SEQUENCE": of.sequence,
        "DTSTAMP": stamp(NOW + timedelta(minutes=1)),
        "DTSTART": stamp(of.start_at),
        "ORGANIZER": f"mailto:{STUDIO}",
        "ATTENDEE": "mailto:Kim@Example.com",
        "extra": "",
    } | changes
    method = [] if said["METHOD"] is None else [f"METHOD:{said['METHOD']}"]
    attendee = [] if said["ATTENDEE"] is None else [f"ATTENDEE;PARTSTAT={partstat};CN=Kim:{said['ATTENDEE']}"]
    plain = ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "ORGANIZER")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Somebody//Calendar//EN",
        *method,
        "BEGIN:VEVENT",
        *(f"{name}:{said[name]}" for name in plain if said[name] is not None),
        *attendee,
        *([said["extra"]] if said["extra"] else []),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


def mailed(calendar: bytes, *, sender: str = "Kim Larsen <kim@example.com>", **headers: str) -> bytes:
    """The mail that carries it, as Gmail and Outlook make it: text, HTML and calendar side by side."""
    message = EmailMessage()
    message["From"], message["To"] = sender, STUDIO
    message["Subject"] = "Declined: Appointment at Stillwater"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Kim has declined this invitation.")
    message.add_alternative("<p>Kim has declined this invitation.</p>", subtype="html")
    message.add_alternative(calendar, maintype="text", subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
