import logging
from datetime import datetime, timedelta
from functools import partial

from booking import errors, events
from booking.access import ANYONE, digest, new_token
from booking.actions.expire import release_expired
from booking.actions.hold import keep
from booking.actions.limits import check_guest
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.offer import place_at
from booking.domain.intervals import instant_of, minute_of
from booking.models import Appointment, EntryState, WaitlistEntry, WaitlistOffer
from booking.queries import agenda_around, in_line, outlook, studio, utc_days, visit_of, wanted_by
from booking.queries.waitlist import ENDS_BEFORE_THE_VISIT

logger = logging.getLogger(__name__)
TRIES = 3
Stretch = tuple[datetime, datetime]


def fill_gaps(location_id: int, *, now: datetime, near: Stretch | None = None) -> int:
    """Offer free time to those who wait at the location, oldest entry first, each the earliest start that fits it.

    With `near`, only time around that stretch is looked at. An entry has one open offer at most. Each offer is a
    transaction of its own; when the studio is busy the rest waits for the next call. Returns how many were made.
    """
    made = 0
    for entry in in_line(location_id, now=now, near=near).select_related("client", "location", "variation"):
        try:
            made += _offer_something(entry, now=now, near=near)
        except errors.StudioBusy:
            logger.warning("The waitlist of location %s waits: the studio is busy.", location_id)
            break
    return made


def fill_every_gap(*, now: datetime) -> int:
    """Fill the gaps of each location somebody waits at; return how many offers were made."""
    waiting = WaitlistEntry.objects.filter(state=EntryState.WAITING)
    places = waiting.order_by("location").values_list("location", flat=True).distinct()
    return sum(fill_gaps(location_id, now=now) for location_id in places)


def _offer_something(entry: WaitlistEntry, *, now: datetime, near: Stretch | None) -> bool:
    """Offer the first start that can be kept for the entry. Somebody may be faster: then look again, a few times."""
    for _ in range(TRIES):
        starts = outlook(entry, now=now, near=near).starts
        if not starts:
            return False
        try:
            return in_one_transaction(partial(_offer, entry, starts[0], now=now))
        except errors.TooMany:
            return False
        except (errors.SlotTaken, errors.NotOffered, errors.UnknownValue):
            continue
    return False


def _offer(entry: WaitlistEntry, start_at: datetime, *, now: datetime) -> bool:
    """Keep `start_at` for the entry and tell the client; False when the entry does not wait any more.

    The days are locked before the entry's row, as by everybody who gives time away; an entry that somebody else is
    busy with is left to them.
    """
    wanted = wanted_by(entry)
    occupied = visit_of(wanted).occupied(minute_of(start_at))
    lock_days(entry.location_id, utc_days(instant_of(occupied[0]), instant_of(occupied[1])))
    rows = WaitlistEntry.objects.select_for_update(of=("self",), skip_locked=True)
    present = rows.filter(pk=entry.pk, state=EntryState.WAITING).first()
    if present is None:
        return False
    book = agenda_around(wanted, start_at, now=now)
    place = place_at(book, start_at, named=wanted.therapist)
    check_guest(entry.client, by=ANYONE, now=now)
    if book.expired:
        release_expired(place.occupied_range, now=now)
    longest = timedelta(minutes=studio().waitlist_offer_minutes)
    answer_until = min(now + longest, start_at - ENDS_BEFORE_THE_VISIT)
    # Nobody holds the token of this hold: it is taken through the entry.
    hold = keep(wanted, place, digest=digest(new_token()), expires_at=answer_until, now=now, client=entry.client)
    WaitlistOffer.objects.create(
        entry=present,
        hold=hold,
        start_at=start_at,
        therapists=place.therapist_slugs,
        offered_at=now,
        expires_at=answer_until,
    )
    present.state = EntryState.OFFERED
    present.save(update_fields=["state"])
    _tell(present, hold, until=answer_until, now=now)
    return True


def _tell(entry: WaitlistEntry, hold: Appointment, *, until: datetime, now: datetime) -> None:
    events.publish(
        events.WaitlistOffered(
            appointment_id=hold.pk,
            uid=hold.uid,
            sequence=hold.sequence,
            happened_at=now,
            recipients=("client",),
            entry_reference=entry.reference,
            answer_until=until,
        )
    )
