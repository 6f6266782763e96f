"""Puts the studio itself down: places, rooms, services, therapists and their hours, clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils.text import slugify

from booking.demo import absences, people, studio
from booking.demo.diary import Hours, Premises
from booking.demo.entries import PlaceEntry, RoomEntry, ServiceEntry, TherapistEntry
from booking.domain.hours import local_date
from booking.domain.intervals import instant_of
from booking.models import (
    AddOn,
    Client,
    Closure,
    DateOverride,
    Location,
    Room,
    Service,
    Studio,
    Therapist,
    TimeOff,
    Variation,
    WeeklyHours,
)
from booking.models.references import ALPHABET, LENGTH

FIRST_CLIENT_CAME = timedelta(days=200)
WITHOUT_ADDRESS = 0.05
CLIENTS_A_THERAPIST = 25
DAYS_THEY_FILL = 45


@dataclass(frozen=True, slots=True)
class House:
    """What was put down: the plain values by place, and the rows by slug. `clients` by the place's slug."""

    premises: Sequence[Premises]
    locations: dict[str, Location]
    rooms: dict[str, Room]
    services: dict[str, Service]
    variations: dict[str, Variation]
    add_ons: dict[str, AddOn]
    therapists: dict[str, Therapist]
    clients: dict[str, list[Client]]


def build(*, therapists: int, days: int, seed: int, now: datetime) -> House:
    """Write the studio with so many therapists, and clients enough for so many days.

    Raises ValueError when there are no names for so many therapists.
    """
    slugs = tuple(place.slug for place in studio.PLACES)
    premises = [_premises(place, people.therapists(therapists, places=slugs), now=now) for place in studio.PLACES]
    Studio.objects.create(
        pk=1,
        name=studio.NAME,
        mail_address=studio.MAIL_ADDRESS,
        reply_to=studio.REPLY_TO,
        currency=studio.CURRENCY,
        tips_by_default=True,
        conflicting_notes=False,
    )
    services = _write_services()
    locations = {each.place.slug: _write_place(each) for each in premises}
    return House(
        premises=premises,
        locations=locations,
        rooms={room.slug: room for room in Room.objects.all()},
        services=services,
        variations={variation.slug: variation for variation in Variation.objects.all()},
        add_ons={add_on.slug: add_on for add_on in AddOn.objects.all()},
        therapists={
            entry.slug: _write_therapist(entry, each, locations[each.place.slug], services, now=now)
            for each in premises
            for entry in each.therapists
        },
        clients=_write_clients(therapists, days=days, rng=Random(f"{seed} clients"), now=now),  # noqa: S311 - a demo
    )


def _premises(place: PlaceEntry, everybody: Sequence[TherapistEntry], *, now: datetime) -> Premises:
    today = local_date(now, place.time_zone)
    here = [entry for entry in everybody if entry.place == place.slug]
    more = max(0, len(here) - len(people.NAMED) // len(studio.PLACES))
    return Premises(
        place=place,
        rooms=(*place.rooms, *(RoomEntry(f"{place.slug}-{n + 1}", f"Room {n + 1}") for n in range(more))),
        therapists=here,
        hours={entry.slug: absences.hours_of(entry, place, today=today) for entry in here},
        services=studio.SERVICES,
        add_ons={add_on.slug: add_on for add_on in studio.ADD_ONS},
    )


def _write_services() -> dict[str, Service]:
    add_ons = {
        entry.slug: AddOn.objects.create(
            slug=entry.slug, name=entry.name, duration_minutes=entry.minutes, price_amount=entry.price
        )
        for entry in studio.ADD_ONS
    }
    return {entry.slug: _write_service(entry, [add_ons[slug] for slug in entry.add_ons]) for entry in studio.SERVICES}


def _write_service(entry: ServiceEntry, add_ons: list[AddOn]) -> Service:
    service = Service.objects.create(
        slug=entry.slug,
        name=entry.name,
        description=entry.description,
        category=entry.category,
        kind=entry.kind,
        therapists_required=entry.therapists,
        room_features=list(entry.features),
        step_minutes=entry.step,
    )
    service.add_ons.set(add_ons)
    Variation.objects.bulk_create(
        Variation(
            slug=f"{entry.slug}-{length.minutes}",
            service=service,
            duration_minutes=length.minutes,
            clean_up_before_minutes=entry.before,
            clean_up_after_minutes=entry.after,
            price_amount=length.price,
        )
        for length in entry.lengths
    )
    return service


def _write_place(premises: Premises) -> Location:
    place = premises.place
    location = Location.objects.create(
        slug=place.slug,
        name=place.name,
        time_zone=place.time_zone,
        address=place.address,
        phone=place.phone,
        latitude=place.latitude,
        longitude=place.longitude,
    )
    Room.objects.bulk_create(
        Room(slug=room.slug, name=room.name, location=location, features=list(room.features)) for room in premises.rooms
    )
    return location


def _write_therapist(
    entry: TherapistEntry, premises: Premises, location: Location, services: dict[str, Service], *, now: datetime
) -> Therapist:
    therapist = Therapist.objects.create(
        slug=entry.slug, name=entry.name, bio=entry.bio, languages=list(entry.languages), gender=entry.gender
    )
    therapist.skills.set([services[slug] for slug in entry.skills])
    rules: Hours = premises.hours[entry.slug]
    WeeklyHours.objects.bulk_create(
        WeeklyHours(
            therapist=therapist,
            location=location,
            weekday=span.weekday,
            opens=span.opens,
            closes=span.closes,
            valid_from=span.valid_from,
            valid_until=span.valid_until,
        )
        for span in rules.week
    )
    DateOverride.objects.bulk_create(
        DateOverride(therapist=therapist, location=location, on=span.on, opens=span.opens, closes=span.closes)
        for span in rules.exceptions
    )
    _write_absences(therapist, location, now=now)
    return therapist


def _write_absences(therapist: Therapist, location: Location, *, now: datetime) -> None:
    today, zone = local_date(now, location.time_zone), location.time_zone
    for away in absences.TIME_OFF:
        if away.who == therapist.slug:
            start, end = map(instant_of, away.during(today, zone))
            TimeOff.objects.create(therapist=therapist, start_at=start, end_at=end, reason=away.reason)
    for away in absences.CLOSURES:
        if away.who == location.slug:
            start, end = map(instant_of, away.during(today, zone))
            Closure.objects.get_or_create(location=location, start_at=start, end_at=end, reason=away.reason)


def _write_clients(therapists: int, *, days: int, rng: Random, now: datetime) -> dict[str, list[Client]]:
    """Write as many clients for each place as come about once a week, a twentieth of them without an address."""
    wanted = max(8, therapists) * CLIENTS_A_THERAPIST * max(1, days // DAYS_THEY_FILL)
    names = people.client_names(min(wanted, people.MOST_CLIENTS))
    rng.shuffle(names)
    found: dict[str, list[Client]] = {place.slug: [] for place in studio.PLACES}
    for number, (first, family) in enumerate(names):
        place = studio.PLACES[number % len(studio.PLACES)]
        address = f"{slugify(first)}.{slugify(family)}@example.{rng.choice(('com', 'org'))}"
        found[place.slug].append(
            Client(
                reference="".join(rng.choices(ALPHABET, k=LENGTH)),
                name=f"{first} {family}",
                email="" if rng.random() < WITHOUT_ADDRESS else address,
                phone=place.client_phones.format(number % 100) if rng.random() < 0.6 else "",
                time_zone=place.time_zone,
                language="en",
                created_at=now - FIRST_CLIENT_CAME,
            )
        )
    Client.objects.bulk_create((client for group in found.values() for client in group), batch_size=1_000)
    return found
