from dataclasses import replace
from datetime import datetime, timedelta

from booking import errors
from booking.access import LINK_LIVES_AFTER_THE_VISIT, Caller
from booking.actions.agreed import assign
from booking.actions.change import check_may_change, check_version, locked
from booking.actions.expire import release_expired
from booking.actions.freed import time_came_free
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.offer import Place, place_at
from booking.actions.override import NOTHING, Override, make_way, place_anyway
from booking.actions.record import agree_on, history_of, snapshot, tell
from booking.actions.steps import is_over
from booking.domain import status
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
    substitute: bool = False,
    override: Override = NOTHING,
) -> Appointment:
    """Move the appointment to `start_at`; the old time comes free in the same commit.

    The therapist stays when free; one the client asked for by name stays in any case, unless `therapist`
    names another. Moving to the time it already has changes nothing. With `substitute` the desk puts in
    `therapist`, or whoever is free, for one who cannot come; that is nobody's wish, and is told all the same.
    The desk is bound by neither the deadline nor notice and horizon, and may `override` other rules.
    Raises errors.WrongState, errors.TooLate, errors.Stale (when `version` is not the present one),
    errors.SlotTaken, errors.NotOffered, errors.UnknownValue, errors.StudioBusy.
    """

    def run() -> Appointment:
        lock_days(appointment.location_id, days_of_move(appointment, start_at))
        present = locked(appointment)
        check_version(present, version)
        check_may_change(present, by=by, now=now)
        if present.start_at <= now:
            raise errors.WrongState("The appointment has already begun. Please book a new one.")
        return move(
            present, start_at=start_at, therapist=therapist, substitute=substitute, override=override, by=by, now=now
        )

    return in_one_transaction(run)


def days_of_move(appointment: Appointment, start_at: datetime) -> list[int]:
    """Return the UTC days the moved visit may touch; freeing the old ones needs no lock."""
    lead = appointment.start_at - appointment.occupied.lower
    tail = appointment.occupied.upper - appointment.start_at
    return utc_days(start_at - lead, start_at + tail)


def stays(present: Appointment, *, start_at: datetime, therapist: str | None) -> bool:
    """Say whether it would be moved to where it is."""
    return start_at == present.start_at and therapist in {None, *_serving(present)}


def _serving(present: Appointment) -> list[str]:
    return [one.therapist.slug for one in present.assignments.select_related("therapist")]


def move(
    present: Appointment,
    *,
    start_at: datetime,
    therapist: str | None,
    by: Caller,
    now: datetime,
    substitute: bool = False,
    override: Override = NOTHING,
    told: bool = True,
) -> Appointment:
    """Put it at `start_at`; the caller holds the lock of the new days, has locked the row and found that it may move.

    Raises as reschedule_appointment does when the time cannot be had.
    """
    _check_not_over(present, now=now)
    if not substitute and stays(present, start_at=start_at, therapist=therapist):
        return present
    current = _serving(present)
    wanted = wanted_again(present, therapist=therapist)
    if substitute:
        wanted = replace(wanted, therapist=therapist)
    duration = int((present.end_at - present.start_at) / timedelta(minutes=1))
    about = {"instead_of": present.pk, "duration": duration, "rules": not by.is_staff}
    if override.rules:
        place, book = place_anyway(wanted, start_at, override=override, prefer=current, now=now, **about)
    else:
        book = agenda_around(wanted, start_at, now=now, **about)
        place = place_at(book, start_at, prefer=current, named=therapist)
    before = snapshot(present, therapists=current, room=present.room.slug if present.room else None)
    left = present.occupied.lower, present.occupied.upper
    if book.expired:
        release_expired(place.occupied_range, now=now)
    if override.lifts_clean_up:
        place = make_way(place, book.visit, moved=present, by=by, now=now)
    _rewrite(present, place, zone=wanted.location.time_zone, now=now)
    present.requested_therapist = _requested(present, place, current, therapist=therapist, substitute=substitute)
    present.overridden = override.needed(book, place)
    present.expires_at = _answer_until(present, request_hours=wanted.premises.request_hours)
    present.save()
    assign(present, place)
    after = snapshot(present, therapists=place.therapist_slugs, room=place.room_slug)
    if override.reason:
        after |= {"override": present.overridden, "reason": override.reason}
    history_of(present, "rescheduled", by=by, now=now, before=before, after=after).save(force_insert=True)
    tell(AppointmentRescheduled, present, by=by, now=now, told=told)
    time_came_free(present.location_id, now=now, near=left)
    return present


def _check_not_over(present: Appointment, *, now: datetime) -> None:
    if present.status == status.PENDING and is_over(present, now=now):
        raise errors.WrongState("Nobody answered this request in time, so it has ended. Please book a new one.")


def _answer_until(present: Appointment, *, request_hours: int) -> datetime | None:
    """Return when a request that was moved ends: nothing cuts the desk's time to answer short but the visit itself."""
    if present.status != status.PENDING:
        return present.expires_at
    since = present.created_at + timedelta(hours=request_hours)
    return min(max(present.expires_at or since, since), present.start_at)


def _requested(
    present: Appointment, place: Place, current: list[str], *, therapist: str | None, substitute: bool
) -> bool:
    """Say whether the client will be with whom they asked for; a substitute is nobody they asked for."""
    if substitute:
        return present.requested_therapist and set(current) <= set(place.therapist_slugs)
    return present.requested_therapist or therapist is not None


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
