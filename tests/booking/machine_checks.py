"""What must be true of any studio at any moment, written down without a look at how it is done."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from booking.domain import status
from booking.models import Appointment, EntryState, HistoryEntry, OfferState, WaitlistEntry
from tests.booking.machine_studio import House

MINUTE = timedelta(minutes=1)
ENDS = (status.HELD, status.PENDING)
# In words of the history: the steps back, everything else goes forwards.
UNDONE = "undone"


def read() -> list[Appointment]:
    found = Appointment.objects.select_related("location", "room", "service", "variation")
    return list(found.prefetch_related("assignments__therapist").order_by("pk"))


def therapists(row: Appointment) -> set[int]:
    return {one.therapist_id for one in row.assignments.all()}


def has_expired(row: Appointment, now: datetime) -> bool:
    return row.status in ENDS and row.expires_at is not None and row.expires_at <= now


def standing(rows: Iterable[Appointment], now: datetime) -> list[Appointment]:
    """Return those that keep others out."""
    return [row for row in rows if row.blocks and not has_expired(row, now)]


def nobody_is_in_two_places(rows: list[Appointment]) -> None:
    blocking = [row for row in rows if row.status in status.BLOCKING and (row.status != status.PENDING or row.blocks)]
    assert all(row.blocks for row in blocking)
    assert not any(row.blocks for row in rows if row not in blocking)
    for one, other in combinations(blocking, 2):
        if one.occupied.lower < other.occupied.upper and other.occupied.lower < one.occupied.upper:
            assert not therapists(one) & therapists(other), (one, other)
            assert one.room_id is None or one.room_id != other.room_id, (one, other)
        if one.start_at < other.end_at and other.start_at < one.end_at:
            same = one.client_id is not None and one.client_id == other.client_id
            assert not same or one.alongside or other.alongside, (one, other)


def each_has_all_it_needs(rows: list[Appointment], house: House) -> None:
    """As many therapists with the skill, and the room, as the service asks for; for a couple both, always."""
    cut = set(HistoryEntry.objects.filter(action="clean-up-cut").values_list("appointment", flat=True))
    for row in rows:
        service, variation, serving = row.service, row.variation, [one.therapist for one in row.assignments.all()]
        assert len({one.pk for one in serving}) == service.therapists_required == len(serving), row
        assert all(one.pk in house.skilled[service.slug] for one in serving), row
        assert (row.room is not None) == service.needs_room, row
        if row.room is not None:
            assert row.room.location_id == row.location_id
            assert set(service.room_features) <= set(row.room.features)
        assert all((one.occupied, one.blocks) == (row.occupied, row.blocks) for one in row.assignments.all()), row
        assert row.end_at - row.start_at == variation.duration_minutes * MINUTE
        if row.pk not in cut and "clean-up" not in row.overridden:
            assert row.occupied.lower == row.start_at - variation.clean_up_before_minutes * MINUTE, row
            assert row.occupied.upper == row.end_at + variation.clean_up_after_minutes * MINUTE, row


def each_went_allowed_ways(rows: list[Appointment]) -> None:
    """The history of each tells a walk over the edges of domain/status.py that ends where the row stands."""
    at = {row.pk: status.HELD for row in rows}
    for entry in HistoryEntry.objects.order_by("at", "pk"):
        after = entry.after.get("status")
        if after is None:
            continue
        before = at[entry.appointment_id]
        assert entry.before.get("status", status.HELD) == before, (entry, entry.before, before)
        allowed = status.BACK if entry.action == UNDONE else status.NEXT
        assert after in allowed[before], (entry, before, after)
        at[entry.appointment_id] = after
    assert at == {row.pk: row.status for row in rows}


def what_ends_has_an_end(rows: list[Appointment]) -> None:
    for row in rows:
        assert row.status not in ENDS or row.expires_at is not None, row
        assert row.expires_at is None or row.expires_at <= row.start_at, row
        assert (row.hold_digest is not None) == (row.status == status.HELD), row


def each_entry_has_one_offer_at_most(now: datetime) -> None:
    """The open offer is a hold for as long as it may be taken; who has none waits."""
    for entry in WaitlistEntry.objects.prefetch_related("offers__hold"):
        is_open = [one for one in entry.offers.all() if one.state == OfferState.OPEN]
        assert len(is_open) == (entry.state == EntryState.OFFERED), entry
        for offer in is_open:
            if offer.expires_at > now:
                assert offer.hold is not None
                assert (offer.hold.status, offer.hold.expires_at) == (status.HELD, offer.expires_at)
                assert offer.hold.start_at == offer.start_at


def load(row: Appointment) -> int:
    return int((row.end_at - row.start_at) / MINUTE) * row.service.load_percent // 100


def nobody_works_too_much(new: Iterable[Appointment], rows: list[Appointment]) -> None:
    """None of the `new` visits is part of a stretch, a day or a week that is more than its therapist's hands bear."""
    for row in new:
        for one in row.assignments.all():
            theirs = [other for other in rows if one.therapist_id in therapists(other)]
            for most, together in _limits(row, one.therapist, theirs):
                assert most is None or sum(load(other) for other in together) <= most, (row, one.therapist, together)


def _limits(row: Appointment, who: Any, theirs: list[Appointment]) -> list[tuple[int | None, list[Appointment]]]:
    zone = ZoneInfo(row.location.time_zone)
    day = _day(row, zone)
    week = day - timedelta(days=day.weekday())
    return [
        (who.daily_limit_minutes, [other for other in theirs if _day(other, zone) == day]),
        (
            who.weekly_limit_minutes,
            [other for other in theirs if week <= _day(other, zone) < week + timedelta(days=7)],
        ),
        (who.longest_stretch_minutes, _stretch(row, theirs, max(who.rest_minutes, 1) * MINUTE)),
    ]


def _day(row: Appointment, zone: ZoneInfo) -> date:
    return row.start_at.astimezone(zone).date()


def _stretch(row: Appointment, theirs: list[Appointment], pause: timedelta) -> list[Appointment]:
    """Take in whoever is nearer than the pause to one of those taken in, until nobody is."""
    together, size = [row], 0
    while size != len(together):
        size = len(together)
        together = [
            other
            for other in theirs
            if any(other.start_at - one.end_at < pause and one.start_at - other.end_at < pause for one in together)
        ]
    return together
