"""Who works when around the day of seeding: the weeks of people.py, with a few days on which they do not hold.

Days are counted from that day, in the place's own calendar. The next week is left alone, so that there is always
something to remind of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from booking.demo.diary import Hours
from booking.demo.entries import PlaceEntry, Shift, TherapistEntry
from booking.domain import hours
from booking.domain.intervals import Interval

A_YEAR_AGO = -365
ANOTHER_WEEK_FROM = 21


@dataclass(frozen=True, slots=True)
class Away:
    """Whole days off: `who` is a therapist, or a place that is closed; both days included."""

    who: str
    first: int
    last: int
    reason: str

    def during(self, today: date, zone: str) -> Interval:
        return (
            hours.local_day(today + timedelta(days=self.first), zone)[0],
            hours.local_day(today + timedelta(days=self.last), zone)[1],
        )


TIME_OFF = (Away("elif", -6, -6, "Ill"), Away("ben", 16, 20, "Holiday"))
CLOSURES = (Away("riverside", 24, 24, "Staff training"),)
OTHER_HOURS: Mapping[str, tuple[tuple[int, time | None, time | None], ...]] = {
    "anna": ((9, time(10), time(14)),),
    "carmen": ((12, None, None),),
}


def hours_of(therapist: TherapistEntry, place: PlaceEntry, *, today: date) -> Hours:
    """Return when the therapist works, closures of the place included."""
    change = today + timedelta(days=ANOTHER_WEEK_FROM) if therapist.later else None
    since = today + timedelta(days=A_YEAR_AGO)
    week = _spans(therapist.week, since=since, until=change)
    if change is not None:
        week += _spans(therapist.later, since=change, until=None)
    exceptions = [
        hours.DaySpan(today + timedelta(days=day), opens, closes)
        for day, opens, closes in OTHER_HOURS.get(therapist.slug, ())
    ]
    absent = [away for away in (*TIME_OFF, *CLOSURES) if away.who in {therapist.slug, place.slug}]
    return Hours(week, exceptions, sorted(away.during(today, place.time_zone) for away in absent))


def _spans(week: Sequence[Shift], *, since: date, until: date | None) -> list[hours.WeeklySpan]:
    return [
        hours.WeeklySpan(weekday, opens, closes, since, until)
        for shift in week
        for weekday in shift.weekdays
        for opens, closes in shift.spans
    ]
