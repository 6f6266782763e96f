from datetime import datetime

from booking import errors
from booking.access import ANYONE
from booking.actions.limits import check_guest
from booking.actions.locks import Declined
from booking.models import WaitlistEntry
from booking.queries import outlook
from booking.queries.waitlist import ENOUGH_AHEAD


def why_no_offer(entry: WaitlistEntry, *, now: datetime) -> str:
    """Return why the waiting entry has no offer at `now`, as a word of queries.waitlist.REASONS.

    Found by the code that makes offers, so that the two cannot disagree. Reads only.
    """
    found = outlook(entry, now=now)
    if found.starts:
        try:
            check_guest(entry.client, by=ANYONE, now=now)
        except Declined as no:
            if isinstance(no.refusal(), errors.TooMany):
                return ENOUGH_AHEAD
    return found.reason
