"""What a location's day holds, for the summary that the studio gets."""

from dataclasses import dataclass
from datetime import datetime

from booking.domain import status
from booking.models import Appointment

COMING = (status.BOOKED, status.ARRIVED, status.FULFILLED)


@dataclass(frozen=True, slots=True)
class Summary:
    """Keys of appointments, each list by start."""

    visits: list[int]
    requests: list[int]
    late: list[int]


def summary_of(location_id: int, *, day: tuple[datetime, datetime], late_since: datetime, now: datetime) -> Summary:
    """Return the visits that start in `day`, [from, until), the requests that wait, and what was cancelled late since.

    Three SQL statements.
    """
    here = Appointment.objects.filter(location=location_id).order_by("start_at", "pk")
    visits = here.filter(status__in=COMING, start_at__gte=day[0], start_at__lt=day[1])
    requests = here.filter(status=status.PENDING, expires_at__gt=now)
    late = here.filter(status=status.CANCELLED, late=True, cancelled_at__gt=late_since)
    keys = [list(found.values_list("pk", flat=True)) for found in (visits, requests, late)]
    return Summary(*keys)
