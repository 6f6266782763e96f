from datetime import datetime

from booking import errors
from booking.access import Caller
from booking.actions.book import Booked, Wishes, book_held
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.waitlist.line import RAN_OUT, live_offer, locked_entry
from booking.models import EntryState, OfferState, WaitlistEntry
from booking.queries import wanted_again


def accept_offer(entry: WaitlistEntry, *, by: Caller, now: datetime) -> Booked:
    """Book the time that is offered to the entry, and close the entry for good.

    The hold keeps the time, so notice and horizon do not matter any more, and no diary is locked. Of two answers at
    once the first one counts. Raises errors.HoldExpired after the deadline, errors.WrongState without an open offer,
    errors.TooMany, and errors.StudioBusy; then nothing has changed.
    """

    def run() -> Booked:
        set_limits()
        present = locked_entry(entry)
        offer = live_offer(present, now=now)
        hold = offer.hold
        if hold is None or hold.hold_digest is None:
            raise errors.HoldExpired(RAN_OUT)
        booked = book_held(hold.hold_digest, wanted_again(hold), wishes=_wishes(present), by=by, now=now)
        offer.state, offer.answered_at = OfferState.ACCEPTED, now
        offer.save(update_fields=["state", "answered_at"])
        present.state, present.ended_at = EntryState.ACCEPTED, now
        present.save(update_fields=["state", "ended_at"])
        return booked

    return in_one_transaction(run)


def _wishes(entry: WaitlistEntry) -> Wishes:
    return Wishes(
        client=entry.client,
        partner_name=entry.partner_name,
        partner_email=entry.partner_email,
        note=entry.note,
        tips=entry.tips,
    )
