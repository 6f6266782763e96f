"""Seven days and their free times, for a page to choose from. Found by the query that the API's slots use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from booking import queries
from booking.models import Appointment
from booking.queries import Slots, Wanted
from booking.queries.slots import Day, Slot
from booking.wording import LANGUAGES, clean_line, place_of, visit_in_words

A_WEEK = timedelta(days=7)
A_DAY = timedelta(days=1)
WORDS = LANGUAGES["en"]
NO_TIME = {
    "closed": "The studio is closed on these days.",
    "fully-booked": "These days are fully booked.",
    "too-soon": "These days are too close for booking online.",
    "too-far": "These days are further ahead than we plan.",
    "no-therapist": "Nobody who gives this massage can be booked online at the moment.",
    "no-room": "There is no room for this massage at the moment.",
}
NO_OTHER_TIME = "There is no other free time on these days."
PARTS = ((12, "Morning"), (17, "Afternoon"), (24, "Evening"))


@dataclass(frozen=True, slots=True)
class Time:
    """`value` is what the form sends, RFC 3339; `words` say it in full; `change` names who would not be there."""

    value: str
    clock: str
    words: str
    change: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class DayChoice:
    """`on` is the local date as the address takes it."""

    on: str
    weekday: str
    number: int
    month: str
    free: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days; `parts` are the times of the chosen day, by part of the day.

    `therapist` is who the client asked for by name, or "". `why_none` says it when no day has a time. `earlier`
    and `later` are dates that lead to other weeks, or "" at the end.
    """

    days: list[DayChoice]
    heading: str
    parts: list[tuple[str, list[Time]]]
    therapist: str
    why_none: str
    zone: str
    earlier: str
    later: str


def week_for(appointment: Appointment, *, day: date | None, now: datetime, chosen_at: datetime | None = None) -> Week:
    """Return the week that holds `day`, within the horizon; without one, the first week with a free time.

    Weeks are counted from today, so that none begins in the past. `chosen_at` is a time chosen already.
    """
    people = {one.therapist.slug: one.therapist.name for one in appointment.assignments.select_related("therapist")}
    wanted = queries.wanted_again(appointment)
    today = queries.wall_clock(now, appointment.time_zone).date()
    last = today + timedelta(days=wanted.service.horizon_days)
    if day is None:
        day = _first_free_day(appointment, wanted, today, last, now=now)
    first = _start_of_week(min(max(day, today), last), today)
    found = _other_times(appointment, wanted, first, first + A_WEEK - A_DAY, now=now)
    chosen = _chosen(found.days, day)
    kept = people if wanted.therapist is None and len(people) == 1 else {}
    return Week(
        days=[_choice(one, chosen) for one in found.days],
        heading=_heading(chosen["date"]) if chosen else "",
        parts=_parts(chosen["slots"], appointment.time_zone, kept, chosen_at) if chosen else [],
        therapist=clean_line(people[wanted.therapist]) if wanted.therapist else "",
        why_none="" if chosen else NO_TIME.get(found.reason or "", NO_OTHER_TIME),
        zone=place_of(appointment.time_zone),
        earlier=(first - A_WEEK).isoformat() if first > today else "",
        later=(first + A_WEEK).isoformat() if first + A_WEEK <= last else "",
    )


def _other_times(appointment: Appointment, wanted: Wanted, first: date, last: date, *, now: datetime) -> Slots:
    """Return the times it could have instead; the one it has is no choice."""
    found = queries.slots(
        wanted,
        first_on=first,
        last_on=last,
        now=now,
        instead_of=appointment.pk,
        duration=int((appointment.end_at - appointment.start_at) / timedelta(minutes=1)),
    )
    return Slots([_without(day, appointment.start_at) for day in found.days], found.reason)


def _without(day: Day, start_at: datetime) -> Day:
    others = [slot for slot in day["slots"] if datetime.fromisoformat(slot["start"]) != start_at]
    return {"date": day["date"], "slots": others}


def _first_free_day(appointment: Appointment, wanted: Wanted, today: date, last: date, *, now: datetime) -> date:
    until = min(last, today + timedelta(days=queries.MAX_DAYS - 1))
    days = _other_times(appointment, wanted, today, until, now=now).days
    return next((date.fromisoformat(day["date"]) for day in days if day["slots"]), today)


def _start_of_week(day: date, today: date) -> date:
    return day - (day - today) % A_WEEK


def _chosen(days: Sequence[Day], wish: date) -> Day | None:
    """Return the day wished for when it has a free time, else the first that has."""
    free = [one for one in days if one["slots"]]
    return next((one for one in free if one["date"] == wish.isoformat()), free[0] if free else None)


def _choice(day: Day, chosen: Day | None) -> DayChoice:
    on = date.fromisoformat(day["date"])
    return DayChoice(
        on=day["date"],
        weekday=WORDS.weekdays[on.weekday()],
        number=on.day,
        month=WORDS.months[on.month - 1],
        free=len(day["slots"]),
        chosen=chosen is not None and day["date"] == chosen["date"],
    )


def _heading(day: str) -> str:
    on = date.fromisoformat(day)
    return WORDS.short_date.format(weekday=WORDS.weekdays[on.weekday()], day=on.day, month=WORDS.months[on.month - 1])


def _parts(
    slots: Sequence[Slot], zone: str, kept: dict[str, str], chosen_at: datetime | None
) -> list[tuple[str, list[Time]]]:
    times = [_time(slot, slots, zone, kept, chosen_at) for slot in slots]
    return [(part, list(found)) for part, found in groupby(times, key=_part)]


def _part(time: Time) -> str:
    return next(part for before, part in PARTS if int(time.clock[:2]) < before)


def _time(slot: Slot, slots: Sequence[Slot], zone: str, kept: dict[str, str], chosen_at: datetime | None) -> Time:
    start, end = datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"])
    clock = f"{start:%H:%M}"
    if sum(other["start"][:16] == slot["start"][:16] for other in slots) > 1:  # the hour that a clock change repeats
        clock += f" UTC{slot['start'][19:]}"
    away = [clean_line(name).split(" ")[0] for slug, name in kept.items() if slug not in slot["therapists"]]
    change = f"without {away[0]}" if away else ""
    return Time(slot["start"], clock, visit_in_words(start, end, zone), change, start == chosen_at)
