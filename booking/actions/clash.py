"""Whether the time of an appointment that kept nobody out is still free, and what stands in the way by name."""

from collections.abc import Iterator
from datetime import datetime

from booking import errors
from booking.actions.expire import release_expired
from booking.domain import status
from booking.domain.hours import wall_clock
from booking.models import Appointment, Assignment


def check_still_free(present: Appointment, *, now: datetime) -> None:
    """Raise errors.SlotTaken that names the appointment in the way; expired holds and requests go first.

    Call it under the lock of the days. The constraints have the last word about therapists whose other
    visit is at another location.
    """
    release_expired(present.occupied, now=now)
    for whom, other in _in_the_way(present):
        raise errors.SlotTaken(f"{whom} is taken {_by(other)}.")


def _in_the_way(present: Appointment) -> Iterator[tuple[str, Appointment]]:
    """Yield who or what is taken and by which appointment, each by the index of its own constraint."""
    others = Assignment.objects.filter(blocks=True, occupied__overlap=present.occupied).exclude(appointment=present)
    for one in others.filter(therapist__in=present.therapists.all()).select_related("therapist", "appointment"):
        yield one.therapist.name, one.appointment
    rows = Appointment.objects.filter(blocks=True).exclude(pk=present.pk)
    if present.room is not None:
        for other in rows.filter(room=present.room, occupied__overlap=present.occupied):
            yield f"The room {present.room.name}", other
    if present.client is not None and not present.alongside:
        meanwhile = rows.filter(client=present.client, start_at__lt=present.end_at, end_at__gt=present.start_at)
        for other in meanwhile.filter(alongside=False):
            yield "The client", other


def _by(other: Appointment) -> str:
    """Return who has the time, by the clock that was agreed with them."""
    if other.status == status.HELD:
        return "by somebody who is booking at this moment"
    start, end = (wall_clock(at, other.time_zone) for at in (other.start_at, other.end_at))
    return f"by appointment {other.reference}, {start:%Y-%m-%d %H:%M} to {end:%H:%M}"
