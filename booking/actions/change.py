"""What every change of an existing appointment checks first."""

from datetime import datetime

from booking import errors
from booking.access import Caller
from booking.domain import policy, status
from booking.models import Appointment
from booking.queries import change_until


def locked(appointment: Appointment) -> Appointment:
    """Return the row as it is now and keep others from changing it until the transaction ends.

    Closes the race of a move against a cancel, and of two moves: the second one sees what the first did.
    """
    return (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("location", "service", "client", "room")
        .get(pk=appointment.pk)
    )


def check_version(present: Appointment, version: int | None) -> None:
    """Raise errors.Stale when the caller read another version than the present one."""
    if version is not None and version != present.version:
        raise errors.Stale("The appointment has changed since you read it. Read it again.")


def check_may_change(present: Appointment, *, by: Caller, now: datetime) -> None:
    """Raise errors.WrongState when it is over or cancelled, errors.TooLate after the client's deadline."""
    if present.status not in status.CHANGEABLE:
        raise errors.WrongState(f"The appointment is {present.status}. Please book a new one.")
    if present.start_at <= now and not by.is_staff:
        raise errors.TooLate(_call(present, "The appointment has already begun"))
    if not by.is_staff and not policy.may_change(now, until=change_until(present)):
        raise errors.TooLate(_call(present, "The time for changes online has passed"))


def _call(present: Appointment, why: str) -> str:
    phone = present.location.phone
    return f"{why}. Please call us: {phone}." if phone else f"{why}. Please ask the studio."
