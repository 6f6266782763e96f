"""What may be told about appointments, as plain values, for mails, invites and pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from booking.domain import policy, status
from booking.events import AppointmentFacts
from booking.models import Appointment, Assignment, Studio
from booking.queries.catalogue import studio
from booking.queries.series import NO_DATES, Dates, Key, dates_of

# The facts that are a column as it stands, and the columns of those that go by another name. Mails are written by the
# thousand, and plain values take half of the time that rows of four models do.
AS_THEY_STAND = (
    "reference",
    "uid",
    "status",
    "version",
    "sequence",
    "start_at",
    "end_at",
    "time_zone",
    "created_at",
    "agreed_at",
    "changed_at",
    "price_amount",
    "price_currency",
    "partner_name",
    "tips",
    "expires_at",
    "cancel_reason",
)
# What the facts are worked out from.
WORKED_OUT = ("add_ons", "change_deadline_minutes", "cancelled_at", "series_id", "client_id")
NAMED = {
    "appointment_id": F("pk"),
    "room_name": Coalesce("room__name", Value("")),
    "location_slug": F("location__slug"),
    "location_name": F("location__name"),
    "location_address": F("location__address"),
    "location_phone": F("location__phone"),
    "latitude": F("location__latitude"),
    "longitude": F("location__longitude"),
    "service_slug": F("service__slug"),
    "service_name": F("service__name"),
    "service_kind": F("service__kind"),
    "client_name": Coalesce("client__name", Value("")),
    "client_mail": Coalesce("client__email", Value("")),
    "language": Coalesce("client__language", Value("en")),
    "partner_mail": F("partner_email"),
}


def facts_of(appointment_ids: Iterable[int]) -> dict[int, AppointmentFacts]:
    """Return the facts of the appointments that exist, by id, in three SQL statements, four with a series."""
    ids = list(appointment_ids)
    business = studio()
    therapists: dict[int, list[tuple[str, str]]] = {}
    assignments = Assignment.objects.filter(appointment__in=ids).order_by("therapist__slug")
    for appointment_id, name, slug in assignments.values_list("appointment_id", "therapist__name", "therapist__slug"):
        therapists.setdefault(appointment_id, []).append((name, slug))
    columns = (*AS_THEY_STAND, *WORKED_OUT)
    found = list(Appointment.objects.filter(pk__in=ids).values(*columns, **NAMED))
    dates = dates_of((row["series_id"], row["client_id"]) for row in found)
    return {row["appointment_id"]: _facts(row, business, therapists, dates) for row in found}


def _facts(
    row: dict[str, Any], studio: Studio, therapists: dict[int, list[tuple[str, str]]], dates: dict[Key, Dates]
) -> AppointmentFacts:
    add_ons, deadline_minutes, cancelled_at, series_id, client_id = (row.pop(name) for name in WORKED_OUT)
    known = dates.get((series_id, client_id), NO_DATES)
    assigned = therapists.get(row["appointment_id"], [])
    return AppointmentFacts(
        **row,
        change_until=policy.change_until(row["start_at"], deadline_minutes=deadline_minutes),
        duration_minutes=int((row["end_at"] - row["start_at"]).total_seconds() // 60),
        studio_name=studio.name,
        studio_mail=studio.mail_address,
        studio_reply_to=studio.reply_to,
        add_ons=tuple(add_ons),
        therapists=tuple(name for name, _ in assigned),
        therapist_slugs=tuple(slug for _, slug in assigned),
        series=tuple(known.ahead),
        cancelled_with=tuple(known.cancelled.get(cancelled_at, ())),
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
