"""Rules the desk sets aside knowingly: which, why, and what that does to the neighbours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from booking import errors
from booking.access import Caller
from booking.actions.expire import release_expired
from booking.actions.offer import Place, place_at
from booking.actions.record import history_of
from booking.domain import hours, reasons, status
from booking.domain.diary import Diary, RoomDiary, Visit
from booking.domain.intervals import Interval, instant_of, minute_of
from booking.models import Appointment
from booking.queries import Agenda, Wanted, agenda_around, therapists

NOTICE, HORIZON, OUTSIDE_HOURS = reasons.NOTICE, reasons.HORIZON, reasons.OUTSIDE_HOURS
DAILY_LIMIT, REST, CLEAN_UP, GAP = reasons.DAILY_LIMIT, reasons.REST, reasons.CLEAN_UP, reasons.GAP
RULES = (NOTICE, HORIZON, OUTSIDE_HOURS, DAILY_LIMIT, REST, CLEAN_UP, GAP)


@dataclass(frozen=True, slots=True)
class Override:
    """Some of RULES, and the reason that is kept in the history. `gap` lifts the grid of starts, too."""

    rules: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def lifts_clean_up(self) -> bool:
        return CLEAN_UP in self.rules

    def needed(self, book: Agenda, place: Place) -> list[str]:
        """Return the rules, sorted, when with all of them in force the place is not offered with its therapists."""
        if not self.rules or set(place.therapist_slugs) <= _offered(book, place.start_at):
            return []
        return sorted(self.rules)


NOTHING = Override()


def place_anyway(
    wanted: Wanted,
    start_at: datetime,
    *,
    override: Override,
    prefer: Sequence[str] = (),
    now: datetime,
    **about: Any,
) -> tuple[Place, Agenda]:
    """Return the place with the rules lifted, and the agenda with them in force.

    Where the start is offered anyway, with those to `prefer`, no rule is lifted: nobody works more than their hands
    bear while somebody else is free. Without its clean-up a place occupies the visit alone: make_way gives it as much
    as its neighbours leave. `about` goes to agenda_around. Raises as place_at does.
    """
    book = agenda_around(wanted, start_at, now=now, closer=override.lifts_clean_up, **about)
    offered = _offered(book, start_at)
    if offered and offered.issuperset(prefer):
        return place_at(book, start_at, prefer=prefer, named=wanted.therapist), book
    free = lifted(book, override.rules, now=now, here=_working_here(wanted))
    return place_at(free, start_at, prefer=prefer, named=wanted.therapist), book


def _offered(book: Agenda, start_at: datetime) -> set[str]:
    """Return who is offered at this start, by slug; nobody when it is not offered."""
    start = minute_of(start_at)
    return {book.therapist_slugs[index] for index in book.offers(first=start, last=start).by_start.get(start, ())}


def _working_here(wanted: Wanted) -> set[str]:
    """Return the slugs of those who ever work at the location, and of the one asked for by name."""
    here = therapists(location=wanted.location.slug).values_list("slug", flat=True)
    return {*here, *([wanted.therapist] if wanted.therapist else [])}


def lifted(book: Agenda, rules: frozenset[str], *, now: datetime, here: Collection[str]) -> Agenda:
    """Return the agenda as it is without these rules. Nobody is booked into a day that is over.

    Only who is `here`, by slug, is asked to work outside their hours: the others may be in another town.
    """
    zone = book.wanted.location.time_zone
    today = hours.local_day(hours.local_date(now, zone), zone)[0]
    visit = book.visit.at_any_minute() if rules & {GAP, OUTSIDE_HOURS} else book.visit
    if CLEAN_UP in rules:
        visit = replace(visit, before=0, after=0)
    return replace(
        book,
        visit=visit,
        diaries=[
            _lifted(diary, book, index, rules if book.therapist_slugs[index] in here else rules - {OUTSIDE_HOURS})
            for index, diary in enumerate(book.diaries)
        ],
        rooms=_without_clean_up(book) if CLEAN_UP in rules else book.rooms,
        earliest=min(book.earliest, max(today, book.within[0])) if NOTICE in rules else book.earliest,
        latest=max(book.latest, book.within[1] - 1) if HORIZON in rules else book.latest,
    )


def _lifted(diary: Diary, book: Agenda, index: int, rules: frozenset[str]) -> Diary:
    limits = diary.limits
    if limits is not None and DAILY_LIMIT in rules:
        limits = replace(limits, a_day=None, a_week=None)
    if limits is not None and REST in rules:
        limits = replace(limits, longest_stretch=None)
    busy = _bare(book, book.therapist_ids[index], diary.busy) if CLEAN_UP in rules else diary.busy
    openings = [book.within] if OUTSIDE_HOURS in rules else diary.openings
    return replace(diary, openings=openings, busy=busy, held=(), limits=limits)


def _without_clean_up(book: Agenda) -> list[RoomDiary] | None:
    if book.rooms is None:
        return None
    return [
        RoomDiary(_bare(book, -room_id, room.busy)) for room_id, room in zip(book.room_ids, book.rooms, strict=True)
    ]


def _bare(book: Agenda, key: int, busy: Sequence[Interval]) -> Sequence[Interval]:
    visits = book.bare_visits(key, busy)
    return busy if visits is None else visits


def make_way(place: Place, visit: Visit, *, by: Caller, now: datetime, moved: Appointment | None = None) -> Place:
    """Return the place with as much of the visit's clean-up as its neighbours leave, and cut theirs where it must be.

    A neighbour's clean-up gives way to the visit itself, never the other way round, and no visit is touched. What
    was cut stands in the neighbour's history; a hold has none, and has less clean-up when it is booked. What has
    expired is no neighbour. The caller holds the lock of the days; `moved` is what is to stand there, and no
    neighbour of itself. Raises errors.SlotTaken when a visit has just come to stand there, booked at another location.
    """
    lower, upper = (instant_of(minute) for minute in visit.occupied(minute_of(place.start_at)))
    release_expired(DateTimeTZRange(lower, upper), now=now)
    for other in _neighbours(place, lower, upper, moved=moved):
        theirs = other.occupied
        if other.end_at <= place.start_at:
            lower = max(lower, min(theirs.upper, place.start_at))
            _cut(other, DateTimeTZRange(theirs.lower, min(theirs.upper, place.start_at)), by=by, now=now)
        elif other.start_at < place.end_at:
            raise errors.SlotTaken("This time has just been taken.")
        else:
            upper = min(upper, max(theirs.lower, place.end_at))
            _cut(other, DateTimeTZRange(max(theirs.lower, place.end_at), theirs.upper), by=by, now=now)
    return replace(
        place,
        occupied=(minute_of(lower), minute_of(upper)),
        before=_minutes(place.start_at - lower),
        after=_minutes(upper - place.end_at),
    )


def _neighbours(place: Place, lower: datetime, upper: datetime, *, moved: Appointment | None) -> list[Appointment]:
    here = Q(assignments__therapist__in=place.therapist_ids)
    if place.room_id is not None:
        here |= Q(room=place.room_id)
    keys = Appointment.objects.filter(here, blocks=True, occupied__overlap=DateTimeTZRange(lower, upper))
    if moved is not None:
        keys = keys.exclude(pk=moved.pk)
    rows = Appointment.objects.select_for_update(of=("self",)).filter(pk__in=keys.values("pk"))
    return list(rows.order_by("pk"))


def _cut(other: Appointment, occupied: DateTimeTZRange, *, by: Caller, now: datetime) -> None:
    if occupied == other.occupied:
        return
    before = {"occupied_from": other.occupied.lower.isoformat(), "occupied_until": other.occupied.upper.isoformat()}
    after = {"occupied_from": occupied.lower.isoformat(), "occupied_until": occupied.upper.isoformat()}
    other.occupied, other.changed_at = occupied, now
    other.version += 1
    other.save(update_fields=["occupied", "changed_at", "version"])
    other.assignments.update(
        before_minutes=_minutes(other.start_at - occupied.lower), after_minutes=_minutes(occupied.upper - other.end_at)
    )
    if other.status != status.HELD:
        history_of(other, "clean-up-cut", by=by, now=now, before=before, after=after).save(force_insert=True)


def _minutes(length: timedelta) -> int:
    return int(length / timedelta(minutes=1))
