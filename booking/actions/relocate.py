from datetime import datetime

from booking.access import Caller
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.record import history_of, tell
from booking.domain import status
from booking.events import AppointmentRelocated
from booking.models import Appointment, Location


def change_address(location: Location, *, address: str, by: Caller, now: datetime) -> int:
    """Give the location another address and tell everybody who is to come; return how many appointments.

    Somebody at the wrong door misses the visit as surely as at the wrong hour, so calendars get a new revision
    (RFC 5546 2.1.4: a distant new location). The same address again tells nobody.
    """

    def run() -> int:
        set_limits()
        present = Location.objects.select_for_update(no_key=True).get(pk=location.pk)
        before, after = present.address, "\n".join(address.splitlines()).strip()
        present.address = after
        present.save(update_fields=["address"])
        # Browsers send other line ends than we keep: only other words are another place.
        if before.split() == after.split():
            return 0
        coming = Appointment.objects.select_for_update(of=("self",)).filter(
            location=present, status__in=status.CHANGEABLE, start_at__gt=now
        )
        moved = list(coming.select_related("client").order_by("pk"))
        for appointment in moved:
            _move(appointment, before=before, after=after, by=by, now=now)
        return len(moved)

    return in_one_transaction(run)


def _move(appointment: Appointment, *, before: str, after: str, by: Caller, now: datetime) -> None:
    appointment.version += 1
    appointment.sequence += 1
    appointment.changed_at = now
    appointment.save(update_fields=["version", "sequence", "changed_at"])
    entry = history_of(appointment, "relocated", by=by, now=now, before={"address": before}, after={"address": after})
    entry.save(force_insert=True)
    tell(AppointmentRelocated, appointment, by=by, now=now)
