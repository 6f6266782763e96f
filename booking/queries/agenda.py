"""The diaries of everybody who could serve a visit, and the decision made from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from booking.domain import hours, policy
from booking.domain.diary import STEP
from booking.domain.intervals import Interval, Minute, minute_after
from booking.domain.slots import Diary, Offers, RoomDiary, Visit, offers, starts
from booking.domain.teams import Place as Wish
from booking.domain.workload import NO_CALENDAR, Calendar, Limits
from booking.queries.catalogue import Wanted
from booking.queries.look import Found, Span, look


@dataclass(frozen=True)
class Agenda:
    """All that decides about a visit between two dates; `offers` is the only way to the decision.

    `diaries` stand in the order of `therapist_slugs`, ascending; `rooms` None when the service needs none.
    `expired` says that rows of expired holds or requests stand somewhere: whoever writes removes those in the way.
    `closer` is what a closer look found of each therapist (by id) and room (by -id), see look.Found.
    """

    wanted: Wanted
    visit: Visit
    therapist_ids: Sequence[int]
    therapist_slugs: Sequence[str]
    therapist_names: Sequence[str]
    genders: Sequence[str]
    diaries: Sequence[Diary]
    closures: Sequence[Interval]
    room_ids: Sequence[int]
    room_slugs: Sequence[str]
    room_features: Sequence[int]
    room_usual: Sequence[Collection[int]]
    rooms: Sequence[RoomDiary] | None
    within: Interval
    earliest: Minute
    latest: Minute
    expired: bool = False
    closer: Found | None = None

    def offers(self, *, first: Minute | None = None, last: Minute | None = None) -> Offers:
        """Return what is offered in the agenda's range, or in [first, last] of it."""
        start, end = self.within
        return offers(
            self.diaries,
            self.rooms,
            self.visit,
            earliest=self.earliest,
            latest=self.latest,
            first=start if first is None else max(first, start),
            last=end - 1 if last is None else min(last, end - 1),
            places=self.places,
            named=self.named if self.visit.therapists > 1 else None,
        )

    def without(self, taken: Interval, *, therapist_ids: Collection[int], room_id: int | None) -> "Agenda":
        """Return the agenda as if the one visit that occupies `taken` did not stand in it.

        The same as reading it with `instead_of`, for who asks about many visits. It has no closer look.
        """
        mine = [
            diary.without(taken) if key in therapist_ids else diary
            for key, diary in zip(self.therapist_ids, self.diaries, strict=True)
        ]
        rooms = self.rooms and [
            room.without(taken) if key == room_id else room for key, room in zip(self.room_ids, self.rooms, strict=True)
        ]
        return replace(self, diaries=mine, rooms=rooms, closer=None)

    @cached_property
    def places(self) -> Sequence[Wish]:
        """Return for each person of a pair who may serve them, when they said so; empty without wishes."""
        wishes = (self.wanted.gender, self.wanted.partner_gender)
        if self.visit.therapists == 1 or not any(wishes):
            return ()
        return [
            None if wish is None else frozenset(index for index, gender in enumerate(self.genders) if gender == wish)
            for wish in wishes
        ]

    @cached_property
    def named(self) -> int | None:
        """Return the position of the therapist asked for by name, None when anyone will do or nobody fits."""
        asked = self.wanted.therapist
        return self.therapist_slugs.index(asked) if asked in self.therapist_slugs else None

    def bare_visits(self, key: int, busy: Sequence[Interval]) -> list[Interval] | None:
        """Return what is `busy` of the therapist `key`, or of the room `-key`, without the clean-up around it.

        None when nobody took a closer look.
        """
        if self.closer is None:
            return None
        details = self.closer.details.get(key, [])
        return [(start + before, end - after) for (start, end), (before, after, *_) in zip(busy, details, strict=True)]

    def named_is_busy(self, start: Minute) -> bool:
        """Say whether the one asked for by name has no time at `start`."""
        named = self.named
        if named is None:
            return False
        found = starts(
            self.diaries[named],
            self.visit,
            earliest=min(self.earliest, start),
            latest=start,
            first=start,
            rooms=self.rooms,
        )
        return start not in found


def visit_of(wanted: Wanted, *, duration: int | None = None) -> Visit:
    """Return the lengths of what is wanted; add-ons lengthen the visit, and `duration` (minutes) replaces both."""
    variation, service = wanted.variation, wanted.service
    minutes = duration or variation.duration_minutes + sum(add_on.duration_minutes for add_on in wanted.add_ons)
    return Visit(
        duration=minutes,
        before=variation.clean_up_before_minutes,
        after=variation.clean_up_after_minutes,
        step=service.step_minutes,
        therapists=service.therapists_required,
        clean_up_within_hours=wanted.location.clean_up_within_hours,
        load=minutes * service.load_percent // 100,
        mode=service.start_mode,  # type: ignore[arg-type]  # the column holds these two words only
        fewest_gaps=service.fewest_gaps,
        smallest_gap=service.smallest_gap_minutes,
    )


def agenda(
    wanted: Wanted,
    *,
    first_on: date,
    last_on: date,
    now: datetime,
    instead_of: int = 0,
    duration: int | None = None,
    rules: bool = True,
    only_at: Minute | None = None,
    closer: bool = False,
) -> Agenda:
    """Read the diaries for local dates `first_on` to `last_on`, both included.

    `instead_of` is an appointment whose own time counts as free; `duration` in minutes replaces the
    variation's, for an appointment made with add-ons. `rules` False leaves out notice and horizon, for the
    desk. With `only_at` no more of what is taken is read than it takes to place the visit at that start: such
    an agenda knows of no other start whether it is free. `closer` also reads what is held and what clean-up is.
    One SQL statement, whatever the number of therapists, rooms and days; see look() for what it raises.
    """
    zone = wanted.location.time_zone
    visit = visit_of(wanted, duration=duration)
    limited = wanted.premises.limited
    within = hours.local_day(first_on, zone)[0], hours.local_day(last_on, zone)[1]
    dates = hours.days(first_on - timedelta(days=1), last_on)
    calendar = hours.calendar(dates[0], last_on, zone) if limited else NO_CALENDAR
    span = _span(wanted, visit, within, dates, calendar, only_at)
    found = look(wanted, span, now=now, instead_of=instead_of, closer=closer or limited)
    rooms, closures = wanted.suitable_rooms, found.closures
    return Agenda(
        wanted=wanted,
        visit=visit,
        therapist_ids=[row[-1] for row in found.people],
        therapist_slugs=[row[0] for row in found.people],
        therapist_names=[row[1] for row in found.people],
        genders=[row[5] for row in found.people],
        diaries=[_diary(row, found, dates, zone, closures, calendar) for row in found.people],
        closures=closures,
        room_ids=[room["id"] for room in rooms],
        room_slugs=[room["slug"] for room in rooms],
        room_features=[len(room["features"]) for room in rooms],
        room_usual=[room["usual"] or () for room in rooms],
        rooms=[_room(room["id"], found) for room in rooms] if wanted.service.needs_room else None,
        within=within,
        expired=found.expired,
        closer=found if closer or limited else None,
        **_bounds(wanted, now=now, within=within, rules=rules),
    )


def _span(
    wanted: Wanted,
    visit: Visit,
    within: Interval,
    dates: list[date],
    calendar: Calendar,
    only_at: Minute | None,
) -> Span:
    """Return what to read. Where starts hang on the gaps around them, whole openings; with limits, whole weeks."""
    longest = visit.before + visit.duration + visit.after
    alone_decides = visit.mode == STEP and not visit.spares_gaps and calendar is NO_CALENDAR
    margin = longest if alone_decides else longest + hours.MINUTES_A_DAY
    whole = within[0] - margin, within[1] + margin
    rooms = visit.occupied(only_at) if only_at is not None and alone_decides else whole
    # Where the studio chooses, it takes the least loaded, and that is a matter of the whole day.
    therapists = rooms if wanted.therapist and visit.therapists == 1 else whole
    if calendar is not NO_CALENDAR:
        first, last = calendar.span
        therapists = min(therapists[0], first), max(therapists[1], last)
    return Span(dates[0], dates[-1], sorted({day.weekday() for day in dates}), therapists, rooms)


def _bounds(wanted: Wanted, *, now: datetime, within: Interval, rules: bool) -> dict[str, Minute]:
    """Return the first and the last start that notice and horizon allow; nobody books the past."""
    if not rules:
        return {"earliest": minute_after(now), "latest": within[1]}
    service, zone = wanted.service, wanted.location.time_zone
    earliest = policy.earliest_start(now, notice_minutes=service.notice_minutes)
    last_on = policy.last_day(now, horizon_days=service.horizon_days, zone=zone)
    return {"earliest": minute_after(earliest), "latest": hours.local_day(last_on, zone)[1] - 1}


def _diary(
    row: Sequence[Any],
    found: Found,
    dates: list[date],
    zone: str,
    closures: list[Interval],
    calendar: Calendar,
) -> Diary:
    week = [
        hours.WeeklySpan(weekday, _time(opens), _time(closes), date.fromisoformat(since), _date(until))
        for weekday, opens, closes, since, until in row[2] or ()
    ]
    exceptions = [
        hours.DaySpan(date.fromisoformat(on), _time(opens) if opens else None, _time(closes) if closes else None)
        for on, opens, closes in row[3] or ()
    ]
    away = [(int(start), int(end)) for start, end in row[4] or ()]
    openings = hours.openings(week, exceptions, on=dates, zone=zone)
    busy = found.busy.get(row[-1], [])
    if not found.closer:
        return Diary(openings, sorted(away + closures), busy)
    details = found.details.get(row[-1], [])
    pairs = list(zip(busy, details, strict=True))
    return Diary(
        openings,
        sorted(away + closures),
        busy,
        held=[one for one, detail in pairs if detail[3]],
        limits=_limits(*row[6:10]) if calendar is not NO_CALENDAR else None,
        hands=[(start + before, end - after, load) for (start, end), (before, after, load, _) in pairs],
        calendar=calendar,
    )


def _limits(stretch: int | None, rest: int, a_day: int | None, a_week: int | None) -> Limits | None:
    return None if stretch is a_day is a_week is None else Limits(stretch, rest, a_day, a_week)


def _room(room_id: int, found: Found) -> RoomDiary:
    busy = found.busy.get(-room_id, [])
    details = found.details.get(-room_id)
    if not details:
        return RoomDiary(busy)
    return RoomDiary(busy, [one for one, detail in zip(busy, details, strict=True) if detail[3]])


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
