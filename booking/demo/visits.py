"""Writes the appointments of the demo studio: whole, with assignments and history, and nobody is told.

Rows go in by the thousand instead of through the actions, because load means tens of thousands. What decides about
a visit is the domain's code all the same, and PostgreSQL's constraints have the last word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.text import slugify

from booking.access import Caller
from booking.actions.record import agree_on, history_of, snapshot
from booking.demo import people, studio
from booking.demo.diary import Planned, Premises, visits_of_day
from booking.demo.house import House
from booking.demo.lives import Life, life_of
from booking.demo.loading import copy_in
from booking.domain import hours, status
from booking.domain.intervals import instant_of
from booking.models import Appointment, Assignment, Client, HistoryEntry, Room, Source
from booking.models.references import ALPHABET, LENGTH

PAST_DAYS = 14
BATCH = 1_000
FULL_THIS_WEEK = 0.62
FULL_IN_A_MONTH = 0.25
ATTENDED = (status.ARRIVED, status.FULFILLED, status.NOSHOW)
NOTES_WANTED = 0.85
NOTES_WANTED_OF_THE_PAST = 0.15  # or the first tick would send follow-ups to half the town
BY_CLIENT = Caller("anyone", "client", channel="command")
BY_DESK = Caller("staff", "desk@example.com", channel="command")


@dataclass(frozen=True, slots=True)
class Page:
    """One local day of one place, ready to be written."""

    on: date
    appointments: list[Appointment]
    assignments: list[Assignment]
    history: list[HistoryEntry]


def days_to_fill(house: House, *, days: int, now: datetime) -> list[tuple[Premises, date]]:
    """Return each place with each local date from two weeks ago to `days` from now, in order of date."""
    found = [
        (premises, today + timedelta(days=offset))
        for premises in house.premises
        for today in [hours.local_date(now, premises.place.time_zone)]
        for offset in range(-PAST_DAYS, days + 1)
    ]
    return sorted(found, key=lambda pair: (pair[1], pair[0].place.slug))


def pages(
    house: House, to_fill: list[tuple[Premises, date]], *, fill: float | None, seed: int, now: datetime
) -> Iterator[Page]:
    """Yield the visits of each day as unsaved rows; `fill` None is full this week and thinner later on."""
    for premises, on in to_fill:
        share = usual_fill((on - hours.local_date(now, premises.place.time_zone)).days) if fill is None else fill
        rng = Random(f"{seed} {premises.place.slug} {on}")  # noqa: S311 - a demo, not a secret
        planned = visits_of_day(premises, on, fill=share, rng=rng)
        yield _page(house, premises, on, planned, rng=rng, now=now)


def usual_fill(days_ahead: int) -> float:
    """Return how full a day is, 0 to 1: most people book for this week."""
    beyond_this_week = min(max(0, days_ahead - 6), 24) / 24
    return FULL_THIS_WEEK - (FULL_THIS_WEEK - FULL_IN_A_MONTH) * beyond_this_week


def write(found: Iterator[Page]) -> Iterator[int]:
    """Write the pages in batches; yield how many appointments each page has, once it has been taken in."""
    waiting: list[Page] = []
    for page in found:
        waiting.append(page)
        if sum(len(each.appointments) for each in waiting) >= BATCH:
            _flush(waiting)
            waiting = []
        yield len(page.appointments)
    _flush(waiting)


def _flush(waiting: list[Page]) -> None:
    copy_in([row for page in waiting for row in page.appointments])
    assignments = [row for page in waiting for row in page.assignments]
    history = [row for page in waiting for row in page.history]
    # Their appointments have keys only now.
    for assignment in assignments:
        assignment.appointment_id = assignment.appointment.pk
    for entry in history:
        entry.appointment_id = entry.appointment.pk
    copy_in(assignments)
    copy_in(history)


def _page(house: House, premises: Premises, on: date, planned: list[Planned], *, rng: Random, now: datetime) -> Page:
    page = Page(on, [], [], [])
    strangers = list(house.clients[premises.place.slug])
    rng.shuffle(strangers)  # nobody comes twice a day
    for visit in planned:
        start_at = instant_of(visit.start)
        end_at = start_at + timedelta(minutes=visit.visit.duration)
        deadline = house.services[visit.service].change_deadline_minutes
        life = life_of(start_at, end_at, deadline_minutes=deadline, rng=rng, now=now)
        appointment = _appointment(house, premises, visit, life, client=strangers.pop(), rng=rng)
        page.appointments.append(appointment)
        page.assignments.extend(
            Assignment(
                appointment=appointment,
                therapist=house.therapists[slug],
                occupied=appointment.occupied,
                blocks=appointment.blocks,
                before_minutes=visit.visit.before,
                after_minutes=visit.visit.after,
                load_minutes=visit.visit.duration * house.services[visit.service].load_percent // 100,
            )
            for slug in visit.therapists
        )
        page.history.extend(_history(appointment, list(visit.therapists), life))
    return page


def _appointment(
    house: House, premises: Premises, visit: Planned, life: Life, *, client: Client, rng: Random
) -> Appointment:
    start, end = visit.visit.occupied(visit.start)
    start_at = instant_of(visit.start)
    extras = [house.add_ons[slug] for slug in visit.add_ons]
    cancelled = life.status == status.CANCELLED
    appointment = Appointment(
        reference="".join(rng.choices(ALPHABET, k=LENGTH)),
        uid=UUID(int=rng.getrandbits(128), version=4),
        status=life.status,
        blocks=life.status in status.BLOCKING,
        version=len(life.changes),
        sequence=1 if cancelled else 0,
        location=house.locations[premises.place.slug],
        room=house.rooms[visit.room],
        service=house.services[visit.service],
        variation=house.variations[visit.variation],
        add_ons=[extra.name for extra in extras],
        client=client,
        start_at=start_at,
        end_at=start_at + timedelta(minutes=visit.visit.duration),
        occupied=DateTimeTZRange(instant_of(start), instant_of(end)),
        price_amount=Decimal(visit.price) + sum((extra.price_amount for extra in extras), Decimal(0)),
        price_currency=studio.CURRENCY,
        change_deadline_minutes=house.services[visit.service].change_deadline_minutes,
        requested_therapist=rng.random() < 0.35,
        note=rng.choice(people.NOTES) if rng.random() < 0.1 else "",
        source=Source.PHONE if rng.random() < 0.2 or not client.email else Source.ONLINE,
        tips=rng.random() < (NOTES_WANTED_OF_THE_PAST if life.is_over else NOTES_WANTED),
        notify=rng.random() < 0.97,
        cancelled_at=life.changed_at if cancelled else None,
        late=life.late,
        created_at=life.booked_at,
    )
    if len(visit.therapists) > 1:
        _bring_partner(appointment, rng)
    agree_on(appointment, zone=premises.place.time_zone, now=life.booked_at)
    appointment.changed_at = life.changed_at
    return appointment


def _bring_partner(appointment: Appointment, rng: Random) -> None:
    first, family = rng.choice(people.FIRST_NAMES), rng.choice(people.FAMILY_NAMES)
    appointment.partner_name = f"{first} {family}"
    appointment.partner_email = f"{slugify(first)}.{slugify(family)}@example.org" if rng.random() < 0.5 else ""


def _slug_of(room: Room | None) -> str | None:
    return room.slug if room else None


def _history(appointment: Appointment, therapists: list[str], life: Life) -> Iterator[HistoryEntry]:
    before: dict[str, object] = {}
    for change in life.changes:
        first = change is life.changes[0]
        after = (
            snapshot(appointment, therapists=therapists, room=_slug_of(appointment.room)) | {"status": change.to}
            if first
            else {"status": change.to}
        )
        by = BY_DESK if appointment.source == Source.PHONE or change.to in ATTENDED else BY_CLIENT
        yield history_of(appointment, change.action, by=by, now=change.at, before=before, after=after)
        before = {"status": change.to}
