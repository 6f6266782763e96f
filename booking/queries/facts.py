"""What may be told about appointments, as plain values, for mails, invites and pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg.pq import Format

from booking.domain import policy, status
from booking.events import AppointmentFacts
from booking.models import Appointment, Studio
from booking.queries.catalogue import studio
from booking.queries.series import NO_DATES, Dates, Key, dates_of

# Mails are written by the thousand: one statement that is written out takes a third of the time that the models do.
# The first five columns are what other facts are worked out from, the last two of who works in it.
FACTS = """
SELECT visit.series_id, visit.client_id, visit.cancelled_at, visit.change_deadline_minutes, visit.add_ons,
  visit.id AS appointment_id, visit.reference, visit.uid, visit.status, visit.version, visit.sequence,
  visit.start_at, visit.end_at, visit.time_zone, visit.created_at, visit.agreed_at, visit.changed_at,
  visit.price_amount, visit.price_currency, visit.partner_name, visit.partner_email AS partner_mail,
  visit.tips, visit.expires_at, visit.cancel_reason,
  coalesce(room.name, '') AS room_name,
  place.slug AS location_slug, place.name AS location_name, place.address AS location_address,
  place.phone AS location_phone, place.latitude, place.longitude,
  service.slug AS service_slug, service.name AS service_name, service.kind AS service_kind,
  coalesce(client.name, '') AS client_name, coalesce(client.email, '') AS client_mail,
  coalesce(client.language, 'en') AS language,
  assigned.names, assigned.slugs
FROM booking_appointment AS visit
JOIN booking_location AS place ON place.id = visit.location_id
JOIN booking_service AS service ON service.id = visit.service_id
LEFT JOIN booking_room AS room ON room.id = visit.room_id
LEFT JOIN booking_client AS client ON client.id = visit.client_id
CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(therapist.name ORDER BY therapist.slug), '{}') AS names,
    coalesce(array_agg(therapist.slug ORDER BY therapist.slug), '{}') AS slugs
  FROM booking_assignment AS assignment JOIN booking_therapist AS therapist ON therapist.id = assignment.therapist_id
  WHERE assignment.appointment_id = visit.id) AS assigned
WHERE visit.id = ANY(%s::bigint[])
"""
WORKED_OUT = 5


def facts_of(appointment_ids: Iterable[int]) -> dict[int, AppointmentFacts]:
    """Return the facts of the appointments that exist, by id, in two SQL statements, three with a series."""
    business = studio()
    with connection.cursor() as cursor:
        cursor.cursor.format = Format.BINARY  # read in a quarter of the time, most of it that of instants
        cursor.execute(FACTS, [list(appointment_ids)])
        names = [column.name for column in cursor.description[WORKED_OUT:-2]]
        found = cursor.fetchall()
    dates = dates_of((row[0], row[1]) for row in found)
    return {row[WORKED_OUT]: _facts(row, names, business, dates) for row in found}


def _facts(row: tuple[Any, ...], names: list[str], studio: Studio, dates: dict[Key, Dates]) -> AppointmentFacts:
    series_id, client_id, cancelled_at, deadline_minutes, add_ons, *known, therapists, slugs = row
    facts = dict(zip(names, known, strict=True))
    series = dates.get((series_id, client_id), NO_DATES)
    return AppointmentFacts(
        **facts,
        change_until=policy.change_until(facts["start_at"], deadline_minutes=deadline_minutes),
        duration_minutes=int((facts["end_at"] - facts["start_at"]).total_seconds() // 60),
        studio_name=studio.name,
        studio_mail=studio.mail_address,
        studio_reply_to=studio.reply_to,
        add_ons=tuple(add_ons),
        therapists=tuple(therapists),
        therapist_slugs=tuple(slugs),
        series=tuple(series.ahead),
        cancelled_with=tuple(series.cancelled.get(cancelled_at, ())),
    )


def change_until(appointment: Appointment) -> datetime:
    """Return the last instant at which the client may move or cancel, by the policy copied when it was made."""
    return policy.change_until(appointment.start_at, deadline_minutes=appointment.change_deadline_minutes)


def to_remind_of(*, after: datetime, before: datetime) -> QuerySet[Appointment]:
    """Return booked appointments that start in (after, before], soonest first, whose clients want mail."""
    return Appointment.objects.filter(
        status=status.BOOKED, notify=True, start_at__gt=after, start_at__lte=before
    ).order_by("start_at", "pk")


def to_follow_up(*, after: datetime, before: datetime) -> QuerySet[Appointment]:
    """Return visits that took place and ended in (after, before], whose clients want notes, oldest first.

    A studio that does not keep track of arrivals leaves them booked; that counts as having come.
    """
    return Appointment.objects.filter(
        status__in=(status.BOOKED, status.ARRIVED, status.FULFILLED),
        notify=True,
        tips=True,
        end_at__gt=after,
        end_at__lte=before,
    ).order_by("end_at", "pk")
