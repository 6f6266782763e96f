"""What stands in the diaries of a location, read in one statement whatever the number of therapists and rooms."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from booking.domain.intervals import Interval, instant_of
from booking.queries.catalogue import Wanted
from booking.queries.memory import check_edition

# The therapists, each as JSON, then what is taken: of therapists under their id, of rooms under its negative, in
# minutes. Bounds of `occupied` are whole minutes, so the cast loses nothing. What has expired takes nothing.
TEMPLATE = """
WITH people AS MATERIALIZED (
SELECT t.id, json_build_array(t.slug, t.name,
  (SELECT json_agg(json_build_array(w.weekday, w.opens, w.closes, w.valid_from, w.valid_until))
        FROM booking_weeklyhours w
        WHERE w.therapist_id = t.id AND w.location_id = %(location)s AND w.weekday = ANY(%(weekdays)s::int[])
          AND w.valid_from <= %(last_on)s AND (w.valid_until IS NULL OR w.valid_until > %(first_on)s)),
  (SELECT json_agg(json_build_array(o."on", o.opens, o.closes))
        FROM booking_dateoverride o
        WHERE o.therapist_id = t.id AND o.location_id = %(location)s
          AND o."on" BETWEEN %(first_on)s AND %(last_on)s),
  (SELECT json_agg(json_build_array(
     floor(date_part('epoch', f.start_at) / 60), ceil(date_part('epoch', f.end_at) / 60)))
        FROM booking_timeoff f
        WHERE f.therapist_id = t.id AND f.end_at > %(from)s AND f.start_at < %(until)s),
  t.gender{limits}) AS about
FROM booking_therapist t
JOIN booking_therapist_skills s ON s.therapist_id = t.id AND s.service_id = %(service)s
WHERE t.is_active
  AND (%(therapist)s::text IS NULL OR t.slug = %(therapist)s)
  AND (%(gender)s::text IS NULL OR t.gender = %(gender)s))
SELECT id, NULL::int, NULL::int, about{nothing} FROM people
UNION ALL
SELECT a.therapist_id, (date_part('epoch', lower(a.occupied)) / 60)::int,
       (date_part('epoch', upper(a.occupied)) / 60)::int, NULL{hands}
FROM booking_assignment a{visit}
WHERE a.blocks AND a.occupied && tstzrange(%(from)s, %(until)s) AND a.therapist_id = ANY(ARRAY(SELECT id FROM people))
  AND a.appointment_id <> %(instead_of)s AND a.appointment_id <> ALL(ARRAY({expired}))
UNION ALL
SELECT -p.room_id, (date_part('epoch', lower(p.occupied)) / 60)::int,
       (date_part('epoch', upper(p.occupied)) / 60)::int, NULL{room}
FROM booking_appointment p
WHERE p.blocks AND p.occupied && tstzrange(%(rooms_from)s, %(rooms_until)s) AND p.room_id = ANY(%(rooms)s::bigint[])
  AND p.id <> %(instead_of)s AND p.id <> ALL(ARRAY({expired}))
UNION ALL
SELECT 0, floor(date_part('epoch', c.start_at) / 60)::int, ceil(date_part('epoch', c.end_at) / 60)::int, NULL{nothing}
FROM booking_closure c WHERE c.location_id = %(location)s AND c.end_at > %(from)s AND c.start_at < %(until)s
UNION ALL
SELECT 0, 0, 0, NULL{nothing} WHERE EXISTS ({expired})
UNION ALL
SELECT 0, NULL, NULL, to_json(catalogue_edition){nothing} FROM booking_studio WHERE id = 1
ORDER BY 2
"""
EXPIRED = "SELECT e.id FROM booking_appointment e WHERE e.expires_at <= %(now)s AND e.status IN ('held', 'pending')"
NOBODY = 0  # keys of therapists are positive, those of rooms negative
PLAIN = TEMPLATE.format(limits="", nothing="", hands="", visit="", room="", expired=EXPIRED)
CLOSER = TEMPLATE.format(
    limits=", t.longest_stretch_minutes, t.rest_minutes, t.daily_limit_minutes, t.weekly_limit_minutes",
    nothing=", NULL::int[]",
    hands=", ARRAY[a.before_minutes, a.after_minutes, a.load_minutes, (v.status = 'held')::int]",
    visit=" JOIN booking_appointment v ON v.id = a.appointment_id",
    room=""", ARRAY[(date_part('epoch', p.start_at - lower(p.occupied)) / 60)::int,
         (date_part('epoch', upper(p.occupied) - p.end_at) / 60)::int, 0, (p.status = 'held')::int]""",
    expired=EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when to read: dates of hours, both included, and stretches of what is taken, in minutes."""

    first_on: date
    last_on: date
    weekdays: list[int]
    therapists: Interval
    rooms: Interval


@dataclass(slots=True)
class Found:
    """What was read.

    `people` are (slug, name, week, exceptions, time off, gender, the four limits after a closer look, id), by slug.
    `busy` is by id, of rooms by -id, ascending; after a closer look `details` runs along with it: minutes of
    clean-up before and after, load, and 1 for what is only held. `expired` says that something has expired and its
    row still stands; `edition` is the catalogue's.
    """

    closer: bool
    people: list[list[Any]] = field(default_factory=list)
    busy: dict[int, list[Interval]] = field(default_factory=dict)
    closures: list[Interval] = field(default_factory=list)
    details: dict[int, list[list[int]]] = field(default_factory=dict)
    expired: bool = False
    edition: str | None = None


def look(wanted: Wanted, span: Span, *, now: datetime, instead_of: int, closer: bool) -> Found:
    """Return the diaries of who could serve what is wanted. One SQL statement.

    Raises memory.CatalogueChanged when `wanted` was remembered, and is of another edition.
    """
    alone = wanted.service.therapists_required == 1
    parameters = {
        "location": wanted.location.pk,
        "service": wanted.service.pk,
        # For a pair the wishes are each person's own: everybody's diary is read.
        "therapist": wanted.therapist if alone else None,
        "gender": wanted.gender if alone else None,
        # Written out, because psycopg takes a list apart in Python, and it is one of many rooms.
        "rooms": "{" + ",".join(str(room["id"]) for room in wanted.suitable_rooms) + "}",
        "first_on": span.first_on,
        "last_on": span.last_on,
        "weekdays": span.weekdays,
        "from": instant_of(span.therapists[0]),
        "until": instant_of(span.therapists[1]),
        "rooms_from": instant_of(span.rooms[0]),
        "rooms_until": instant_of(span.rooms[1]),
        "instead_of": instead_of,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLOSER if closer else PLAIN, parameters)
        found = _found(cursor.fetchall(), closer)
    if wanted.remembered:
        check_edition(wanted.premises, found.edition)
    found.people.sort(key=lambda row: row[0])
    if wanted.therapist and wanted.therapist not in [row[0] for row in found.people]:
        found.people.clear()  # of a pair, too, the one asked for by name must be able to be part
    return found


def _found(rows: list[tuple[Any, ...]], closer: bool) -> Found:
    found = Found(closer)
    for key, start, end, about, *details in rows:
        if about is not None and key == NOBODY:
            found.edition = about
            continue
        if about is not None:
            found.people.append([*about, key])
            continue
        if key == NOBODY and end:
            found.closures.append((start, end))
            continue
        if key == NOBODY:
            found.expired = True
            continue
        found.busy.setdefault(key, []).append((start, end))
        if closer:
            found.details.setdefault(key, []).append(details[0])
    return found
