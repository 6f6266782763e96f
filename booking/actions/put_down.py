"""What a booking or a hold leaves in the tables, each in one statement: the diary is locked meanwhile."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from booking.actions.limits import ASKED, NOBODY_TO_ASK_OF, Asked
from booking.actions.offer import Place
from booking.models import Appointment, Client
from booking.models.references import new_reference

FIELDS = [field for field in Appointment._meta.concrete_fields if field.attname not in {"id", "client_id"}]
COLUMNS = ", ".join(str(field.column) for field in FIELDS)
# The row comes as JSON: its forty values as parameters would each be looked at anew by Django, psycopg and PostgreSQL.
# The names in the statements are our own model's columns.
ROW = f"SELECT {{client}}, {COLUMNS} FROM json_populate_record(NULL::booking_appointment, %(row)s)"  # noqa: S608 - our own model's columns
INSERT = f"INSERT INTO booking_appointment (client_id, {COLUMNS}) {ROW}"
ASSIGN = """
  INSERT INTO booking_assignment (appointment_id, therapist_id, occupied, blocks, before_minutes, after_minutes,
    load_minutes)
  SELECT id, therapist, occupied, blocks, %(before_minutes)s, %(after_minutes)s, %(load)s
  FROM kept, unnest(%(therapists)s::bigint[]) AS therapist"""
KEPT = "RETURNING id, occupied, blocks"
# A guest who may not book leaves nothing: what limits.py asks is asked here, behind the lock, and not on a way of its
# own. The same name at the same address is the same client. What we know of them is not overwritten by a guest.
# Without its line breaks: psycopg remembers what it found in a statement only up to 4,096 characters.
TEMPLATE = " ".join(
    f"""
WITH asked AS MATERIALIZED ({ASKED}),
met AS (
  INSERT INTO booking_client (reference, name, email, phone, time_zone, language, created_at)
  SELECT %(new_reference)s, %(name)s, %(email)s, %(phone)s, %(time_zone)s, %(language)s, %(at)s
  WHERE %(guest)s AND {{allowed}}
  ON CONFLICT (lower(email), lower(name)) WHERE NOT (email = '')
  DO UPDATE SET phone = coalesce(nullif(booking_client.phone, ''), excluded.phone)
  RETURNING id, reference, language),
kept AS ({{kept}} AND {{allowed}} {KEPT}),
{{assigned}}
noted AS (
  INSERT INTO booking_historyentry (appointment_id, at, action, actor, channel, before, after)
  SELECT id, %(at)s, %(action)s, %(actor)s, %(channel)s, %(before)s, %(after)s FROM kept),
linked AS (
  INSERT INTO booking_linktoken (digest, purpose, appointment_id, expires_at)
  SELECT %(digest)s, %(purpose)s, id, %(expires_at)s FROM kept)
SELECT kept.id, met.id, met.reference, met.language, asked.is_blocked, asked.has_enough, asked.house_is_full
FROM (VALUES (0)) AS one LEFT JOIN kept ON true LEFT JOIN met ON true LEFT JOIN asked ON true
""".split()  # noqa: S608 - put together of parts that stand here and in limits.py
)
ALLOWED = "NOT EXISTS (SELECT FROM asked WHERE is_blocked OR has_enough OR house_is_full)"
CLIENT = "coalesce((SELECT id FROM met), %(known)s)"
BOOK = TEMPLATE.format(
    allowed=ALLOWED, kept=INSERT.format(client=CLIENT) + " WHERE true", assigned=f"assigned AS ({ASSIGN}),"
)
# What was held becomes what is booked; who serves is assigned already.
TAKE_UP = TEMPLATE.format(
    allowed=ALLOWED,
    kept=f"UPDATE booking_appointment SET (client_id, {COLUMNS}) = ({ROW.format(client=CLIENT)}) WHERE id = %(held)s",  # noqa: S608 - our own model's columns
    assigned="",
)
HOLD = f"WITH kept AS ({INSERT.format(client='%(known)s')} {KEPT}), assigned AS ({ASSIGN}) SELECT id FROM kept"  # noqa: S608 - our own model's columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A guest, as they introduced themselves."""

    name: str
    email: str
    phone: str = ""
    time_zone: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What is written with the appointment: who it is for, where, the line of history, the link, and what to ask first.

    `guest` is somebody who introduced themselves; `row` names the client otherwise.
    """

    place: Place
    guest: Person | None
    line: dict[str, Any]
    link: dict[str, Any]
    asked: Asked = field(default=NOBODY_TO_ASK_OF)


def book(row: Appointment, booking: Booking) -> None:
    """Write the appointment, new or held until now, and all that belongs to it; give it its key and its client.

    Raises what limits.Asked says of a guest who may not book; then nothing is written.
    """
    is_new = row._state.adding
    guest, line = booking.guest, booking.line
    values = {
        **_values_of_row(row),
        **_values_of_guest(guest),
        **booking.asked.values,
        **booking.link,
        **line,
        "before": json.dumps(line["before"]),
        "after": json.dumps(line["after"]),
        **(_values_of_place(booking.place) if is_new else {"held": row.pk}),
    }
    with connection.cursor() as cursor:
        cursor.execute(BOOK if is_new else TAKE_UP, values)
        key, client_id, reference, language, *answers = cursor.fetchone()
    if key is None:
        booking.asked.refuse(*answers)
    row.pk, row._state.adding = key, False
    if guest is not None:
        row.client = Client(
            pk=client_id, reference=reference, name=guest.name, email=guest.email, phone=guest.phone, language=language
        )


def hold(row: Appointment, place: Place) -> None:
    """Write a hold and who is to serve it; give it its key."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, _values_of_row(row) | _values_of_place(place))
        row.pk, row._state.adding = cursor.fetchone()[0], False


def _values_of_row(row: Appointment) -> dict[str, Any]:
    columns = {field.column: getattr(row, field.attname) for field in FIELDS}
    return {"row": json.dumps(columns, default=str), "known": row.client_id}


def _values_of_place(place: Place) -> dict[str, Any]:
    return {
        "therapists": place.therapist_ids,
        "before_minutes": place.before,
        "after_minutes": place.after,
        "load": place.load,
    }


def _values_of_guest(guest: Person | None) -> dict[str, Any]:
    if guest is None:
        return {"guest": False} | dict.fromkeys(("new_reference", "name", "email", "phone", "time_zone", "language"))
    return {
        "guest": True,
        "new_reference": new_reference(),
        "name": guest.name,
        "email": guest.email,
        "phone": guest.phone,
        "time_zone": guest.time_zone,
        "language": guest.language,
    }
