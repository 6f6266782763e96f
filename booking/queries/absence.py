"""Appointments that an absence has come to lie over, and where each of them could go instead."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nsmallest

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from booking.domain import hours, status
from booking.domain.intervals import Minute, instant_of, minute_after, minute_of
from booking.models import Appointment, Assignment, Closure, TimeOff
from booking.queries.agenda import Agenda, agenda
from booking.queries.catalogue import Wanted, wanted_again

Absence = TimeOff | Closure
SEARCHED_DAYS = 14
RINGS = (1, 4, SEARCHED_DAYS)
MOST_STARTS = 3


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Where a visit could go, at its own location.

    `therapists` could take it at the time it has, by slug. `starts` are the nearest with the same therapist,
    `starts_with_anyone` with whoever is free then; at most three of each, nearest first, UTC, none the present one.
    """

    therapists: list[str]
    starts: list[datetime]
    starts_with_anyone: list[tuple[datetime, list[str]]]


def affected(absence: Absence, *, now: datetime) -> list[Appointment]:
    """Return the appointments that could not be offered any more because of `absence`, by start.

    Those of clients that are not over: pending and booked, no holds. The absence is rounded to whole minutes as
    the offers round it, and meets the clean-up only where the clean-up must lie within the hours.
    """
    first, last = instant_of(minute_of(absence.start_at)), instant_of(minute_after(absence.end_at))
    over = DateTimeTZRange(first, last)
    if isinstance(absence, Closure):
        whose = Q(location=absence.location_id)
    else:
        # By the therapist's own diary: a join with the condition below would read the visits of all.
        mine = Assignment.objects.filter(therapist=absence.therapist_id, occupied__overlap=over)
        whose = Q(pk__in=mine.values("appointment"))
    meets = Q(location__clean_up_within_hours=False, start_at__lt=last, end_at__gt=first) | Q(
        location__clean_up_within_hours=True, occupied__overlap=over
    )
    found = (
        Appointment.objects.filter(whose, meets, status__in=(status.PENDING, status.BOOKED), end_at__gt=now)
        .exclude(status=status.PENDING, expires_at__lte=now)
        .select_related("location", "room", "service", "variation", "client")
        .prefetch_related("assignments__therapist")
    )
    return list(found.order_by("start_at", "reference"))


def alternatives(visits: Iterable[Appointment], *, now: datetime) -> list[Alternatives]:
    """Return where each visit could go, by the code that offers slots to the desk; nowhere once it has begun.

    Looks fourteen days to either side, further and further out, and no further than the nearest are found: most
    visits find theirs next door, and a desk that enters somebody's illness waits for all of them. What several
    visits could take is read once. The gender asked for still counts; the therapist asked for by name does not, so
    that the desk sees everybody.
    """
    reading = _Reading(now)
    return [_alternatives(one, reading) if one.start_at > now else Alternatives([], [], []) for one in visits]


class _Reading:
    """What is read for the visits of one absence: once for all that want the same on the same day."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._wanted: dict[Hashable, Wanted] = {}
        self._agendas: dict[Hashable, Agenda] = {}

    def wanted(self, appointment: Appointment, therapist: str | None) -> Wanted:
        key = self._key(appointment)
        if key not in self._wanted:
            self._wanted[key] = wanted_again(appointment, therapist="")
        return replace(self._wanted[key], therapist=therapist)

    def around(self, appointment: Appointment, days: int, *, therapist: str | None = None) -> Agenda:
        """Return the agenda of as many days to either side, in which the visit itself does not stand."""
        zone = appointment.location.time_zone
        on = hours.local_date(appointment.start_at, zone)
        minutes = int((appointment.end_at - appointment.start_at) / timedelta(minutes=1))
        key = (*self._key(appointment), minutes, on, days, therapist)
        if key not in self._agendas:
            self._agendas[key] = agenda(
                self.wanted(appointment, therapist),
                first_on=max(on - timedelta(days=days), hours.local_date(self._now, zone)),
                last_on=on + timedelta(days=days),
                now=self._now,
                duration=minutes,
                rules=False,
            )
        if not appointment.blocks:
            return self._agendas[key]
        return self._agendas[key].without(
            (minute_of(appointment.occupied.lower), minute_of(appointment.occupied.upper)),
            therapist_ids=[one.therapist_id for one in appointment.assignments.all()],
            room_id=appointment.room_id,
        )

    def _key(self, appointment: Appointment) -> tuple[Hashable, ...]:
        wishes = appointment.requested_gender, appointment.partner_gender
        return appointment.location_id, appointment.variation_id, *wishes


def _alternatives(appointment: Appointment, reading: _Reading) -> Alternatives:
    start = minute_of(appointment.start_at)
    present = {one.therapist.slug for one in appointment.assignments.all()}
    for days in RINGS:
        book = reading.around(appointment, days)
        offered = book.offers().by_start
        here = offered.pop(start, [])
        near = _nearest(offered, start)
        same_near = _nearest(_with_all(offered, present, book), start)
        if _none_nearer(near, start, book) and (len(present) == 1 or _none_nearer(same_near, start, book)):
            break
    if days != SEARCHED_DAYS and not _none_nearer(same_near, start, book):
        # One diary costs little to read far out, and who is ill today is often ill tomorrow.
        diary = reading.around(appointment, SEARCHED_DAYS, therapist=min(present))
        same_near = _nearest((at for at in diary.offers().by_start if at != start), start)
    slugs = book.therapist_slugs
    return Alternatives(
        therapists=[slugs[index] for index in here if slugs[index] not in present],
        starts=[instant_of(at) for at in same_near],
        starts_with_anyone=[(instant_of(at), [slugs[index] for index in offered[at]]) for at in near],
    )


def _with_all(offered: Mapping[Minute, Collection[int]], present: set[str], book: Agenda) -> list[Minute]:
    """Return the starts at which everybody who is to serve the visit now is free."""
    same = {index for index, slug in enumerate(book.therapist_slugs) if slug in present}
    return [at for at, who in offered.items() if len(same.intersection(who)) == len(present)]


def _nearest(starts: Iterable[Minute], start: Minute) -> list[Minute]:
    return nsmallest(MOST_STARTS, starts, key=lambda at: (abs(at - start), at))


def _none_nearer(found: Sequence[Minute], start: Minute, book: Agenda) -> bool:
    """Say whether enough is found, and all of it nearer than any start the agenda did not look at."""
    if len(found) < MOST_STARTS:
        return False
    first, end = book.within
    before = start - first if first > book.earliest else end - start  # nothing is offered before the earliest
    return abs(found[-1] - start) <= min(before, end - start)
