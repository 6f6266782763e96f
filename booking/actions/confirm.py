from datetime import datetime

from booking import errors
from booking.access import Caller
from booking.actions.change import check_version
from booking.actions.clash import check_still_free
from booking.actions.locks import in_one_transaction
from booking.actions.steps import CONFIRMED, check_stands, is_over, locked_with_its_days, standing, write
from booking.models import Appointment


def confirm_appointment(
    appointment: Appointment, *, by: Caller, now: datetime, version: int | None = None
) -> Appointment:
    """Say yes to a request. Confirming what is booked already does nothing.

    A request that kept nobody out takes its time only now, under the lock of its days: of two requests for one
    time the second is refused and told which appointment has it (B-03). Raises errors.WrongState, errors.Stale,
    errors.SlotTaken and errors.StudioBusy.
    """

    def run() -> Appointment:
        present = locked_with_its_days(appointment)
        if present.status == CONFIRMED.becomes:
            return present
        check_version(present, version)
        check_stands(present, CONFIRMED)
        if is_over(present, now=now):
            raise errors.WrongState("Nobody answered this request in time, so it has ended. Please book a new one.")
        before = standing(present)
        if not present.blocks:
            check_still_free(present, now=now)
        present.status, present.blocks, present.expires_at = CONFIRMED.becomes, True, None
        return write(present, CONFIRMED, before=before, by=by, now=now)

    return in_one_transaction(run)
