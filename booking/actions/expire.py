"""Time that was kept for somebody too long is anybody's again; the row that still stands there makes way."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.actions.requests import decline_expired
from booking.domain import status
from booking.models import Appointment


def release_expired(occupied: DateTimeTZRange, *, now: datetime) -> None:
    """Delete expired holds, and decline expired requests, that stand in `occupied` at any location.

    Called inside the transaction that will write there: the constraint does not know what time it is. Reads do
    not need it: they leave out what has expired. A row that somebody else is just removing is left to them; the
    constraint waits for their commit.
    """
    found = (
        Appointment.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(status__in=(status.HELD, status.PENDING), expires_at__lte=now, occupied__overlap=occupied)
        .order_by("pk")
    )
    for row in found:
        if row.status == status.HELD:
            row.delete()
        else:
            decline_expired(row, now=now)
