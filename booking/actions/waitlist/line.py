"""What every answer of an entry shares: its row, its offer, and giving the time of an offer back."""

from datetime import datetime

from booking import errors
from booking.actions.freed import time_came_free
from booking.models import EntryState, OfferState, WaitlistEntry, WaitlistOffer

NO_OFFER = "There is no open offer for you at the moment. We write to you as soon as a time comes free."
RAN_OUT = "This offer has ended, so the time has gone to somebody else."
TAKEN = "You have already taken a time from the waitlist. The confirmation has the link to change it."
OVER = "You are not on the waitlist any more. Please join it again."
ENDED = (EntryState.ACCEPTED, EntryState.WITHDRAWN, EntryState.EXPIRED)


def locked_entry(entry: WaitlistEntry) -> WaitlistEntry:
    """Return the row as it is now and keep others from it until the transaction ends.

    Closes the race of two answers to one offer, and of an answer against its deadline: the second one sees what
    the first did. Everybody takes the entry before its offer and its hold.
    """
    return (
        WaitlistEntry.objects.select_for_update(of=("self",))
        .select_related("client", "location", "variation__service")
        .get(pk=entry.pk)
    )


def live_offer(present: WaitlistEntry, *, now: datetime) -> WaitlistOffer:
    """Return the offer that the locked entry may answer.

    Raises errors.HoldExpired when the last one has run out, errors.WrongState when there is none to answer.
    """
    last = present.offers.select_related("hold").order_by("offered_at", "pk").last()
    if present.state == EntryState.ACCEPTED:
        raise errors.WrongState(TAKEN)
    if last is not None and _ran_out(last, now=now):
        raise errors.HoldExpired(RAN_OUT)
    if present.state in ENDED:
        raise errors.WrongState(OVER)
    if last is None or last.state != OfferState.OPEN:
        raise errors.WrongState(NO_OFFER)
    return last


def _ran_out(offer: WaitlistOffer, *, now: datetime) -> bool:
    return offer.state == OfferState.EXPIRED or (offer.state == OfferState.OPEN and offer.expires_at <= now)


def close_offer(offer: WaitlistOffer, state: OfferState, *, now: datetime) -> None:
    """End the offer; its time is anybody's again, and whoever is next in line is asked."""
    hold = offer.hold
    offer.state, offer.answered_at, offer.hold = state, now, None
    offer.save(update_fields=["state", "answered_at", "hold"])
    if hold is not None:
        near = (hold.occupied.lower, hold.occupied.upper)
        hold.delete()
        time_came_free(hold.location_id, now=now, near=near)
