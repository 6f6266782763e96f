"""Invites to Kim's visit, and what stands in them."""

import re
from typing import Any

import icalendar

from booking.events import AppointmentFacts
from booking.ical import invite
from tests.booking.visits import MANAGE, STAMPED_AT, visit


def confirmed(facts: AppointmentFacts | None = None, **changes: Any) -> bytes:
    wanted: dict[str, Any] = {"method": "REQUEST", "recipient": "client", "stamped_at": STAMPED_AT, "url": MANAGE}
    return invite(facts or visit(), **(wanted | changes))


def cancelled(facts: AppointmentFacts | None = None, **changes: Any) -> bytes:
    return confirmed(facts or visit(status="cancelled", sequence=1), method="CANCEL", **changes)


def lines_of(content: bytes) -> list[str]:
    """The content lines, unfolded."""
    return content.decode().replace("\r\n ", "").split("\r\n")[:-1]


def values(content: bytes, name: str) -> list[str]:
    return [line.split(":", 1)[1] for line in lines_of(content) if re.match(rf"{name}[:;]", line)]


def value(content: bytes, name: str) -> str:
    (only,) = values(content, name)
    return only


def event_in(content: bytes) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(content).events
    return event
