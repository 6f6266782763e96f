"""Appointments whose instant no longer shows the wall time that was agreed, because clock rules have changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain import hours, status
from booking.models import Appointment

LIVE = (status.PENDING, status.BOOKED, status.ARRIVED)
# Of what is stored as just past, the agreed wall time may still be to come: zones are at most 26 hours apart.
MARGIN = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Drift:
    """`meant_at` is the instant, UTC, at which the clocks will show what was agreed.

    When the agreed time is one that the new rules skip, `shown` is what they show instead; it is read with the
    offset before the change (RFC 5545 section 3.3.5).
    """

    appointment: Appointment
    meant_at: datetime
    shown: str

    @property
    def minutes(self) -> int:
        """Return by how many minutes the visit moves; 0 when only what the clock calls the instant changes."""
        return int((self.meant_at - self.appointment.start_at) / timedelta(minutes=1))

    @property
    def vanished(self) -> bool:
        return self.shown != self.appointment.wall_start


def drift_of(appointment: Appointment) -> Drift | None:
    """Return how the stored instant differs from the agreed wall time by the zone rules installed, if it does.

    An hour that comes twice is no drift, whichever of the two was booked: the clock shows the same.
    """
    zone = appointment.time_zone
    if _shown(appointment.start_at, zone) == appointment.wall_start:
        return None
    agreed = datetime.fromisoformat(appointment.wall_start)
    meant_at = hours.instant(agreed.date(), agreed.time(), zone)
    return Drift(appointment, meant_at, _shown(meant_at, zone))


def drifts(*, now: datetime) -> list[Drift]:
    """Return each live appointment to come that has drifted.

    First those that move on, latest first, then those that move back, earliest first: in this order each makes
    way for the next of the same diary.
    """
    found = list(_found(now))
    later = [drift for drift in found if drift.minutes > 0]
    earlier = [drift for drift in found if drift.minutes <= 0]
    return [*reversed(later), *earlier]


def _found(now: datetime) -> Iterator[Drift]:
    rows = Appointment.objects.filter(status__in=LIVE, start_at__gt=now - MARGIN)
    for row in rows.select_related("location").order_by("start_at", "pk").iterator(chunk_size=2_000):
        drift = drift_of(row)
        if drift is not None and max(row.start_at, drift.meant_at) > now:
            yield drift


def _shown(at: datetime, zone: str) -> str:
    return hours.wall_clock(at, zone).isoformat(timespec="minutes")
