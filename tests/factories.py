"""A small studio, made of rows: anna and ben are therapists, kim books, sam is a stranger.

The clock of these tests stands at NOW, a Monday morning in Berlin; visits are on TUESDAY unless a test says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from booking.access import digest as digest_of
from booking.access import new_token
from booking.models import (
    AddOn,
    ApiKey,
    Location,
    Room,
    Service,
    Studio,
    Therapist,
    Variation,
    WeeklyHours,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TUESDAY = date(2026, 12, 1)
EVERY_DAY = range(7)


def studio(**changes: Any) -> Studio:
    """Return the business; a client may have as many visits ahead as a test likes, unless it says otherwise."""
    facts: dict[str, Any] = {"name": "Stillwater", "mail_address": "hello@stillwater.example", "currency": "EUR"}
    facts |= {"open_appointments_per_client": 0}
    return Studio.objects.update_or_create(pk=1, defaults=facts | changes)[0]


def location(slug: str = "harbour", zone: str = "Europe/Berlin", **changes: Any) -> Location:
    facts = {"name": slug.title(), "address": "Kai 1\n20457 Hamburg", "phone": "+49 40 1234567"}
    return Location.objects.create(slug=slug, time_zone=zone, **(facts | changes))


def room(slug: str, place: Location, *features: str) -> Room:
    return Room.objects.create(slug=slug, name=slug.title(), location=place, features=list(features))


def service(slug: str = "swedish", **changes: Any) -> Service:
    facts = {"name": slug.title(), "kind": "swedish", "step_minutes": 30}
    return Service.objects.create(slug=slug, **(facts | changes))


def variation(what: Service, minutes: int = 60, *, before: int = 0, after: int = 0, price: str = "95.00") -> Variation:
    return Variation.objects.create(
        slug=f"{what.slug}-{minutes}",
        service=what,
        duration_minutes=minutes,
        clean_up_before_minutes=before,
        clean_up_after_minutes=after,
        price_amount=Decimal(price),
    )


def add_on(slug: str, *services: Service, minutes: int = 15, price: str = "12.50") -> AddOn:
    made = AddOn.objects.create(slug=slug, name=slug.title(), duration_minutes=minutes, price_amount=Decimal(price))
    made.services.add(*services)
    return made


def therapist(slug: str, *skills: Service, gender: str = "female") -> Therapist:
    made = Therapist.objects.create(slug=slug, name=slug.title(), gender=gender, languages=["en"])
    made.skills.add(*skills)
    return made


def works(
    who: Therapist,
    place: Location,
    opens: time = time(9),
    closes: time = time(18),
    *,
    weekdays: Iterable[int] = EVERY_DAY,
) -> None:
    WeeklyHours.objects.bulk_create(
        WeeklyHours(therapist=who, location=place, weekday=day, opens=opens, closes=closes, valid_from=date(2020, 1, 1))
        for day in weekdays
    )


def api_key(*scopes: str, name: str = "desk app") -> str:
    """Return a new key; only its hash is kept."""
    key = new_token()
    ApiKey.objects.create(name=name, prefix=key[:8], digest=digest_of(key), scopes=list(scopes), created_at=NOW)
    return key


@dataclass(frozen=True)
class House:
    """What most tests stand in: two therapists, a plain room and one for couples, three services."""

    harbour: Location
    anna: Therapist
    ben: Therapist
    swedish: Service
    hour: Variation
    long: Variation
    couples: Variation
    scalp: AddOn
    rooms: list[Room] = field(default_factory=list)


def house(zone: str = "Europe/Berlin") -> House:
    """Open from 9 to 18 every day; an hour of Swedish has a quarter of clean-up after it."""
    studio()
    harbour = location(zone=zone)
    swedish = service()
    pair = service("couples", kind="couples", therapists_required=2, room_features=["couples"])
    anna, ben = therapist("anna", swedish, pair), therapist("ben", swedish, pair, gender="male")
    for who in (anna, ben):
        works(who, harbour)
    return House(
        harbour=harbour,
        anna=anna,
        ben=ben,
        swedish=swedish,
        hour=variation(swedish, after=15),
        long=variation(swedish, 90, after=15, price="130.00"),
        couples=variation(pair, after=15, price="180.00"),
        scalp=add_on("scalp", swedish),
        rooms=[room("blue", harbour), room("suite", harbour, "couples")],
    )


def at(clock: str, on: date = TUESDAY, zone: str = "Europe/Berlin") -> str:
    """Return the instant at which clocks in `zone` show it, as callers write it."""
    return datetime.combine(on, time.fromisoformat(clock), ZoneInfo(zone)).isoformat()


def guest(name: str = "Kim Larsen", email: str = "kim@example.com", **more: Any) -> dict[str, Any]:
    return {"name": name, "email": email, **more}
