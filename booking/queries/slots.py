"""Slots for people to choose from, and the reason when there are none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from booking.domain import hours, reasons
from booking.domain.diary import BACK_TO_BACK
from booking.domain.intervals import Interval, Minute, instant_of, minute_of, overlaps
from booking.domain.slots import Diary, offers
from booking.queries.agenda import Agenda, agenda
from booking.queries.catalogue import Wanted

MAX_DAYS = 62


class Slot(TypedDict):
    start: str
    end: str
    therapists: list[str]


class Day(TypedDict):
    date: str
    slots: list[Slot]


@dataclass(frozen=True, slots=True)
class Slots:
    """`reason` is one of the contract's words when no day has a slot, else None."""

    days: list[Day]
    reason: str | None


def slots(
    wanted: Wanted,
    *,
    first_on: date,
    last_on: date,
    now: datetime,
    zone: str | None = None,
    instead_of: int = 0,
    duration: int | None = None,
    rules: bool = True,
) -> Slots:
    """Return every date from `first_on` to `last_on`, both included and local to `zone`, with its slots.

    `zone` is the caller's and defaults to the location's; it labels times and groups them by date, and
    changes no instant. One SQL statement.
    """
    location_zone = wanted.location.time_zone
    shown = zone or location_zone
    margin = 0 if shown == location_zone else 2  # zones are up to 26 hours apart
    book = agenda(
        wanted,
        first_on=first_on - timedelta(days=margin),
        last_on=last_on + timedelta(days=margin),
        now=now,
        instead_of=instead_of,
        duration=duration,
        rules=rules,
    )
    first, last = hours.local_day(first_on, shown)[0], hours.local_day(last_on, shown)[1] - 1
    offered = book.offers(first=first, last=last).by_start
    days = _by_day(offered, book, shown, first_on, last_on)
    return Slots(days, None if offered else why_none(book, first, last))


def _by_day(offered: dict[Minute, list[int]], book: Agenda, shown: str, first_on: date, last_on: date) -> list[Day]:
    names, zone = book.therapist_slugs, ZoneInfo(shown)
    duration = timedelta(minutes=book.visit.duration)
    by_date: dict[str, list[Slot]] = {}
    for start, who in offered.items():
        start_at = instant_of(start)
        local = start_at.astimezone(zone).isoformat()
        by_date.setdefault(local[:10], []).append(
            {
                "start": local,
                "end": (start_at + duration).astimezone(zone).isoformat(),
                "therapists": [names[index] for index in who],
            }
        )
    dates = (day.isoformat() for day in hours.days(first_on, last_on))
    return [{"date": day, "slots": by_date.get(day, [])} for day in dates]


def why_none(book: Agenda, first: Minute, last: Minute) -> str:
    """Name the first rule whose lifting would bring a slot back."""
    if len(book.diaries) < book.visit.therapists:
        return "no-therapist"
    if book.rooms is not None and not book.rooms:
        return "no-room"
    if book.earliest > last:
        return "too-soon"
    if book.latest < first:
        return "too-far"
    empty = [Diary(diary.openings, diary.away) for diary in book.diaries]
    without_bookings = replace(book, diaries=empty, rooms=None)
    if without_bookings.offers(first=first, last=last).by_start:
        return "fully-booked"
    whole = offers(empty, None, book.visit, earliest=first, latest=last)
    if whole.by_start:
        return "too-soon" if min(whole.by_start) < book.earliest else "too-far"
    return "closed"


def reasons_against(book: Agenda, start: Minute) -> list[str]:
    """Return every rule that keeps `start` from being offered, sorted; empty when it is offered.

    Found with the code that offers, one rule lifted at a time.
    """
    if start in book.offers(first=start, last=start).by_start:
        return []
    found = set(limits_against(book, start))
    against = [reason_against(book, index, start) for index in range(len(book.diaries))]
    if sum(reason is None for reason in against) < book.visit.therapists or book.named_is_busy(start):
        found |= {reason for reason in against if reason is not None}
    if len(book.diaries) < book.visit.therapists:
        found.add(reasons.NO_SKILL)
    if book.rooms is not None:
        rooms = [reason_against_room(book, index, start) for index in range(len(book.rooms))]
        if all(reason is not None for reason in rooms):
            found |= {reason for reason in rooms if reason is not None} or {reasons.WRONG_ROOM}
    return sorted(found)


def limits_against(book: Agenda, start: Minute) -> list[str]:
    """Return `notice` or `horizon` when that keeps everybody out."""
    return [
        word
        for word, broken in (
            (reasons.NOTICE, start < book.earliest),
            (reasons.HORIZON, start > book.latest),
        )
        if broken
    ]


def reason_against(book: Agenda, index: int, start: Minute) -> str | None:
    """Return the rule of their own that keeps this therapist of the agenda out, else None."""
    diary = book.diaries[index]
    reason = reasons.reason_against_therapist(diary, book.visit, start, earliest=book.earliest, rooms=book.rooms)
    visit = book.visit
    stretch = visit.occupied(start) if visit.clean_up_within_hours else (start, start + visit.duration)
    if reason == reasons.TIME_OFF and any(overlaps(stretch, closure) for closure in book.closures):
        return reasons.CLOSURE
    if reason == reasons.BOOKED and book.closer and _meets_no_visit(book, book.therapist_ids[index], diary.busy, start):
        return reasons.CLEAN_UP
    return reason


def reason_against_room(book: Agenda, index: int, start: Minute) -> str | None:
    """Return what keeps this room of the agenda from being free at `start`, else None."""
    room = (book.rooms or [])[index]
    reason = reasons.reason_against_room(room, book.visit, start)
    if reason == reasons.BOOKED and book.closer and _meets_no_visit(book, -book.room_ids[index], room.busy, start):
        return reasons.CLEAN_UP
    return reason


def _meets_no_visit(book: Agenda, key: int, busy: Sequence[Interval], start: Minute) -> bool:
    """Say whether only clean-up, theirs or ours, stands between the visit and those beside it."""
    visit = start, start + book.visit.duration
    return not any(overlaps(visit, other) for other in book.bare_visits(key, busy) or ())


def only_others_are_in_the_way(book: Agenda, start: Minute) -> bool:
    """Say whether `start` is taken: it would be offered if nobody had booked anything, and somebody stands there.

    When what was booked elsewhere in the day is in the way, through a limit or a gap, it is not taken.
    """
    return bool(reasons.TAKEN & set(reasons_against(book, start))) and _would_fit_an_empty_house(book, start)


def _would_fit_an_empty_house(book: Agenda, start: Minute) -> bool:
    empty = [Diary(diary.openings, diary.away) for diary in book.diaries]
    rooms_exist = book.rooms is None or bool(book.rooms)
    visit = book.visit.at_any_minute() if book.visit.mode == BACK_TO_BACK else book.visit
    free = replace(book, visit=visit, diaries=empty, rooms=None).offers(first=start, last=start)
    return rooms_exist and start in free.by_start


def nearest(book: Agenda, start: Minute, *, count: int = 3) -> list[datetime]:
    """Return up to `count` offered instants closest to `start`, ascending, from the agenda's days."""
    offered = sorted(book.offers().by_start, key=lambda other: (abs(other - start), other))[:count]
    return [instant_of(minute) for minute in sorted(offered)]


def agenda_around(wanted: Wanted, start_at: datetime, *, now: datetime, **about: Any) -> Agenda:
    """Return the agenda of the local date on which `start_at` falls; `about` goes to agenda()."""
    on = hours.local_date(start_at, wanted.location.time_zone)
    return agenda(wanted, first_on=on, last_on=on, now=now, **about)


def agenda_at(wanted: Wanted, start_at: datetime, *, now: datetime) -> Agenda:
    """Return the agenda of that date with just enough of what is taken to place a visit at `start_at`."""
    return agenda_around(wanted, start_at, now=now, only_at=minute_of(start_at))


def utc_days(start_at: datetime, end_at: datetime) -> list[int]:
    """Return the UTC days that the time from `start_at` to `end_at` touches, as days since the epoch."""
    first, last = minute_of(start_at), minute_of(end_at)
    return list(range(first // hours.MINUTES_A_DAY, last // hours.MINUTES_A_DAY + 1))
