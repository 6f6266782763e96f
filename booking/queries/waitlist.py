"""The waitlist: what an entry wants, which times could be offered to it now, and why there is none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from booking import errors
from booking.domain import hours, policy, status
from booking.domain.intervals import Minute, instant_of, minute_after, minute_of
from booking.models import Appointment, EntryState, OfferState, WaitlistEntry, WaitlistOffer
from booking.queries.agenda import Agenda, agenda, visit_of
from booking.queries.blocked import is_blocked
from booking.queries.catalogue import Wanted, wanted
from booking.queries.slots import why_none

# An offer ends before the visit begins, so that nobody says yes to a visit they cannot reach; and who is asked
# has a while to answer, or is not asked at all.
ENDS_BEFORE_THE_VISIT = timedelta(minutes=15)
SHORTEST_OFFER = timedelta(minutes=10)
# Freeing a visit may free a therapist's daily hours, too: times a day around it are looked at anew.
AROUND = timedelta(days=1)

FULLY_BOOKED, TOO_SOON, TOO_FAR = "fully-booked", "too-soon", "too-far"
IN_LINE, DECLINED, OWN_VISIT, ENOUGH_AHEAD = "in-line", "declined", "own-visit", "enough-ahead"
NO_ADDRESS, NO_LONGER_OFFERED = "no-address", "no-longer-offered"
# Of several windows the reason that gives most hope is told. The first six are the words of the slots.
REASONS = (
    FULLY_BOOKED,
    TOO_SOON,
    TOO_FAR,
    "closed",
    "no-room",
    "no-therapist",
    IN_LINE,
    DECLINED,
    OWN_VISIT,
    ENOUGH_AHEAD,
    NO_ADDRESS,
    NO_LONGER_OFFERED,
)
Span = tuple[Minute, Minute]  # first and last start, both included


@dataclass(frozen=True, slots=True)
class Outlook:
    """The starts that can be offered to an entry now, ascending and UTC, and one of REASONS why it has no offer yet."""

    starts: list[datetime]
    reason: str


def wanted_by(entry: WaitlistEntry) -> Wanted:
    """Return what the entry waits for. Raises errors.UnknownValue when that can no longer be booked."""
    return wanted(
        location=entry.location.slug,
        variation=entry.variation.slug,
        add_ons=[one.slug for one in entry.add_ons.all()],
        therapist=entry.therapist or None,
        gender=entry.gender or None,
        partner_gender=entry.partner_gender or None,
    )


def outlook(entry: WaitlistEntry, *, now: datetime, near: tuple[datetime, datetime] | None = None) -> Outlook:
    """Look into the diary for the entry, by the code that offers slots; with `near`, around that stretch only.

    A start is left out when the entry could not take it: its visit must lie in one of the windows, leave time to
    answer, meet neither another visit of the client nor time that the entry declined or let pass.
    """
    if not entry.client.email:
        return Outlook([], NO_ADDRESS)
    try:
        asked = wanted_by(entry)
    except errors.UnknownValue:
        return Outlook([], NO_LONGER_OFFERED)
    length = timedelta(minutes=visit_of(asked).duration)
    spans = _spans(entry, length, now=now, near=near)
    book = _book(asked, spans, now=now) if spans else None
    if book is None:
        return Outlook([], TOO_FAR if spans else TOO_SOON)
    offered = _offered(book, spans)
    if not offered:
        return Outlook([], _why_none(book, spans))
    return _usable(entry, offered, length, now=now)


def _usable(entry: WaitlistEntry, offered: list[datetime], length: timedelta, *, now: datetime) -> Outlook:
    """Return the starts of `offered` that the entry could take at once, or what keeps it from the last of them."""
    passed = [(at, at + length) for at in entry.offers.values_list("start_at", flat=True)]
    fresh = [at for at in offered if not _meets(at, length, passed)]
    if not fresh:
        return Outlook([], DECLINED)
    visits = _visits(entry, fresh, length, now=now)
    free = [at for at in fresh if not _meets(at, length, visits)]
    if not free:
        return Outlook([], OWN_VISIT)
    if is_blocked(entry.client.email, entry.client.phone):
        return Outlook([], FULLY_BOOKED)  # which must not be told from a full house (S38)
    in_time = [at for at in free if at - ENDS_BEFORE_THE_VISIT - SHORTEST_OFFER >= now]
    return Outlook(in_time, IN_LINE if in_time else TOO_SOON)


def _meets(at: datetime, length: timedelta, stretches: list[tuple[datetime, datetime]]) -> bool:
    return any(at < end and start < at + length for start, end in stretches)


def _visits(
    entry: WaitlistEntry, around: list[datetime], length: timedelta, *, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when the client is busy with visits of their own, holds included."""
    found = Appointment.objects.filter(
        client=entry.client_id, blocks=True, start_at__lt=max(around) + length, end_at__gt=min(around)
    ).exclude(status__in=(status.HELD, status.PENDING), expires_at__lte=now)
    return list(found.values_list("start_at", "end_at"))


def _spans(
    entry: WaitlistEntry, length: timedelta, *, now: datetime, near: tuple[datetime, datetime] | None
) -> list[Span]:
    """Return the starts whose visit lies in a window and in the future."""
    earliest, latest = (now, datetime.max.replace(tzinfo=now.tzinfo)) if near is None else _around(near, now=now)
    found = []
    for window in entry.windows.all():
        first, last = max(window.start_at, earliest), min(window.end_at - length, latest)
        if first <= last:
            found.append((minute_after(first), minute_of(last)))
    return sorted(span for span in found if span[0] <= span[1])


def _around(near: tuple[datetime, datetime], *, now: datetime) -> tuple[datetime, datetime]:
    return max(now, near[0] - AROUND), near[1] + AROUND


def _book(asked: Wanted, spans: list[Span], *, now: datetime) -> Agenda | None:
    """Read the diaries once for all spans, up to the horizon; None when all of them lie beyond it."""
    zone = asked.location.time_zone
    first_on = hours.local_date(instant_of(spans[0][0]), zone)
    last_on = hours.local_date(instant_of(max(last for _, last in spans)), zone)
    last_on = min(last_on, policy.last_day(now, horizon_days=asked.service.horizon_days, zone=zone))
    return agenda(asked, first_on=first_on, last_on=last_on, now=now) if first_on <= last_on else None


def _offered(book: Agenda, spans: list[Span]) -> list[datetime]:
    found = {start for first, last in spans for start in book.offers(first=first, last=last).by_start}
    return [instant_of(start) for start in sorted(found)]


def _why_none(book: Agenda, spans: list[Span]) -> str:
    return min((why_none(book, first, last) for first, last in spans), key=REASONS.index)


def open_offer(entry: WaitlistEntry, *, now: datetime) -> WaitlistOffer | None:
    """Return the offer that can still be taken, None when there is none."""
    found = [one for one in entry.offers.all() if one.state == OfferState.OPEN and one.expires_at > now]
    return found[0] if found else None


def entry_state(entry: WaitlistEntry, *, now: datetime) -> str:
    """Return the entry's state as it is now: an offer that has run out is no offer, though no job has noticed yet."""
    if entry.state == EntryState.OFFERED and open_offer(entry, now=now) is None:
        return EntryState.WAITING
    return entry.state


def in_line(
    location_id: int, *, now: datetime, near: tuple[datetime, datetime] | None = None
) -> QuerySet[WaitlistEntry]:
    """Return who waits at the location, oldest first; with `near`, those with a window around that stretch."""
    earliest, latest = (now, None) if near is None else _around(near, now=now)
    windows = Q(windows__end_at__gt=earliest)
    if latest is not None:
        windows &= Q(windows__start_at__lt=latest)
    found = WaitlistEntry.objects.filter(windows, location=location_id, state=EntryState.WAITING)
    return found.distinct().order_by("joined_at", "pk")


def place_in_line(entry: WaitlistEntry) -> int:
    """Return how many wait at the same location who came before; 0 is the first in line."""
    earlier = Q(joined_at__lt=entry.joined_at) | Q(joined_at=entry.joined_at, pk__lt=entry.pk)
    return WaitlistEntry.objects.filter(earlier, location=entry.location_id, state=EntryState.WAITING).count()


def waitlist_entries(found: QuerySet[WaitlistEntry], narrowed: dict[str, Any]) -> QuerySet[WaitlistEntry]:
    """Narrow `found` by `location` and `state`, and read all that is shown of each."""
    columns = {"location": "location__slug", "state": "state"}
    filters = {columns[name]: value for name, value in narrowed.items() if name in columns}
    return (
        found.filter(**filters)
        .select_related("client", "location", "variation__service")
        .prefetch_related("windows", "add_ons", "offers__hold")
    )


def whole_entry(entry: WaitlistEntry) -> WaitlistEntry:
    """Return it again with all that its answer shows."""
    return waitlist_entries(WaitlistEntry.objects.filter(pk=entry.pk), {}).get()
