from datetime import datetime

from booking.access import Caller
from booking.actions.change import check_version, locked
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.steps import DECLINED, check_stands, standing, write
from booking.models import Appointment


def decline_appointment(
    appointment: Appointment, *, by: Caller, now: datetime, reason: str = "", version: int | None = None
) -> Appointment:
    """Say no to a request, which frees its time in the same commit. Declining what is cancelled does nothing.

    Freeing time needs no lock on the diary. Raises errors.WrongState, errors.Stale and errors.StudioBusy.
    """

    def run() -> Appointment:
        set_limits()
        present = locked(appointment)
        if present.status == DECLINED.becomes:
            return present
        check_version(present, version)
        check_stands(present, DECLINED)
        return say_no(present, by=by, now=now, reason=reason)

    return in_one_transaction(run)


def say_no(present: Appointment, *, by: Caller, now: datetime, reason: str = "") -> Appointment:
    """Decline the pending row that the caller has locked."""
    before = standing(present)
    present.status, present.blocks, present.expires_at = DECLINED.becomes, False, None
    present.cancelled_at, present.cancel_reason = now, reason
    return write(present, DECLINED, before=before, by=by, now=now)
