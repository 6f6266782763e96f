"""Fills the diaries of one place for one day: plain values, the domain's own rules, and no database.

First the day is booked out, visit by visit, with the code that offers slots; then visits are let go until as much
is booked as asked for. So the gaps that remain are ones in which somebody can still book.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from booking.demo.entries import AddOnEntry, PlaceEntry, RoomEntry, ServiceEntry, TherapistEntry
from booking.domain import hours
from booking.domain.intervals import Interval, Minute, subtract
from booking.domain.slots import Diary, RoomDiary, Visit, offers, room_is_free, starts

COUPLES_A_DAY = 0.7
WITH_ADD_ON = 0.2


@dataclass(frozen=True, slots=True)
class Hours:
    """When one therapist works: as in the domain, wall-clock rules and stretches of absence in UTC minutes."""

    week: Sequence[hours.WeeklySpan]
    exceptions: Sequence[hours.DaySpan] = ()
    away: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True)
class Premises:
    """A place with all that works there. `hours` by the therapist's slug; `rooms` includes those for load."""

    place: PlaceEntry
    rooms: Sequence[RoomEntry]
    therapists: Sequence[TherapistEntry]
    hours: Mapping[str, Hours]
    services: Sequence[ServiceEntry]
    add_ons: Mapping[str, AddOnEntry]


@dataclass(frozen=True, slots=True)
class Planned:
    """One visit that takes place, or was to: slugs, and the start in minutes since the epoch, UTC."""

    start: Minute
    visit: Visit
    service: str
    variation: str
    price: str
    add_ons: tuple[str, ...]
    therapists: tuple[str, ...]
    room: str

    @property
    def hands_on(self) -> int:
        """Return the therapists' minutes it takes, clean-up included."""
        start, end = self.visit.occupied(self.start)
        return (end - start) * len(self.therapists)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What somebody might want to book."""

    service: ServiceEntry
    variation: str
    price: str
    add_ons: tuple[str, ...]
    visit: Visit


@dataclass(slots=True)
class Day:
    """A day while it is being filled. `busy` and `taken` ascend, because visits are put in their place."""

    premises: Premises
    openings: dict[str, list[Interval]]
    range: Interval
    busy: dict[str, list[Interval]] = field(default_factory=dict)
    taken: dict[str, list[Interval]] = field(default_factory=dict)
    planned: list[Planned] = field(default_factory=list)

    def diary(self, slug: str) -> Diary:
        return Diary(self.openings[slug], self.premises.hours[slug].away, self.busy.get(slug, []))

    def rooms_for(self, service: ServiceEntry) -> list[RoomEntry]:
        """Return the rooms that suit the service, the plainest first, as booking prefers them."""
        needed = set(service.features)
        suitable = [room for room in self.premises.rooms if needed <= set(room.features)]
        return sorted(suitable, key=lambda room: len(room.features))

    def room_at(self, rooms: Sequence[RoomEntry], visit: Visit, start: Minute) -> RoomEntry | None:
        """Return the first of the rooms that is free, None when all are taken."""
        free = (room for room in rooms if room_is_free(RoomDiary(self.taken.get(room.slug, [])), visit, start))
        return next(free, None)

    def put(self, wanted: Candidate, start: Minute, therapists: Sequence[str], room: RoomEntry) -> None:
        occupied = wanted.visit.occupied(start)
        for slug in therapists:
            self.busy[slug] = sorted([*self.busy.get(slug, []), occupied])
        self.taken[room.slug] = sorted([*self.taken.get(room.slug, []), occupied])
        self.planned.append(
            Planned(
                start=start,
                visit=wanted.visit,
                service=wanted.service.slug,
                variation=wanted.variation,
                price=wanted.price,
                add_ons=wanted.add_ons,
                therapists=tuple(therapists),
                room=room.slug,
            )
        )


def visits_of_day(premises: Premises, on: date, *, fill: float, rng: Random) -> list[Planned]:
    """Return the visits of the local date `on`, by start, that take about `fill` (0 to 1) of the working time.

    The same arguments, and the same state of `rng`, give the same visits. No two share a therapist or a room,
    clean-up included; each could have been booked: within hours, on the grid, in a room that suits it.
    """
    day = _open(premises, on)
    if not any(day.openings.values()):
        return []
    if rng.random() < COUPLES_A_DAY:
        _book_a_couple(day, rng)
    for therapist in rng.sample(list(premises.therapists), len(premises.therapists)):
        _book_out(day, therapist, rng)
    return _thinned(day.planned, to=fill * working_minutes(premises, on), rng=rng)


def working_minutes(premises: Premises, on: date) -> int:
    """Return the minutes that all therapists of the place work on that date, absences left out."""
    day = _open(premises, on)
    return sum(
        end - start
        for slug, openings in day.openings.items()
        for opening in openings
        for start, end in subtract(opening, premises.hours[slug].away)
    )


def _open(premises: Premises, on: date) -> Day:
    zone = premises.place.time_zone
    openings = {
        slug: hours.openings(rules.week, rules.exceptions, on=[on], zone=zone) for slug, rules in premises.hours.items()
    }
    return Day(premises, openings, hours.local_day(on, zone))


def _book_a_couple(day: Day, rng: Random) -> None:
    for service in day.premises.services:
        if service.therapists == 2:
            able = [entry.slug for entry in day.premises.therapists if service.slug in entry.skills]
            rooms = day.rooms_for(service)
            wanted = _candidate(day, service, rng)
            diaries = [day.diary(slug) for slug in able]
            free = offers(
                diaries, [RoomDiary()] * len(rooms), wanted.visit, earliest=day.range[0], latest=day.range[1]
            ).by_start
            if free:
                start = rng.choice(list(free))
                two = sorted(rng.sample(free[start], 2))
                day.put(wanted, start, [able[index] for index in two], rooms[0])


def _book_out(day: Day, therapist: TherapistEntry, rng: Random) -> None:
    """Give the therapist visit after visit until nothing fits any more."""
    alone = [entry for entry in day.premises.services if entry.slug in therapist.skills and entry.therapists == 1]
    if not alone:
        return
    quickest = min(alone, key=lambda entry: entry.lengths[0].minutes)
    cursor = day.range[0]
    while True:
        popular = rng.choices(alone, [entry.wanted for entry in alone], k=2)
        wishes = [_candidate(day, service, rng) for service in popular] + [_shortest(quickest)]
        found = [place for wish in wishes for place in _first_place(day, therapist.slug, wish, earliest=cursor)]
        if not found:
            return
        start, room, wanted = min(found, key=lambda place: place[0])
        day.put(wanted, start, [therapist.slug], room)
        cursor = start + wanted.visit.duration


def _first_place(
    day: Day, therapist: str, wanted: Candidate, *, earliest: Minute
) -> Iterator[tuple[Minute, RoomEntry, Candidate]]:
    """Yield the first start from `earliest` on at which therapist and room are free, if there is one."""
    rooms = day.rooms_for(wanted.service)
    for start in starts(day.diary(therapist), wanted.visit, earliest=earliest, latest=day.range[1]):
        room = day.room_at(rooms, wanted.visit, start)
        if room is not None:
            yield start, room, wanted
            return


def _candidate(day: Day, service: ServiceEntry, rng: Random) -> Candidate:
    length = rng.choice(service.lengths)
    extra = rng.random() < WITH_ADD_ON
    add_ons = (rng.choice(service.add_ons),) if extra and service.add_ons else ()
    more = sum(day.premises.add_ons[slug].minutes for slug in add_ons)
    visit = _visit(service, length.minutes + more)
    return Candidate(service, f"{service.slug}-{length.minutes}", length.price, add_ons, visit)


def _shortest(service: ServiceEntry) -> Candidate:
    length = service.lengths[0]
    return Candidate(service, f"{service.slug}-{length.minutes}", length.price, (), _visit(service, length.minutes))


def _visit(service: ServiceEntry, duration: int) -> Visit:
    return Visit(duration, service.before, service.after, service.step, service.therapists)


def _thinned(planned: list[Planned], *, to: float, rng: Random) -> list[Planned]:
    """Return the visits without some, chosen by chance, so that those left take about `to` minutes."""
    left = sum(visit.hands_on for visit in planned)
    kept: list[Planned] = []
    for visit in rng.sample(planned, len(planned)):
        if left - visit.hands_on / 2 > to:
            left -= visit.hands_on
        else:
            kept.append(visit)
    return sorted(kept, key=lambda visit: (visit.start, visit.therapists))
