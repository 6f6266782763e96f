"""The seven readers, each behind the same question: what does this calendar object say?"""

import json
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import icalendar
import recurring_ical_events
import vobject

from tests.peers import libical

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ics 0.7 is built on a parser with old escapes in its strings
    import ics

NODE_READER = Path(__file__).with_name("read.mjs")
NODE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader understood. `start` and `end` are seconds since 1970; None is what a reader has no answer for."""

    uid: str
    start: int
    end: int
    summary: str
    description: str
    location: str
    method: str | None
    status: str
    sequence: int | None
    organizer: str | None
    organizer_name: str | None
    attendee: str | None
    attendee_name: str | None


def _event_reading(calendar: icalendar.Calendar, event: Any) -> Reading:
    organizer, attendee = event.get("ORGANIZER"), event.get("ATTENDEE")
    return Reading(
        uid=str(event["UID"]),
        start=int(event["DTSTART"].dt.timestamp()),
        end=int(event["DTEND"].dt.timestamp()),
        summary=str(event["SUMMARY"]),
        description=str(event["DESCRIPTION"]),
        location=str(event["LOCATION"]),
        method=str(calendar["METHOD"]),
        status=str(event["STATUS"]),
        sequence=int(event["SEQUENCE"]),
        organizer=str(organizer),
        organizer_name=str(organizer.params["CN"]),
        attendee=str(attendee) if attendee else None,
        attendee_name=str(attendee.params["CN"]) if attendee else None,
    )


def read_with_icalendar(content: bytes) -> Reading:
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.events
    return _event_reading(calendar, event)


def read_with_recurring_ical_events(content: bytes) -> Reading:
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = recurring_ical_events.of(calendar).all()
    return _event_reading(calendar, event)


def read_with_vobject(content: bytes) -> Reading:
    calendar = vobject.readOne(content.decode())
    event = calendar.vevent
    attendee = getattr(event, "attendee", None)
    return Reading(
        uid=event.uid.value,
        start=int(event.dtstart.value.timestamp()),
        end=int(event.dtend.value.timestamp()),
        summary=event.summary.value,
        description=event.description.value,
        location=event.location.value,
        method=calendar.method.value,
        status=event.status.value,
        sequence=int(event.sequence.value),
        organizer=event.organizer.value,
        organizer_name=event.organizer.params["CN"][0],
        attendee=attendee.value if attendee else None,
        attendee_name=attendee.params["CN"][0] if attendee else None,
    )


def read_with_ics(content: bytes) -> Reading:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calendar = ics.Calendar(content.decode())
    (event,) = calendar.events
    attendee = next(iter(event.attendees), None)
    return Reading(
        uid=event.uid,
        start=int(event.begin.timestamp()),
        end=int(event.end.timestamp()),
        summary=event.name,
        description=event.description,
        location=event.location,
        method=calendar.method,
        status=event.status,
        sequence=None,
        organizer=f"mailto:{event.organizer.email.removeprefix('mailto:')}",
        organizer_name=event.organizer.common_name,
        attendee=f"mailto:{attendee.email.removeprefix('mailto:')}" if attendee else None,
        attendee_name=attendee.common_name if attendee else None,
    )


def read_with_libical(content: bytes) -> Reading:
    return Reading(**libical.read(content))


def read_with_ical_js(content: bytes) -> Reading:
    return _read_in_node("ical.js", content)


def read_with_node_ical(content: bytes) -> Reading:
    return _read_in_node("node-ical", content)


def _read_in_node(reader: str, content: bytes) -> Reading:
    answer = subprocess.run(
        ["node", str(NODE_READER), reader], input=content, capture_output=True, timeout=NODE_SECONDS, check=False
    )
    assert answer.returncode == 0, f"{reader} did not read it (see tests/peers/README.md): {answer.stderr.decode()}"
    return Reading(**json.loads(answer.stdout))


Reader = Callable[[bytes], Reading]
IN_PYTHON: dict[str, Reader] = {
    "icalendar": read_with_icalendar,
    "recurring-ical-events": read_with_recurring_ical_events,
    "vobject": read_with_vobject,
    "ics": read_with_ics,
}
ELSEWHERE: dict[str, Reader] = {
    "ical.js": read_with_ical_js,
    "node-ical": read_with_node_ical,
    "libical": read_with_libical,
}
