from datetime import datetime, timedelta

from booking import errors
from booking.access import LINK_LIVES_AFTER_THE_VISIT, Caller
from booking.actions.book import assign
from booking.actions.change import check_may_change, check_version, locked
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.offer import Place, place_at
from booking.actions.record import agree_on, history_of, snapshot, tell
from booking.events import AppointmentRescheduled
from booking.models import Appointment
from booking.queries import agenda_around, utc_days, wanted_again


def reschedule_appointment(
    appointment: Appointment,
    *,
    start_at: datetime,
    by: Caller,
    now: datetime,
    therapist: str | None = None,
    version: int | None = None,
) -> Appointment:
    """Move the appointment to `start_at`; the old time comes free in the same commit.

    The therapist stays when free; one the client asked for by name stays in any case, unless `therapist`
    names another. Moving to the time it already has changes nothing. The desk is bound by neither the
    deadline nor notice and horizon. Raises errors.WrongState, errors.TooLate, errors.Stale (when `version`
    is not the present one), errors.SlotTaken, errors.NotOffered, errors.UnknownValue, errors.StudioBusy.
    """

    def run() -> Appointment:
        lock_days(appointment.location_id, _days(appointment, start_at))
        present = locked(appointment)
        check_version(present, version)
        check_may_change(present, by=by, now=now)
        if present.start_at <= now:
            raise errors.WrongState("The appointment has already begun. Please book a new one.")
        return _move(present, start_at=start_at, therapist=therapist, by=by, now=now)

    return in_one_transaction(run)


def _days(appointment: Appointment, start_at: datetime) -> list[int]:
    """Return the UTC days the moved visit may touch; freeing the old ones needs no lock."""
    lead = appointment.start_at - appointment.occupied.lower
    tail = appointment.occupied.upper - appointment.start_at
    return utc_days(start_at - lead, start_at + tail)


def _move(present: Appointment, *, start_at: datetime, therapist: str | None, by: Caller, now: datetime) -> Appointment:
    current = [one.therapist.slug for one in present.assignments.select_related("therapist")]
    if start_at == present.start_at and therapist in {None, *current}:
        return present
    wanted = wanted_again(present, therapist=therapist)
    duration = int((present.end_at - present.start_at) / timedelta(minutes=1))
    book = agenda_around(wanted, start_at, now=now, instead_of=present.pk, duration=duration, rules=not by.is_staff)
    place = place_at(book, start_at, prefer=current, named=therapist)
    before = snapshot(present, therapists=current, room=present.room.slug if present.room else None)
    _rewrite(present, place, zone=wanted.location.time_zone, now=now)
    present.requested_therapist = present.requested_therapist or therapist is not None
    present.save()
    assign(present, place)
    after = snapshot(present, therapists=place.therapist_slugs, room=place.room_slug)
    history_of(present, "rescheduled", by=by, now=now, before=before, after=after).save(force_insert=True)
    tell(AppointmentRescheduled, present, now=now)
    return present


def _rewrite(present: Appointment, place: Place, *, zone: str, now: datetime) -> None:
    """Put the new place on the row. Old assignments go first: the new time must not meet the old one."""
    present.assignments.all().delete()
    present.start_at, present.end_at = place.start_at, place.end_at
    present.occupied = place.occupied_range
    present.room_id = place.room_id
    present.version += 1
    present.sequence += 1
    agree_on(present, zone=zone, now=now)
    present.links.update(expires_at=present.end_at + LINK_LIVES_AFTER_THE_VISIT)
