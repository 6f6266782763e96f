"""Appointments that an absence has come to lie over, and where each of them could go instead."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nsmallest

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from booking.domain import hours, status
from booking.domain.intervals import Minute, instant_of, minute_after, minute_of
from booking.models import Appointment, Closure, TimeOff
from booking.queries.agenda import agenda
from booking.queries.catalogue import wanted_again

Absence = TimeOff | Closure
SEARCHED_DAYS = 14
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
    if isinstance(absence, Closure):
        whose = Q(location=absence.location_id)
    else:
        whose = Q(assignments__therapist=absence.therapist_id)
    meets = Q(location__clean_up_within_hours=False, start_at__lt=last, end_at__gt=first) | Q(
        location__clean_up_within_hours=True, occupied__overlap=DateTimeTZRange(first, last)
    )
    found = (
        Appointment.objects.filter(whose, meets, status__in=(status.PENDING, status.BOOKED), end_at__gt=now)
        .exclude(status=status.PENDING, expires_at__lte=now)
        .select_related("location", "room", "service", "variation", "client")
        .prefetch_related("assignments__therapist")
    )
    return list(found.order_by("start_at", "reference"))


def alternatives(appointment: Appointment, *, now: datetime) -> Alternatives:
    """Return where the visit could go, by the code that offers slots to the desk; nowhere once it has begun.

    Looks fourteen days to either side. The gender asked for still counts; the therapist asked for by name does
    not, so that the desk sees everybody.
    """
    if appointment.start_at <= now:
        return Alternatives([], [], [])
    zone = appointment.location.time_zone
    on = hours.local_date(appointment.start_at, zone)
    book = agenda(
        replace(wanted_again(appointment), therapist=None),
        first_on=max(on - timedelta(days=SEARCHED_DAYS), hours.local_date(now, zone)),
        last_on=on + timedelta(days=SEARCHED_DAYS),
        now=now,
        instead_of=appointment.pk,
        duration=int((appointment.end_at - appointment.start_at) / timedelta(minutes=1)),
        rules=False,
    )
    offered = book.offers().by_start
    present = {one.therapist.slug for one in appointment.assignments.all()}
    start = minute_of(appointment.start_at)
    same = {index for index, slug in enumerate(book.therapist_slugs) if slug in present}
    here = offered.pop(start, [])
    near = _nearest(offered, start)
    same_near = _nearest((at for at, who in offered.items() if len(same.intersection(who)) == len(present)), start)
    return Alternatives(
        therapists=[book.therapist_slugs[index] for index in here if index not in same],
        starts=[instant_of(at) for at in same_near],
        starts_with_anyone=[(instant_of(at), [book.therapist_slugs[index] for index in offered[at]]) for at in near],
    )


def _nearest(starts: Iterable[Minute], start: Minute) -> list[Minute]:
    return nsmallest(MOST_STARTS, starts, key=lambda at: (abs(at - start), at))
