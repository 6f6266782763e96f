from datetime import datetime

from booking import errors
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.waitlist.line import TAKEN, close_offer, locked_entry
from booking.models import EntryState, OfferState, WaitlistEntry


def withdraw_entry(entry: WaitlistEntry, *, now: datetime) -> WaitlistEntry:
    """Leave the waitlist; a time that is offered just now is given back. Leaving twice does it once.

    Raises errors.WrongState when a time was taken already: that is an appointment, to be cancelled as such.
    """

    def run() -> WaitlistEntry:
        set_limits()
        present = locked_entry(entry)
        if present.state == EntryState.ACCEPTED:
            raise errors.WrongState(TAKEN)
        if present.state in {EntryState.WITHDRAWN, EntryState.EXPIRED}:
            return present
        for offer in present.offers.filter(state=OfferState.OPEN).select_related("hold"):
            close_offer(offer, OfferState.DECLINED, now=now)
        present.state, present.ended_at = EntryState.WITHDRAWN, now
        present.save(update_fields=["state", "ended_at"])
        return present

    return in_one_transaction(run)
