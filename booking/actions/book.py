import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from booking.access import Caller, link_for, new_token
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.offer import Place, place_at
from booking.actions.record import agree_on, history_of, snapshot, tell
from booking.domain import status
from booking.domain.intervals import instant_of
from booking.events import AppointmentBooked
from booking.models import Appointment, Assignment, Client, HistoryEntry, LinkToken, Source
from booking.models.references import new_reference
from booking.queries import Wanted, agenda_around, utc_days, visit_of

# The same name at the same address is the same client. What we know of them is not overwritten by a guest.
MEET_CLIENT = """
INSERT INTO booking_client (reference, name, email, phone, time_zone, language, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (lower(email), lower(name)) WHERE NOT (email = '')
DO UPDATE SET phone = coalesce(nullif(booking_client.phone, ''), excluded.phone)
RETURNING id, reference, language
"""

PUT_DOWN = """
WITH assigned AS (
  INSERT INTO booking_assignment (appointment_id, therapist_id, occupied, blocks)
  SELECT %(id)s, therapist, %(occupied)s, true FROM unnest(%(therapists)s::bigint[]) AS therapist),
noted AS (
  INSERT INTO booking_historyentry (appointment_id, at, action, actor, channel, before, after)
  VALUES (%(id)s, %(at)s, %(action)s, %(actor)s, %(channel)s, %(before)s::jsonb, %(after)s::jsonb))
INSERT INTO booking_linktoken (digest, purpose, appointment_id, expires_at)
VALUES (%(digest)s, %(purpose)s, %(id)s, %(expires_at)s)
"""


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
    the research notes to the studio's default.
    """

    client: Person | Client | None
    partner_name: str = ""
    partner_email: str = ""
    note: str = ""
    tips: bool | None = None
    source: str = Source.ONLINE
    notify: bool = True


@dataclass(frozen=True, slots=True)
class Booked:
    """`token` opens the appointment; it is in this answer and in mails, and nowhere else."""

    appointment: Appointment
    therapists: list[str]
    room: str | None
    token: str


def book_appointment(wanted: Wanted, *, start_at: datetime, wishes: Wishes, by: Caller, now: datetime) -> Booked:
    """Book what is wanted at `start_at` and tell those who are to know.

    Raises errors.SlotTaken, errors.NotOffered, errors.UnknownValue (therapist) and errors.StudioBusy; then
    nothing is written.
    """

    def run() -> Booked:
        visit = visit_of(wanted)
        occupied = visit.occupied(int(start_at.timestamp() // 60))
        lock_days(wanted.location.pk, utc_days(instant_of(occupied[0]), instant_of(occupied[1])))
        book = agenda_around(wanted, start_at, now=now)
        return _write(wanted, place_at(book, start_at, named=wanted.therapist), wishes=wishes, by=by, now=now)

    return in_one_transaction(run)


def _write(wanted: Wanted, place: Place, *, wishes: Wishes, by: Caller, now: datetime) -> Booked:
    location, variation = wanted.location, wanted.variation
    price = variation.price_amount + sum((one.price_amount for one in wanted.add_ons), Decimal(0))
    appointment = Appointment(
        status=status.PENDING if wanted.service.needs_confirmation else status.BOOKED,
        blocks=True,
        location=location,
        room_id=place.room_id,
        service=wanted.service,
        variation=variation,
        add_ons=[one.name for one in wanted.add_ons],
        client=_meet(wishes.client, now=now),
        partner_name=wishes.partner_name,
        partner_email=wishes.partner_email,
        start_at=place.start_at,
        end_at=place.end_at,
        occupied=place.occupied_range,
        price_amount=price,
        price_currency=wanted.premises.currency,
        change_deadline_minutes=wanted.service.change_deadline_minutes,
        requested_therapist=wanted.therapist is not None,
        requested_gender=wanted.gender or "",
        note=wishes.note,
        source=wishes.source,
        tips=wanted.premises.tips_by_default if wishes.tips is None else wishes.tips,
        notify=wishes.notify,
        created_at=now,
    )
    agree_on(appointment, zone=location.time_zone, now=now)
    appointment.save(force_insert=True)
    token = new_token()
    after = snapshot(appointment, therapists=place.therapist_slugs, room=place.room_slug)
    entry = history_of(appointment, "booked", by=by, now=now, before={}, after=after)
    _put_down(appointment, place, entry, link_for(appointment, token))
    tell(AppointmentBooked, appointment, now=now)
    return Booked(appointment, place.therapist_slugs, place.room_slug, token)


def assign(appointment: Appointment, place: Place) -> None:
    Assignment.objects.bulk_create(
        Assignment(appointment=appointment, therapist_id=therapist_id, occupied=appointment.occupied, blocks=True)
        for therapist_id in place.therapist_ids
    )


def _put_down(appointment: Appointment, place: Place, entry: HistoryEntry, link: LinkToken) -> None:
    """Insert what belongs to a new appointment in one round trip, because the diary is locked meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            PUT_DOWN,
            {
                "id": appointment.pk,
                "occupied": place.occupied_range,
                "therapists": place.therapist_ids,
                "at": entry.at,
                "action": entry.action,
                "actor": entry.actor,
                "channel": entry.channel,
                "before": json.dumps(entry.before),
                "after": json.dumps(entry.after),
                "digest": link.digest,
                "purpose": link.purpose,
                "expires_at": link.expires_at,
            },
        )


def _meet(who: Person | Client | None, *, now: datetime) -> Client | None:
    """Return the client, new or known, in one statement that two bookings at once cannot confuse."""
    if who is None or isinstance(who, Client):
        return who
    values: list[str | datetime] = [new_reference(), who.name, who.email, who.phone, who.time_zone, who.language, now]
    with connection.cursor() as cursor:
        cursor.execute(MEET_CLIENT, values)
        pk, reference, language = cursor.fetchone()
    return Client(pk=pk, reference=reference, name=who.name, email=who.email, phone=who.phone, language=language)
