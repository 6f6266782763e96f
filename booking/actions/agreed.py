"""The row that stands for a place somebody takes, with the policy as it is at that moment."""

from datetime import datetime
from decimal import Decimal

from booking.actions.offer import Place
from booking.actions.record import agree_on
from booking.models import Appointment, Assignment
from booking.queries import Wanted


def row_for(wanted: Wanted, place: Place, *, now: datetime) -> Appointment:
    """Return the unsaved row of a visit at `place`: what is wanted, when, where, and a copy of price and policy.

    Whose it is, and its status, the caller says.
    """
    service, variation = wanted.service, wanted.variation
    row = Appointment(
        blocks=True,
        location=wanted.location,
        room_id=place.room_id,
        service=service,
        variation=variation,
        add_ons=[one.name for one in wanted.add_ons],
        start_at=place.start_at,
        end_at=place.end_at,
        occupied=place.occupied_range,
        price_amount=variation.price_amount + sum((one.price_amount for one in wanted.add_ons), Decimal(0)),
        price_currency=wanted.premises.currency,
        change_deadline_minutes=service.change_deadline_minutes,
        late_cancel_percent=service.late_cancel_percent,
        requested_therapist=wanted.therapist is not None,
        requested_gender=wanted.gender or "",
        partner_gender=wanted.partner_gender or "",
        created_at=now,
    )
    agree_on(row, zone=wanted.location.time_zone, now=now)
    return row


def assign(row: Appointment, place: Place) -> None:
    """Put the therapists to the saved row."""
    Assignment.objects.bulk_create(
        Assignment(
            appointment=row,
            therapist_id=therapist_id,
            occupied=row.occupied,
            blocks=row.blocks,
            before_minutes=place.before,
            after_minutes=place.after,
            load_minutes=place.load,
        )
        for therapist_id in place.therapist_ids
    )
