from datetime import datetime, timedelta

from booking import errors
from booking.access import Caller
from booking.actions.change import check_version
from booking.actions.clash import check_still_free
from booking.actions.locks import in_one_transaction
from booking.actions.steps import (
    CHECKED_IN,
    COMPLETED,
    CONFIRMED,
    DECLINED,
    NO_SHOW,
    Step,
    is_over,
    locked_with_its_days,
    standing,
    write,
)
from booking.domain import status
from booking.events import AppointmentTakenBack
from booking.models import Appointment, HistoryEntry

UNDO_WITHIN = timedelta(minutes=10)
CAN_BE_UNDONE = {step.word: step for step in (CONFIRMED, DECLINED, CHECKED_IN, COMPLETED, NO_SHOW)}


def undo(appointment: Appointment, *, by: Caller, now: datetime, version: int | None = None) -> Appointment:
    """Take back the desk's last step when nothing has happened since and it is at most ten minutes old.

    What freed its time takes it again, under the lock of its days: it may be somebody else's by now, and then
    the refusal says whose. Raises errors.WrongState, errors.Stale, errors.SlotTaken and errors.StudioBusy.
    """

    def run() -> Appointment:
        present = locked_with_its_days(appointment)
        check_version(present, version)
        last = _last_step(present, now=now)
        before, blocked = standing(present), present.blocks
        step = CAN_BE_UNDONE[last.action]
        _put_back(present, step, last)
        if present.status == status.PENDING and is_over(present, now=now):
            raise errors.WrongState("The request would have ended by now. Cancel the appointment, or book it anew.")
        if present.blocks and not blocked:
            check_still_free(present, now=now)
        back = Step(step.becomes, step.needs, "undone", AppointmentTakenBack, for_calendars=step.for_calendars)
        return write(present, back, before=before, by=by, now=now)

    return in_one_transaction(run)


def _last_step(present: Appointment, *, now: datetime) -> HistoryEntry:
    last = present.history.order_by("-at", "-id").first()
    if last is None or last.action not in CAN_BE_UNDONE:
        raise errors.WrongState(
            "There is nothing to undo: only confirming, declining, checking in, completing and marking a no-show "
            "can be undone, and only while nothing else has happened since."
        )
    if now - last.at > UNDO_WITHIN:
        raise errors.WrongState("This was more than ten minutes ago and can no longer be undone.")
    return last


def _put_back(present: Appointment, step: Step, last: HistoryEntry) -> None:
    """Give the row back what the step changed; the history says what that was."""
    present.status = step.needs
    present.blocks = last.before.get("blocks", present.blocks)
    if last.before.get("expires"):
        present.expires_at = datetime.fromisoformat(last.before["expires"])
    present.cancelled_at, present.cancel_reason = None, ""
