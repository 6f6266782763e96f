"""What may be told about appointments, as plain values, for mails, invites and pages."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from booking.domain import policy, status
from booking.events import AppointmentFacts
from booking.models import Appointment, Assignment, Studio
from booking.queries.catalogue import studio


def facts_of(appointment_ids: Iterable[int]) -> dict[int, AppointmentFacts]:
    """Return the facts of the appointments that exist, by id, in three SQL statements."""
    business = studio()
    assignments = Assignment.objects.select_related("therapist").order_by("therapist__slug")
    found = (
        Appointment.objects.filter(pk__in=list(appointment_ids))
        .select_related("location", "service", "variation", "client")
        .prefetch_related(Prefetch("assignments", queryset=assignments))
    )
    return {appointment.pk: _facts(appointment, business) for appointment in found}


def _facts(appointment: Appointment, studio: Studio) -> AppointmentFacts:
    location, client = appointment.location, appointment.client
    return AppointmentFacts(
        appointment_id=appointment.pk,
        reference=appointment.reference,
        uid=appointment.uid,
        status=appointment.status,
        version=appointment.version,
        sequence=appointment.sequence,
        start_at=appointment.start_at,
        end_at=appointment.end_at,
        time_zone=appointment.time_zone,
        created_at=appointment.created_at,
        agreed_at=appointment.agreed_at,
        changed_at=appointment.changed_at,
        change_until=change_until(appointment),
        studio_name=studio.name,
        studio_mail=studio.mail_address,
        studio_reply_to=studio.reply_to,
        location_slug=location.slug,
        location_name=location.name,
        location_address=location.address,
        location_phone=location.phone,
        latitude=location.latitude,
        longitude=location.longitude,
        service_slug=appointment.service.slug,
        service_name=appointment.service.name,
        service_kind=appointment.service.kind,
        duration_minutes=int((appointment.end_at - appointment.start_at).total_seconds() // 60),
        add_ons=tuple(appointment.add_ons),
        therapists=tuple(one.therapist.name for one in appointment.assignments.all()),
        price_amount=appointment.price_amount,
        price_currency=appointment.price_currency,
        client_name=client.name if client else "",
        client_mail=client.email if client else "",
        language=client.language if client else "en",
        partner_name=appointment.partner_name,
        partner_mail=appointment.partner_email,
        tips=appointment.tips,
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
