"""How the demo studio is written down: plain values, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class RoomEntry:
    slug: str
    name: str
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A location; `address` as on an envelope. `phones` are the number ranges of its clients: {} is a number."""

    slug: str
    name: str
    time_zone: str
    address: str
    phone: str
    latitude: float
    longitude: float
    rooms: tuple[RoomEntry, ...]
    client_phones: str


@dataclass(frozen=True, slots=True)
class AddOnEntry:
    slug: str
    name: str
    minutes: int
    price: str


@dataclass(frozen=True, slots=True)
class Length:
    """One variation: whole minutes, and the price in the studio's currency."""

    minutes: int
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """A massage. `before` and `after` are the clean-up, `step` the grid, all in minutes.

    `wanted` says how often it is booked, in proportion to the others.
    """

    slug: str
    name: str
    kind: str
    category: str
    description: str
    lengths: tuple[Length, ...]
    wanted: int
    before: int = 0
    after: int = 10
    step: int = 15
    therapists: int = 1
    features: tuple[str, ...] = ()
    add_ons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """Spans of wall-clock time that hold on some weekdays; 0 is Monday. The gaps between spans are breaks."""

    weekdays: tuple[int, ...]
    spans: tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapistEntry:
    """`later` is another week that replaces `week` three weeks from the day of seeding."""

    slug: str
    name: str
    gender: str
    languages: tuple[str, ...]
    bio: str
    skills: tuple[str, ...]
    place: str
    week: tuple[Shift, ...]
    later: tuple[Shift, ...] = ()


def shift(weekdays: str, *spans: str) -> Shift:
    """Return the shift written as `shift("mon tue", "09:00-13:00", "14:00-18:00")`."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Shift(
        tuple(names.index(name) for name in weekdays.split()),
        tuple(_span(span.split("-")) for span in spans),
    )


def _span(ends: Sequence[str]) -> tuple[time, time]:
    return time.fromisoformat(ends[0]), time.fromisoformat(ends[1])
