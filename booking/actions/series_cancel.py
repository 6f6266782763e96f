"""One visit of a series is cancelled, and the later ones with it."""

from datetime import datetime

from booking import errors
from booking.access import Caller
from booking.actions.cancel import take_back
from booking.actions.change import check_may_change
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.series_look import Conflict, locked_with_later, refusal_of_all
from booking.domain import status
from booking.models import Appointment


def cancel_series(
    appointment: Appointment, *, by: Caller, now: datetime, reason: str = "", version: int | None = None
) -> Appointment:
    """Cancel the appointment and the later ones of its series, all or nothing. A second time nothing is left to do.

    Each is held to its own deadline, and counts as late by its own. Without a series it is cancelled alone. One
    mail names all that were cancelled. Raises errors.WrongState, errors.TooLate, errors.Stale, the refusal of the
    first conflict with each as its `occurrences`.
    """

    def run() -> Appointment:
        set_limits()
        found = locked_with_later(appointment, version=version)
        left = [one for one in found if one.status != status.CANCELLED]
        conflicts: list[Conflict] = []
        for one in left:
            try:
                check_may_change(one, by=by, now=now)
            except (errors.TooLate, errors.WrongState) as refusal:
                conflicts.append((one.start_at, refusal))
        if conflicts:
            raise refusal_of_all(conflicts, zone=found[0].location.time_zone)
        for number, one in enumerate(left):
            take_back(one, reason=reason, by=by, now=now, told=number == 0)
        return found[0]

    return in_one_transaction(run)
