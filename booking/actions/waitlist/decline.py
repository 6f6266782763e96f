from datetime import datetime

from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.waitlist.line import close_offer, live_offer, locked_entry
from booking.models import EntryState, OfferState, WaitlistEntry


def decline_offer(entry: WaitlistEntry, *, now: datetime) -> WaitlistEntry:
    """Say no to the open offer: the time goes to the next in line, the entry waits on at its old place.

    Freeing time needs no lock on the diary. Raises errors.HoldExpired, errors.WrongState, errors.StudioBusy.
    """

    def run() -> WaitlistEntry:
        set_limits()
        present = locked_entry(entry)
        close_offer(live_offer(present, now=now), OfferState.DECLINED, now=now)
        present.state = EntryState.WAITING
        present.save(update_fields=["state"])
        return present

    return in_one_transaction(run)
