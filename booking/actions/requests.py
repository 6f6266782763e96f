"""Requests that nobody answered in time, and holds that nobody used.

Neither keeps anybody out once it has expired, whether or not this has run: it tells the client, and tidies up.
"""

import logging
from datetime import datetime, timedelta

from booking import errors
from booking.access import Caller
from booking.actions.decline import say_no
from booking.actions.locks import in_one_transaction, set_limits
from booking.domain import status
from booking.models import Appointment

logger = logging.getLogger(__name__)

NOBODY = Caller("nobody", "nobody answered", channel="job")
MOST_AT_ONCE = 200
# A hold is looked at for a while after it ended: by its caller, and by the offer it was kept for.
HOLDS_ARE_KEPT_FOR = timedelta(minutes=10)


def end_requests(*, now: datetime) -> int:
    """Decline the pending requests that have expired, at most MOST_AT_ONCE; return how many.

    Each in a transaction of its own, and one that fails is logged and keeps no other waiting. Rows that somebody
    else holds at this moment are left for the next time.
    """
    expired = Appointment.objects.filter(status=status.PENDING, expires_at__lte=now).order_by("expires_at")
    return sum(_end(pk, now=now) for pk in list(expired.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def _end(pk: int, *, now: datetime) -> bool:
    def run() -> bool:
        set_limits()
        free = Appointment.objects.select_for_update(skip_locked=True, of=("self",)).select_related("client")
        found = free.filter(pk=pk, status=status.PENDING, expires_at__lte=now).first()
        if found is not None:
            decline_expired(found, now=now)
        return found is not None

    try:
        return in_one_transaction(run)
    except errors.StudioBusy:
        return False
    except Exception:
        logger.exception("The request with the key %s could not be ended.", pk)
        return False


def decline_expired(present: Appointment, *, now: datetime) -> Appointment:
    """Decline the expired request that the caller has locked, because nobody answered it."""
    return say_no(present, by=NOBODY, now=now)


def forget_holds(*, now: datetime) -> int:
    """Delete holds that ended HOLDS_ARE_KEPT_FOR ago or earlier, at most MOST_AT_ONCE; return how many."""

    def run() -> int:
        set_limits()
        old = Appointment.objects.filter(status=status.HELD, expires_at__lte=now - HOLDS_ARE_KEPT_FOR)
        free = old.select_for_update(skip_locked=True, of=("self",)).order_by("expires_at")
        keys = list(free.values_list("pk", flat=True)[:MOST_AT_ONCE])
        Appointment.objects.filter(pk__in=keys).delete()
        return len(keys)

    return in_one_transaction(run)
