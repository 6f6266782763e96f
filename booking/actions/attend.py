"""The client is here, has been here, or has not come: what the desk marks on the day."""

from collections.abc import Callable
from datetime import datetime, timedelta

from booking import errors
from booking.access import Caller
from booking.actions.change import check_version, locked
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.steps import CHECKED_IN, COMPLETED, NO_SHOW, Step, check_stands, standing, write
from booking.domain import status
from booking.domain.hours import local_date, local_day, wall_clock
from booking.domain.intervals import instant_of
from booking.models import Appointment

CHECK_IN_OPENS_BEFORE = timedelta(hours=12)


def check_in(appointment: Appointment, *, by: Caller, now: datetime, version: int | None = None) -> Appointment:
    """Mark that the client has come: from 12 hours before the start until that local day ends.

    Checking in twice does it once. Raises errors.WrongState, errors.Stale and errors.StudioBusy.
    """
    return _mark(appointment, CHECKED_IN, by=by, now=now, version=version, check=_check_day)


def complete(appointment: Appointment, *, by: Caller, now: datetime, version: int | None = None) -> Appointment:
    """Mark that the visit has taken place; the client must have been checked in.

    Completing twice does it once. Raises errors.WrongState, errors.Stale and errors.StudioBusy.
    """
    return _mark(appointment, COMPLETED, by=by, now=now, version=version)


def no_show(appointment: Appointment, *, by: Caller, now: datetime, version: int | None = None) -> Appointment:
    """Mark that the client has not come, which frees the time in the same commit; from the start on (C-04).

    Marking it twice does it once. Raises errors.WrongState, errors.Stale and errors.StudioBusy.
    """
    return _mark(appointment, NO_SHOW, by=by, now=now, version=version, check=_check_begun)


def _check_day(present: Appointment, now: datetime) -> None:
    """Raise errors.WrongState outside the hours in which somebody can come to this visit."""
    if now < present.start_at - CHECK_IN_OPENS_BEFORE:
        begins = wall_clock(present.start_at, present.time_zone)
        raise errors.WrongState(
            f"The visit begins at {begins:%Y-%m-%d %H:%M}; check in on the day. If the client is here already, "
            "move the appointment to now."
        )
    _, midnight = local_day(local_date(present.start_at, present.time_zone), present.time_zone)
    if now >= max(instant_of(midnight), present.end_at):
        raise errors.WrongState("The day of the visit is over. Mark it as a no-show, or cancel it.")


def _check_begun(present: Appointment, now: datetime) -> None:
    if now < present.start_at:
        raise errors.WrongState("The visit has not begun yet. If the client has called it off, cancel it.")


def _mark(
    appointment: Appointment,
    step: Step,
    *,
    by: Caller,
    now: datetime,
    version: int | None,
    check: Callable[[Appointment, datetime], None] | None = None,
) -> Appointment:
    """Take the step; `check` raises what else is in the way."""

    def run() -> Appointment:
        set_limits()
        present = locked(appointment)
        if present.status == step.becomes:
            return present
        check_version(present, version)
        check_stands(present, step)
        if check is not None:
            check(present, now)
        before = standing(present)
        present.status, present.blocks = step.becomes, step.becomes in status.BLOCKING
        return write(present, step, before=before, by=by, now=now)

    return in_one_transaction(run)
