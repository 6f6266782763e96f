"""One visit of a series moves, and the later ones follow by as much."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from booking import errors
from booking.access import Caller
from booking.actions.change import check_may_change
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.override import NOTHING, Override
from booking.actions.reschedule import days_of_move, move, stays
from booking.actions.series_look import CHANGED, Conflict, later, locked_with_later, refusal_of_all, tried
from booking.domain import status
from booking.domain.intervals import instant_of, minute_of
from booking.domain.series import shifted
from booking.models import Appointment

BEGUN = "The appointment has already begun. Please book a new one."
Move = tuple[Appointment, datetime]


def move_series(
    appointment: Appointment,
    *,
    start_at: datetime,
    by: Caller,
    now: datetime,
    therapist: str | None = None,
    version: int | None = None,
    override: Override = NOTHING,
) -> Appointment:
    """Move the appointment to `start_at` and each later one of its series by the same difference on the clock.

    All or nothing. Their own old times count as free, so a weekly series can move by a week. One moved by itself
    before keeps its distance from the others. Each is held to its own deadline. Without a series it moves alone.
    One mail tells all dates. Raises as reschedule_appointment does, the refusal of the first conflict with each
    as its `occurrences`.
    """

    def run() -> Appointment:
        expected = [appointment, *Appointment.objects.filter(later(appointment))]
        days = _days(_moves(expected, start_at))
        lock_days(appointment.location_id, days)
        found = locked_with_later(appointment, version=version)
        moves = _moves(found, start_at)
        if not days.issuperset(_days(moves)):  # somebody has moved a later one since we looked for the days
            raise errors.Stale(CHANGED)
        _check_each(found, by=by, now=now)
        moves = [(one, to) for one, to in moves if not stays(one, start_at=to, therapist=therapist)]
        _move_all(moves, partial(move, therapist=therapist, override=override, by=by, now=now))
        return found[0]

    return in_one_transaction(run)


def _moves(found: Sequence[Appointment], start_at: datetime) -> list[Move]:
    """Return where each goes: the first to `start_at`, the others by as much on the clock of the location."""
    first, *others = found
    to = shifted(
        [minute_of(one.start_at) for one in others],
        first.location.time_zone,
        moved_from=minute_of(first.start_at),
        moved_to=minute_of(start_at),
    )
    return [(first, start_at), *zip(others, map(instant_of, to), strict=True)]


def _days(moves: Sequence[Move]) -> set[int]:
    return {day for one, to in moves for day in days_of_move(one, to)}


def _check_each(found: Sequence[Appointment], *, by: Caller, now: datetime) -> None:
    conflicts: list[Conflict] = []
    for one in found:
        try:
            check_may_change(one, by=by, now=now)
            if one.start_at <= now:
                raise errors.WrongState(BEGUN)
        except (errors.TooLate, errors.WrongState) as refusal:
            conflicts.append((one.start_at, refusal))
    if conflicts:
        raise refusal_of_all(conflicts, zone=found[0].location.time_zone)


def _move_all(moves: Sequence[Move], run: Callable[..., Appointment]) -> None:
    """Free all the old times, then take the new ones; only the first mail goes, which tells all dates."""
    # In the table alone, and seen by nobody else: saving each at its new place restores what stands here.
    Appointment.objects.filter(pk__in=[one.pk for one, _ in moves]).update(status=status.CANCELLED, blocks=False)
    conflicts: list[Conflict] = []
    for number, (one, to) in enumerate(moves):
        outcome = tried(partial(run, one, start_at=to, told=number == 0))
        if isinstance(outcome, errors.Refusal):
            conflicts.append((to, outcome))
    if conflicts:
        raise refusal_of_all(conflicts, zone=moves[0][0].location.time_zone)
