"""The diaries of everybody who could serve a visit, read in two statements whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from booking.domain import hours, policy
from booking.domain.intervals import Interval, Minute, instant_of, minute_after
from booking.domain.slots import Diary, Offers, RoomDiary, Visit, offers, starts
from booking.queries.catalogue import Wanted

Busy = dict[int, list[Interval]]

THERAPISTS = """
SELECT t.id, t.slug, t.name,
  (SELECT json_agg(json_build_array(w.weekday, w.opens, w.closes, w.valid_from, w.valid_until))
        FROM booking_weeklyhours w
        WHERE w.therapist_id = t.id AND w.location_id = %(location)s AND w.valid_from <= %(last_on)s
          AND (w.valid_until IS NULL OR w.valid_until > %(first_on)s)),
  (SELECT json_agg(json_build_array(o."on", o.opens, o.closes))
        FROM booking_dateoverride o
        WHERE o.therapist_id = t.id AND o.location_id = %(location)s
          AND o."on" BETWEEN %(first_on)s AND %(last_on)s),
  (SELECT json_agg(json_build_array(
     floor(date_part('epoch', f.start_at) / 60), ceil(date_part('epoch', f.end_at) / 60)))
        FROM booking_timeoff f
        WHERE f.therapist_id = t.id AND f.end_at > %(from)s AND f.start_at < %(until)s)
FROM booking_therapist t
JOIN booking_therapist_skills s ON s.therapist_id = t.id AND s.service_id = %(service)s
WHERE t.is_active
  AND (%(therapist)s::text IS NULL OR t.slug = %(therapist)s)
  AND (%(gender)s::text IS NULL OR t.gender = %(gender)s)
ORDER BY t.slug
"""

# Bounds of `occupied` are whole minutes, so the cast loses nothing. Kind 0 is a therapist, kind 1 a room.
BUSY = """
SELECT 0, a.therapist_id, (date_part('epoch', lower(a.occupied)) / 60)::int,
       (date_part('epoch', upper(a.occupied)) / 60)::int
FROM booking_assignment a
WHERE a.blocks AND a.occupied && tstzrange(%(from)s, %(until)s) AND a.therapist_id = ANY(%(therapists)s)
  AND a.appointment_id <> %(instead_of)s
UNION ALL
SELECT 1, p.room_id, (date_part('epoch', lower(p.occupied)) / 60)::int,
       (date_part('epoch', upper(p.occupied)) / 60)::int
FROM booking_appointment p
WHERE p.blocks AND p.occupied && tstzrange(%(from)s, %(until)s) AND p.room_id = ANY(%(rooms)s)
  AND p.id <> %(instead_of)s
ORDER BY 3
"""


@dataclass(frozen=True, slots=True)
class Agenda:
    """All that decides about a visit between two dates; `offers` is the only way to the decision.

    `diaries` stand in the order of `therapist_slugs`, ascending; `rooms` None when the service needs none.
    """

    wanted: Wanted
    visit: Visit
    therapist_ids: Sequence[int]
    therapist_slugs: Sequence[str]
    therapist_names: Sequence[str]
    diaries: Sequence[Diary]
    closures: Sequence[Interval]
    room_ids: Sequence[int]
    room_slugs: Sequence[str]
    room_features: Sequence[int]
    rooms: Sequence[RoomDiary] | None
    within: Interval
    earliest: Minute
    latest: Minute

    def offers(self, *, first: Minute | None = None, last: Minute | None = None) -> Offers:
        """Return what is offered in the agenda's range, or in [first, last] of it."""
        start, end = self.within
        found = offers(
            self.diaries,
            self.rooms,
            self.visit,
            earliest=max(self.earliest, start if first is None else first),
            latest=min(self.latest, end - 1 if last is None else last),
        )
        named = self.named
        if named is None or self.visit.therapists == 1:
            return found
        return Offers({start: who for start, who in found.by_start.items() if named in who})

    @property
    def named(self) -> int | None:
        """Return the position of the therapist asked for by name, None when anyone will do or nobody fits."""
        asked = self.wanted.therapist
        return self.therapist_slugs.index(asked) if asked in self.therapist_slugs else None

    def named_is_busy(self, start: Minute) -> bool:
        """Say whether the one asked for by name has no time at `start`."""
        named = self.named
        if named is None:
            return False
        return start not in starts(self.diaries[named], self.visit, earliest=start, latest=start)


def visit_of(wanted: Wanted) -> Visit:
    """Return the lengths of what is wanted; add-ons lengthen the visit."""
    variation, service = wanted.variation, wanted.service
    return Visit(
        duration=variation.duration_minutes + sum(add_on.duration_minutes for add_on in wanted.add_ons),
        before=variation.clean_up_before_minutes,
        after=variation.clean_up_after_minutes,
        step=service.step_minutes,
        therapists=service.therapists_required,
        clean_up_within_hours=wanted.location.clean_up_within_hours,
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
) -> Agenda:
    """Read the diaries for local dates `first_on` to `last_on`, both included.

    `instead_of` is an appointment whose own time counts as free; `duration` in minutes replaces the
    variation's, for an appointment made with add-ons. `rules` False leaves out notice and horizon, for the
    desk. Two SQL statements, whatever the number of therapists, rooms and days.
    """
    zone = wanted.location.time_zone
    visit = visit_of(wanted)
    if duration is not None:
        visit = replace(visit, duration=duration)
    within = hours.local_day(first_on, zone)[0], hours.local_day(last_on, zone)[1]
    closures, rooms = _closures(wanted), _suitable_rooms(wanted)
    people, busy = _read(wanted, visit, rooms, within, (first_on, last_on), instead_of)
    dates = hours.days(first_on - timedelta(days=1), last_on)
    return Agenda(
        wanted=wanted,
        visit=visit,
        therapist_ids=[row[0] for row in people],
        therapist_slugs=[row[1] for row in people],
        therapist_names=[row[2] for row in people],
        diaries=[_diary(row, busy[0].get(row[0], []), dates, zone, closures) for row in people],
        closures=closures,
        room_ids=[room["id"] for room in rooms],
        room_slugs=[room["slug"] for room in rooms],
        room_features=[len(room["features"]) for room in rooms],
        rooms=[RoomDiary(busy[1].get(room["id"], [])) for room in rooms] if wanted.service.needs_room else None,
        within=within,
        **_limits(wanted, now=now, within=within, rules=rules),
    )


def _read(
    wanted: Wanted,
    visit: Visit,
    rooms: list[dict[str, Any]],
    within: Interval,
    dates: tuple[date, date],
    instead_of: int,
) -> tuple[list[Any], tuple[Busy, Busy]]:
    """Return the rows of the therapists, and what is taken: of therapists, of rooms, by id, ascending."""
    margin = visit.duration + visit.before + visit.after + hours.MINUTES_A_DAY
    parameters: dict[str, Any] = {
        "location": wanted.location.pk,
        "service": wanted.service.pk,
        # For a pair the one who is named needs somebody else beside them: everybody's diary is read.
        "therapist": wanted.therapist if visit.therapists == 1 else None,
        "gender": wanted.gender,
        "first_on": dates[0] - timedelta(days=1),
        "last_on": dates[1],
        "from": instant_of(within[0] - margin),
        "until": instant_of(within[1] + margin),
        "instead_of": instead_of,
        "rooms": [room["id"] for room in rooms],
    }
    with connection.cursor() as cursor:
        cursor.execute(THERAPISTS, parameters)
        people = cursor.fetchall()
        if wanted.therapist and wanted.therapist not in [row[1] for row in people]:
            people = []  # of a pair, too, the one asked for by name must be able to be part
        cursor.execute(BUSY, parameters | {"therapists": [row[0] for row in people]})
        taken = cursor.fetchall()
    busy: tuple[Busy, Busy] = ({}, {})
    for kind, key, start, end in taken:
        busy[kind].setdefault(key, []).append((start, end))
    return people, busy


def _limits(wanted: Wanted, *, now: datetime, within: Interval, rules: bool) -> dict[str, Minute]:
    """Return the first and the last start that notice and horizon allow; nobody books the past."""
    if not rules:
        return {"earliest": minute_after(now), "latest": within[1]}
    service, zone = wanted.service, wanted.location.time_zone
    earliest = policy.earliest_start(now, notice_minutes=service.notice_minutes)
    last_on = policy.last_day(now, horizon_days=service.horizon_days, zone=zone)
    return {"earliest": minute_after(earliest), "latest": hours.local_day(last_on, zone)[1] - 1}


def _diary(row: Sequence[Any], busy: list[Interval], dates: list[date], zone: str, closures: list[Interval]) -> Diary:
    week = [
        hours.WeeklySpan(weekday, _time(opens), _time(closes), date.fromisoformat(since), _date(until))
        for weekday, opens, closes, since, until in row[3] or ()
    ]
    exceptions = [
        hours.DaySpan(date.fromisoformat(on), _time(opens) if opens else None, _time(closes) if closes else None)
        for on, opens, closes in row[4] or ()
    ]
    away = [(int(start), int(end)) for start, end in row[5] or ()]
    return Diary(hours.openings(week, exceptions, on=dates, zone=zone), sorted(away + closures), busy)


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _closures(wanted: Wanted) -> list[Interval]:
    return [(int(start), int(end)) for start, end in wanted.premises.closures]


def _suitable_rooms(wanted: Wanted) -> list[dict[str, Any]]:
    needed = set(wanted.service.room_features)
    return [room for room in wanted.premises.rooms if needed <= set(room["features"])]
