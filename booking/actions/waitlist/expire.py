from datetime import datetime
from functools import partial

from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.waitlist.line import close_offer
from booking.models import EntryState, OfferState, WaitlistEntry, WaitlistOffer


def expire_offers(*, now: datetime) -> int:
    """End the offers that nobody took in time, and the entries whose last window has passed; return how many offers.

    The time of an offer goes to the next in line; its entry waits on at its old place. Nothing waits for this: from
    its deadline on a hold keeps nobody out, and an offer cannot be accepted.
    """
    overdue = WaitlistOffer.objects.filter(state=OfferState.OPEN, expires_at__lte=now)
    ids = list(overdue.order_by("expires_at", "pk").values_list("entry", flat=True))
    ended = sum(in_one_transaction(partial(_expire, entry_id, now=now)) for entry_id in ids)
    over = WaitlistEntry.objects.filter(state=EntryState.WAITING).exclude(windows__end_at__gt=now)
    over.update(state=EntryState.EXPIRED, ended_at=now)
    return ended


def _expire(entry_id: int, *, now: datetime) -> bool:
    set_limits()
    # Who is just answering has the row; the next round sees what came of it.
    rows = WaitlistEntry.objects.select_for_update(of=("self",), skip_locked=True)
    entry = rows.filter(pk=entry_id, state=EntryState.OFFERED).first()
    offer = entry and entry.offers.filter(state=OfferState.OPEN, expires_at__lte=now).select_related("hold").first()
    if not entry or not offer:
        return False
    close_offer(offer, OfferState.EXPIRED, now=now)
    entry.state = EntryState.WAITING
    entry.save(update_fields=["state"])
    return True
