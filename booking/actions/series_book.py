"""Visits that come again at the same local time: each an appointment of its own, all of them in one step."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from booking import errors
from booking.access import Caller
from booking.actions.book import Booked, Wishes, book_appointment
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.override import NOTHING, Override
from booking.actions.series_look import refusal_of_all, tried
from booking.domain import choice, hours
from booking.domain.intervals import Minute, instant_of, minute_of
from booking.domain.series import occurrences
from booking.models import Series
from booking.queries import Wanted, agenda_around, utc_days, visit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Every how many weeks, from 1 to 52, and how many visits in all, from 2 to 52."""

    every_weeks: int
    times: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One visit of a series, UTC: it is booked, or says why not."""

    start_at: datetime
    outcome: Booked | errors.Refusal


@dataclass(frozen=True, slots=True)
class BookedSeries:
    """`occurrences` are all that were asked for, ascending; at least one of them is booked."""

    series: Series
    occurrences: list[Occurrence]


def book_series(
    wanted: Wanted,
    *,
    start_at: datetime,
    repeat: Repeat,
    wishes: Wishes,
    by: Caller,
    now: datetime,
    skip_conflicts: bool = False,
    override: Override = NOTHING,
) -> BookedSeries:
    """Book what is wanted at `start_at` and again every so many weeks at the same local time, as one.

    Every visit is held to the rules of a single one, by the same code. All or nothing; with `skip_conflicts` those
    that cannot be had are left out, whatever the reason, and named. The same therapists serve as often as they
    can. The desk may `override` rules for all of them. One confirmation tells all dates.
    Raises the refusal of the first conflict, with each as `occurrences`, when nothing is booked; and what
    book_appointment raises that is no matter of time.
    """

    def run() -> BookedSeries:
        starts = _starts(wanted, start_at, repeat)
        lock_days(wanted.location.pk, _days(wanted, starts))
        prefer = _who_can_most(wanted, starts, now=now)
        series = Series.objects.create(every_weeks=repeat.every_weeks, times=repeat.times, created_at=now)
        found: list[Occurrence] = []
        told = False
        for start in starts:
            one = partial(book_appointment, wanted, start_at=start, wishes=wishes, by=by, now=now, override=override)
            found.append(Occurrence(start, tried(partial(one, series=series, prefer=prefer[start], told=not told))))
            told = told or isinstance(found[-1].outcome, Booked)
        conflicts = [(one.start_at, one.outcome) for one in found if isinstance(one.outcome, errors.Refusal)]
        if conflicts and (not skip_conflicts or len(conflicts) == len(found)):
            raise refusal_of_all(conflicts, zone=wanted.location.time_zone)
        return BookedSeries(series, found)

    return in_one_transaction(run)


def _starts(wanted: Wanted, start_at: datetime, repeat: Repeat) -> list[datetime]:
    """Return each start; the first as it was asked for, to the second, so that an odd one is refused everywhere."""
    zone = wanted.location.time_zone
    wall = hours.wall_clock(start_at, zone)
    again = occurrences(wall.date(), wall.time(), zone, every_weeks=repeat.every_weeks, times=repeat.times)
    rest = start_at - instant_of(minute_of(start_at))
    return [start_at, *(instant_of(start) + rest for start in again[1:])]


def _days(wanted: Wanted, starts: Sequence[datetime]) -> set[int]:
    visit = visit_of(wanted)
    lead, length = timedelta(minutes=visit.before), timedelta(minutes=visit.duration + visit.after)
    return {day for start in starts for day in utc_days(start - lead, start + length)}


def _who_can_most(wanted: Wanted, starts: Sequence[datetime], *, now: datetime) -> dict[datetime, list[str]]:
    """Return for each start whom to prefer there: of those who are free, who is free on most of the dates.

    Who is free equally often is asked in the order of how little they have to do on those days, then by slug. Read
    under the locks, so it stays true until they are booked.
    """
    free: dict[datetime, list[str]] = {}
    times: Counter[str] = Counter()
    busy: Counter[str] = Counter()
    zone, count = wanted.location.time_zone, wanted.service.therapists_required
    for start in starts:
        book = agenda_around(wanted, start, now=now)
        minute: Minute = minute_of(start)
        day = hours.local_day(hours.local_date(start, zone), zone)
        who = book.offers(first=minute, last=minute).by_start.get(minute, [])
        free[start] = [book.therapist_slugs[index] for index in who]
        times.update(free[start])
        for index in who:
            busy[book.therapist_slugs[index]] += choice.minutes_within(book.diaries[index].busy, day)
    return {
        start: sorted(slugs, key=lambda slug: (-times[slug], busy[slug], slug))[:count] for start, slugs in free.items()
    }
