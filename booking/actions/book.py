import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from booking.access import LINK_LIVES_AFTER_THE_VISIT, Caller, digest, new_token
from booking.actions.agreed import row_for
from booking.actions.expire import release_expired
from booking.actions.hold import live_hold, place_of
from booking.actions.limits import check_guest, contacts_of
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.offer import Place, closest, place_at
from booking.actions.override import NOTHING, Override, make_way, place_anyway
from booking.actions.record import history_of, snapshot, tell
from booking.domain import status
from booking.domain.intervals import instant_of, minute_of
from booking.events import AppointmentBooked, AppointmentRequested
from booking.models import Appointment, Client, HistoryEntry, Purpose, Series, Source
from booking.models.references import new_reference
from booking.queries import Agenda, Wanted, agenda_around, agenda_at, utc_days, visit_of

FIELDS = [field for field in Appointment._meta.concrete_fields if field.attname not in {"id", "client_id"}]
COLUMNS = ", ".join(str(field.column) for field in FIELDS)
# Everything that belongs to a new appointment in one round trip, because the diary is locked meanwhile. The row comes
# as JSON: its forty values as parameters would each be looked at anew by Django, psycopg and PostgreSQL. The same name
# at the same address is the same client. What we know of them is not overwritten by a guest.
TEMPLATE = """
WITH met AS (
  INSERT INTO booking_client (reference, name, email, phone, time_zone, language, created_at)
  SELECT %(new_reference)s, %(name)s, %(email)s, %(phone)s, %(time_zone)s, %(language)s, %(at)s WHERE %(guest)s
  ON CONFLICT (lower(email), lower(name)) WHERE NOT (email = '')
  DO UPDATE SET phone = coalesce(nullif(booking_client.phone, ''), excluded.phone)
  RETURNING id, reference, language),
booked AS ({booked} RETURNING id, occupied, blocks),
{assigned}
noted AS (
  INSERT INTO booking_historyentry (appointment_id, at, action, actor, channel, before, after)
  SELECT id, %(at)s, %(action)s, %(actor)s, %(channel)s, %(before)s, %(after)s FROM booked),
linked AS (
  INSERT INTO booking_linktoken (digest, purpose, appointment_id, expires_at)
  SELECT %(digest)s, %(purpose)s, id, %(expires_at)s FROM booked)
SELECT booked.id, met.id, met.reference, met.language FROM booked LEFT JOIN met ON true
"""
ROW = f"""
SELECT coalesce((SELECT id FROM met), %(known)s), {COLUMNS}
FROM json_populate_record(NULL::booking_appointment, %(row)s)"""  # noqa: S608 - the names are our own model's columns
WRITE = TEMPLATE.format(
    booked=f"INSERT INTO booking_appointment (client_id, {COLUMNS}) {ROW}",
    assigned="""assigned AS (
  INSERT INTO booking_assignment (appointment_id, therapist_id, occupied, blocks, before_minutes, after_minutes,
    load_minutes)
  SELECT id, therapist, occupied, blocks, %(before_minutes)s, %(after_minutes)s, %(load)s
  FROM booked, unnest(%(therapists)s::bigint[]) AS therapist),""",
)
# What was held becomes what is booked; who serves is assigned already.
TAKE_UP = TEMPLATE.format(
    booked=f"UPDATE booking_appointment SET (client_id, {COLUMNS}) = ({ROW}) WHERE id = %(held)s",  # noqa: S608 - see above
    assigned="",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A guest, as they introduced themselves."""

    name: str
    email: str
    phone: str = ""
    time_zone: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Everything about a booking that does not decide whether it fits.

    `client` is a guest, a client the desk knows, or None for somebody who just walked in. `tips` None leaves
    the research notes to the studio's default. `alongside` says that the desk knows of another visit of theirs at
    the same time.
    """

    client: Person | Client | None
    partner_name: str = ""
    partner_email: str = ""
    note: str = ""
    tips: bool | None = None
    source: str = Source.ONLINE
    notify: bool = True
    alongside: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """`token` opens the appointment; it is in this answer and in mails, and nowhere else."""

    appointment: Appointment
    therapists: list[str]
    room: str | None
    token: str


def book_appointment(
    wanted: Wanted,
    *,
    start_at: datetime,
    wishes: Wishes,
    by: Caller,
    now: datetime,
    override: Override = NOTHING,
    series: Series | None = None,
    prefer: Sequence[str] = (),
    told: bool = True,
) -> Booked:
    """Book what is wanted at `start_at` and tell those who are to know, unless `told` is False.

    `prefer` are slugs of therapists to take if they are free. A service that needs confirmation is a request,
    unless the desk books it. The desk may `override` rules; nothing overrides two clients on one therapist or in
    one room. Raises errors.SlotTaken, errors.NotOffered, errors.UnknownValue (therapist), errors.TooMany and
    errors.StudioBusy; then nothing is written.
    """

    def run() -> Booked:
        occupied = visit_of(wanted).occupied(minute_of(start_at))
        days = utc_days(instant_of(occupied[0]), instant_of(occupied[1]))
        lock_days(wanted.location.pk, days, contacts=contacts_of(wishes.client, by=by))
        place, book = _find(wanted, start_at, override=override, prefer=prefer, now=now)
        check_guest(
            wishes.client,
            by=by,
            now=now,
            nearest=lambda: closest(_whole(wanted, start_at, now), start_at),
            series=series,
        )
        if book.expired:
            release_expired(place.occupied_range, now=now)
        if override.lifts_clean_up:
            place = make_way(place, book.visit, by=by, now=now)
        row = row_for(wanted, place, now=now)
        row.series, row.overridden = series, override.needed(book, start_at)
        return _write(row, place, wanted, wishes=wishes, by=by, now=now, told=told, reason=override.reason)

    return in_one_transaction(run)


def book_held(hold_digest: str, wanted: Wanted, *, wishes: Wishes, by: Caller, now: datetime) -> Booked:
    """Turn the hold that `hold_digest` opens into an appointment: same time, therapists, room and price.

    `wanted` is what was held (queries.wanted_again). The hold keeps the time, so notice does not matter any more,
    and no diary is locked: nobody else can have it. Of two who come with the same hold one gets it.
    Raises errors.HoldExpired, errors.TooMany, errors.SlotTaken (for who is not to book) and errors.StudioBusy.
    """

    def run() -> Booked:
        lock_days(wanted.location.pk, (), contacts=contacts_of(wishes.client, by=by))
        row = live_hold(hold_digest, now=now)
        place = place_of(row)
        check_guest(wishes.client, by=by, now=now)
        row.created_at = row.agreed_at = row.changed_at = now
        row.hold_digest, row.holder, row.expires_at = None, "", None
        return _write(row, place, wanted, wishes=wishes, by=by, now=now)

    return in_one_transaction(run)


def _find(
    wanted: Wanted, start_at: datetime, *, override: Override, prefer: Sequence[str], now: datetime
) -> tuple[Place, Agenda]:
    """Return the place, and the agenda it was found in with all rules in force."""
    if override.rules:
        return place_anyway(wanted, start_at, override=override, prefer=prefer, now=now)
    book = agenda_at(wanted, start_at, now=now)
    named = wanted.therapist
    place = place_at(book, start_at, prefer=prefer, named=named, whole=lambda: _whole(wanted, start_at, now))
    return place, book


def _whole(wanted: Wanted, start_at: datetime, now: datetime) -> Agenda:
    return agenda_around(wanted, start_at, now=now)


def _write(
    row: Appointment,
    place: Place,
    wanted: Wanted,
    *,
    wishes: Wishes,
    by: Caller,
    now: datetime,
    told: bool = True,
    reason: str = "",
) -> Booked:
    """Fill in whose it is, and write the row with all that belongs to it."""
    is_request = wanted.service.needs_confirmation and not by.is_desk
    row.status = status.PENDING if is_request else status.BOOKED
    if is_request:
        row.blocks = wanted.premises.requests_block
        row.expires_at = min(now + timedelta(hours=wanted.premises.request_hours), row.start_at)
    row.client = wishes.client if isinstance(wishes.client, Client) else None
    row.partner_name, row.partner_email = wishes.partner_name, wishes.partner_email
    row.note, row.source, row.notify, row.alongside = wishes.note, wishes.source, wishes.notify, wishes.alongside
    row.tips = wanted.premises.tips_by_default if wishes.tips is None else wishes.tips
    after = snapshot(row, therapists=place.therapist_slugs, room=place.room_slug)
    if reason:
        after |= {"override": row.overridden, "reason": reason}
    entry = history_of(row, "requested" if is_request else "booked", by=by, now=now, before={}, after=after)
    token = new_token()
    link = {
        "digest": digest(token),
        "purpose": Purpose.MANAGE,
        "expires_at": row.end_at + LINK_LIVES_AFTER_THE_VISIT,
    }
    guest = wishes.client if isinstance(wishes.client, Person) else None
    _put_down(row, guest, _values_of(entry) | link | _values_of_place(place))
    tell(AppointmentRequested if is_request else AppointmentBooked, row, by=by, now=now, told=told)
    return Booked(row, place.therapist_slugs, place.room_slug, token)


def _put_down(row: Appointment, guest: Person | None, values: dict[str, Any]) -> None:
    """Write the appointment and what belongs to it; give it its key and its client."""
    columns = {field.column: getattr(row, field.attname) for field in FIELDS}
    values |= {"row": json.dumps(columns, default=str), "known": row.client_id, "guest": guest is not None}
    with connection.cursor() as cursor:
        if row._state.adding:
            cursor.execute(WRITE, values | _values_of_guest(guest))
        else:
            cursor.execute(TAKE_UP, values | _values_of_guest(guest) | {"held": row.pk})
        row.pk, client_id, reference, language = cursor.fetchone()
    if guest is not None:
        row.client = Client(
            pk=client_id, reference=reference, name=guest.name, email=guest.email, phone=guest.phone, language=language
        )


def _values_of_place(place: Place) -> dict[str, Any]:
    return {
        "therapists": place.therapist_ids,
        "before_minutes": place.before,
        "after_minutes": place.after,
        "load": place.load,
    }


def _values_of(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "action": entry.action,
        "actor": entry.actor,
        "channel": entry.channel,
        "before": json.dumps(entry.before),
        "after": json.dumps(entry.after),
    }


def _values_of_guest(guest: Person | None) -> dict[str, Any]:
    if guest is None:
        return dict.fromkeys(("new_reference", "name", "email", "phone", "time_zone", "language"))
    return {
        "new_reference": new_reference(),
        "name": guest.name,
        "email": guest.email,
        "phone": guest.phone,
        "time_zone": guest.time_zone,
        "language": guest.language,
    }
