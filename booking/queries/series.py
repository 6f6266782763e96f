"""The other dates of a series, as those who read about one of its visits want to know them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from booking.domain import status
from booking.models import Appointment

# A series and whose it is: a visit that the desk gave to another client no longer belongs to the others.
Key = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Dates:
    """Starts, ascending, UTC: those `ahead` are to take place; `cancelled` are kept by when they were."""

    ahead: list[datetime] = field(default_factory=list)
    cancelled: dict[datetime, list[datetime]] = field(default_factory=lambda: defaultdict(list))


NO_DATES = Dates()


def dates_of(keys: Iterable[Key]) -> dict[Key, Dates]:
    """Return the dates of each series, in one SQL statement, or none when no key names a series."""
    series = {series_id for series_id, _ in keys if series_id is not None}
    dates: dict[Key, Dates] = defaultdict(Dates)
    if not series:
        return dates
    found = Appointment.objects.filter(series__in=series).order_by("start_at", "pk")
    columns = ("series_id", "client_id", "start_at", "status", "cancelled_at")
    for series_id, client_id, start_at, word, cancelled_at in found.values_list(*columns):
        known = dates[series_id, client_id]
        if word in status.CHANGEABLE:
            known.ahead.append(start_at)
        elif word == status.CANCELLED and cancelled_at is not None:
            known.cancelled[cancelled_at].append(start_at)
    return dates


def whole_series(appointment_id: int) -> list[int]:
    """Return the ids of the visits of its series that are still to take place, and its own, by start, then id.

    Of an appointment without a series it is the only one.
    """
    one = Appointment.objects.get(pk=appointment_id)
    ids = {one.pk: one.start_at}
    if one.series_id is not None:
        others = Appointment.objects.filter(series=one.series_id, client=one.client_id, status__in=status.CHANGEABLE)
        ids |= dict(others.values_list("pk", "start_at"))
    return sorted(ids, key=lambda pk: (ids[pk], pk))
