from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from booking import errors
from booking.access import Caller
from booking.actions.locks import Declined, in_one_transaction, lock_days, refusal_of
from booking.actions.reschedule import days_of_move, reschedule_appointment
from booking.models import Appointment, Closure, TimeOff
from booking.queries.absence import affected, alternatives

Days = dict[int, set[int]]  # UTC days by location


@dataclass(frozen=True, slots=True)
class Move:
    """Where an affected appointment, by its reference, is to go; None keeps the start, or leaves the choice."""

    reference: str
    start_at: datetime | None = None
    therapist: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """`left` are those that stay where they are, with the reason."""

    moved: list[Appointment]
    left: list[tuple[Appointment, errors.Refusal]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """An appointment and the places to try for it, best first."""

    appointment: Appointment
    places: list[Move]


def move_affected(absence: TimeOff | Closure, moves: Sequence[Move], *, by: Caller, now: datetime) -> Moved:
    """Move the appointments as told, all of them or none, and tell each client.

    Raises errors.UnknownValue for one that the absence does not affect, or that would stay where it is; the
    refusal of the first that cannot go where it is told to, which names it; errors.StudioBusy.
    """
    known = {one.reference: one for one in affected(absence, now=now)}
    for move in moves:
        _check(known.get(move.reference), move)
    plans = [_Plan(known[move.reference], [move]) for move in moves]

    def run() -> Moved:
        _lock(plans)
        return Moved([_go(plan.appointment, plan.places[0], by=by, now=now) for plan in plans], [])

    return in_one_transaction(run)


def move_what_can_be_moved(absence: TimeOff | Closure, *, by: Caller, now: datetime) -> Moved:
    """Move each affected appointment to the best place for it, in one action, and report those that stay.

    Best is the same time with another therapist, then the nearest start, with the same therapist when they are
    free. Who asked for the therapist that is away by name is left for the desk to ask, and so is what has begun.
    Places are looked for before the locks are taken, and tried again under them; when all of them are gone, once
    more on the days that are locked. Raises errors.StudioBusy.
    """
    plans = [_Plan(one, _best(one, absence, now=now)) for one in affected(absence, now=now)]

    def run() -> Moved:
        locked = _lock(plans)
        done = Moved([], [])
        for plan in plans:
            try:
                _check_can_be_asked_for(plan.appointment, absence, now=now)
                done.moved.append(_first_that_works(plan, absence, locked, by=by, now=now))
            except errors.Refusal as no:
                done.left.append((plan.appointment, no))
        return done

    return in_one_transaction(run)


def _check(appointment: Appointment | None, move: Move) -> None:
    if appointment is None:
        raise errors.UnknownValue("moves", f"{move.reference} is not affected.")
    present = {one.therapist.slug for one in appointment.assignments.all()}
    if move.start_at in {None, appointment.start_at} and move.therapist in {None, *present}:
        raise errors.UnknownValue("moves", f"{move.reference} would stay where it is. Give another start or therapist.")


def _best(appointment: Appointment, absence: TimeOff | Closure, *, now: datetime) -> list[Move]:
    if isinstance(absence, TimeOff) and appointment.requested_therapist:
        return []
    [free] = alternatives([appointment], now=now)
    same_time = [Move(appointment.reference, appointment.start_at)] if free.therapists else []
    # A place that is shut keeps nobody from being with the therapist they asked for, at another time.
    by_name = appointment.requested_therapist
    starts = free.starts if by_name else [start_at for start_at, _ in free.starts_with_anyone]
    return same_time + [Move(appointment.reference, start_at) for start_at in starts]


def _lock(plans: Iterable[_Plan]) -> Days:
    """Take every lock up front in the one order: locations and their days ascending, then the rows."""
    days: Days = {}
    for plan in plans:
        for place in plan.places:
            days.setdefault(plan.appointment.location_id, set()).update(_days(plan.appointment, place))
    for location_id in sorted(days):
        lock_days(location_id, days[location_id])
    rows = Appointment.objects.filter(pk__in=[plan.appointment.pk for plan in plans])
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    return days


def _days(appointment: Appointment, place: Move) -> list[int]:
    return days_of_move(appointment, place.start_at or appointment.start_at)


def _check_can_be_asked_for(appointment: Appointment, absence: TimeOff | Closure, *, now: datetime) -> None:
    """Raise the refusal for those whom only the desk can move."""
    if appointment.start_at <= now:
        raise errors.WrongState("The appointment has already begun.")
    if isinstance(absence, TimeOff) and appointment.requested_therapist:
        raise errors.NotOffered([], "The client asked for this therapist by name: ask them, then name the move.")


def _first_that_works(
    plan: _Plan, absence: TimeOff | Closure, locked: Days, *, by: Caller, now: datetime
) -> Appointment:
    for place in _places(plan, absence, locked, now=now):
        try:
            return _go(plan.appointment, place, by=by, now=now)
        except (errors.SlotTaken, errors.NotOffered):
            continue
    raise errors.NotOffered([], "There is no other time for it within two weeks.")


def _places(plan: _Plan, absence: TimeOff | Closure, locked: Days, *, now: datetime) -> Iterator[Move]:
    """Yield what was planned, then what is found anew: of two who were to go to one place, one looks again."""
    yield from plan.places
    days = locked.get(plan.appointment.location_id, set())
    for place in _best(plan.appointment, absence, now=now):
        if days.issuperset(_days(plan.appointment, place)):
            yield place


def _go(appointment: Appointment, place: Move, *, by: Caller, now: datetime) -> Appointment:
    """Move the one appointment. Raises its refusal, which names it.

    Never Declined, which ends the transaction with a COMMIT: others may have been moved before this one.
    """
    start_at = place.start_at or appointment.start_at
    try:
        with transaction.atomic():
            return reschedule_appointment(
                appointment,
                start_at=start_at,
                therapist=place.therapist,
                substitute=start_at == appointment.start_at or place.therapist is not None,
                by=by,
                now=now,
                version=appointment.version,
            )
    except Declined as no:
        raise _named(no.refusal(), appointment) from no
    except IntegrityError as error:
        raise _named(refusal_of(error), appointment) from error
    except errors.Refusal as no:
        raise _named(no, appointment) from None


def _named(error: Exception, appointment: Appointment) -> Exception:
    if isinstance(error, errors.Refusal):
        error.detail = f"{appointment.reference}: {error.detail}"
    return error
