"""Time that was kept for somebody too long is anybody's again; the row that still stands there makes way."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.actions.requests import decline_expired
from booking.domain import status
from booking.models import Appointment

# Written out, with the status as it stands in the index: PostgreSQL plans it for any values (locks.py).
EXPIRED_IN = """
SELECT * FROM booking_appointment
WHERE expires_at <= %s AND status IN ('held', 'pending') AND occupied && %s
ORDER BY id FOR UPDATE SKIP LOCKED
"""


def release_expired(occupied: DateTimeTZRange, *, now: datetime) -> None:
    """Delete expired holds, and decline expired requests, that stand in `occupied` at any location.

    Called inside the transaction that will write there: the constraint does not know what time it is. Reads do
    not need it: they leave out what has expired. A row that somebody else is just removing is left to them; the
    constraint waits for their commit.
    """
    for row in Appointment.objects.raw(EXPIRED_IN, [now, occupied]):
        if row.status == status.HELD:
            row.delete()
        else:
            decline_expired(row, now=now)
