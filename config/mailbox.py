"""Reads what the local inbox has kept: the list, and one message in all its parts. Reads files, writes none.

Mail comes from anywhere, so nothing here trusts it: a header that cannot be read is shown as it stands, and
a calendar that cannot be read is shown raw.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from icalendar import Calendar, Component

STAMP = "%Y%m%dT%H%M%S%fZ"  # the instant of arrival, as the inbox writes it into a name
ID_HEADER = "X-Stillpoint-Message"
KIND_IN_ID = re.compile(r"\.([a-z-]+?)(?:-\d+)?\.(?:client|partner)@")
KIND_OF_METHOD = {"REQUEST": "invite", "CANCEL": "cancellation", "PUBLISH": "calendar entry"}


@dataclass(frozen=True)
class Letter:
    """One kept message, by the name of its file without the ending."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def received_at(self) -> datetime:
        """The instant of arrival, UTC; the inbox writes it into the name."""
        return datetime.strptime(self.name.partition("-")[0], STAMP).replace(tzinfo=UTC)

    def octets(self) -> bytes:
        return self.path.read_bytes()

    def envelope(self) -> dict[str, Any]:
        """Who gave the message to the inbox, and for whom; empty when nobody noted it."""
        try:
            noted = json.loads(self.path.with_suffix(".json").read_bytes())
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def message(self) -> EmailMessage:
        return BytesParser(policy=policy.default).parsebytes(self.octets())


@dataclass(frozen=True)
class Part:
    """A leaf of the message; `number` counts the leaves from 0 in the order they stand."""

    number: int
    content_type: str
    charset: str
    disposition: str
    filename: str
    content: bytes

    @property
    def is_calendar(self) -> bool:
        return self.content_type in {"text/calendar", "application/ics"}

    @property
    def download_name(self) -> str:
        """A name of ours, since the sender's could be anything."""
        return f"part-{self.number}.ics" if self.is_calendar else f"part-{self.number}.bin"

    def text(self) -> str:
        try:
            return self.content.decode(self.charset, "replace")
        except LookupError:  # a charset nobody knows
            return self.content.decode("utf-8", "replace")


def letters(folder: Path) -> list[Letter]:
    """Return what the inbox has kept, newest first. Anything it did not name is passed over."""
    if not folder.is_dir():
        return []
    kept = [Letter(path) for path in folder.iterdir() if path.suffix == ".eml" and _is_ours(path)]
    return sorted(kept, key=lambda letter: letter.name, reverse=True)


def _is_ours(path: Path) -> bool:
    try:
        Letter(path).received_at  # noqa: B018 - to read it is the check
    except ValueError:
        return False
    return path.is_file() and not path.is_symlink()


def header(message: EmailMessage, name: str) -> str:
    """Return a header decoded, or as it stands when it cannot be decoded; empty when there is none."""
    try:
        return str(message.get(name, "")).strip()
    except Exception:  # the standard library's parser fails in many ways on broken headers
        raw = {key.lower(): value for key, value in message.raw_items()}
        return str(raw.get(name.lower(), "")).encode("ascii", "replace").decode("ascii")


def kind(message: EmailMessage) -> str:
    """Say what the message is: the kind in our own id, or what its invite does, or just "mail"."""
    named = KIND_IN_ID.search(header(message, ID_HEADER))
    if named:
        return named[1]
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return KIND_OF_METHOD.get(str(part.get_param("method")).upper(), "calendar")
    return "mail"


def parts(message: EmailMessage) -> list[Part]:
    """Return the leaves in the order they stand, their content octet for octet as it was before transport."""
    leaves = [part for part in message.walk() if not part.is_multipart()]
    return [
        Part(
            number=number,
            content_type=leaf.get_content_type(),
            charset=leaf.get_content_charset("utf-8"),
            disposition=leaf.get_content_disposition() or "",
            filename=leaf.get_filename() or "",
            content=_content(leaf),
        )
        for number, leaf in enumerate(leaves)
    ]


def _content(leaf: EmailMessage) -> bytes:
    octets = leaf.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else b""


def first_text(leaves: list[Part], content_type: str) -> str | None:
    """Return the text of the first part of that type which is not an attachment; None when there is none."""
    shown = (part for part in leaves if part.disposition != "attachment")
    return next((part.text() for part in shown if part.content_type == content_type), None)


def calendar_facts(octets: bytes) -> list[tuple[str, str]]:
    """Read a calendar's first event as pairs of label and value; empty when it cannot be read.

    Start and end stand in the event's own zone, and name it.
    """
    try:
        calendar = Calendar.from_ical(octets)
        event = next(iter(calendar.walk("VEVENT")))
    except Exception:  # whatever it is, it is no calendar
        return []
    return [
        ("Method", str(calendar.get("METHOD", "none"))),
        ("Event", str(event.get("SUMMARY", ""))),
        ("Starts", _moment(event, "DTSTART")),
        ("Ends", _moment(event, "DTEND")),
        ("Where", str(event.get("LOCATION", ""))),
        ("Status", str(event.get("STATUS", ""))),
        ("UID", str(event.get("UID", ""))),
        ("Sequence", str(event.get("SEQUENCE", "0"))),
        ("Description", str(event.get("DESCRIPTION", ""))),
    ]


def _moment(event: Component, name: str) -> str:
    value = event.get(name)
    when = getattr(value, "dt", None)
    if isinstance(when, datetime):
        zone = value.params.get("TZID") or ("UTC" if when.tzinfo else "no zone: the reader's own clock")
        return f"{when:%A %d %B %Y, %H:%M} ({zone})"
    return f"{when:%A %d %B %Y}, all day" if isinstance(when, date) else str(value or "")
