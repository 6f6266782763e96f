"""From a start to the people and the room that will serve it, by the same code that offers slots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking import errors
from booking.domain import choice, hours
from booking.domain.intervals import Interval, Minute, instant_of, minute_of
from booking.models import Therapist
from booking.queries import Agenda, nearest, reasons_against, would_fit_an_empty_house


@dataclass(frozen=True, slots=True)
class Place:
    """Who serves where and when: therapists in the order chosen, instants in UTC."""

    start_at: datetime
    end_at: datetime
    occupied: Interval
    therapist_ids: list[int]
    therapist_slugs: list[str]
    room_id: int | None
    room_slug: str | None

    @property
    def occupied_range(self) -> DateTimeTZRange:
        return DateTimeTZRange(instant_of(self.occupied[0]), instant_of(self.occupied[1]))


def place_at(book: Agenda, start_at: datetime, *, prefer: Sequence[str] = (), named: str | None = None) -> Place:
    """Return the place that a visit takes at `start_at`; `prefer` are therapists to keep if they are free,
    `named` the one that the caller asked for just now.

    Raises errors.SlotTaken when only other appointments are in the way, errors.NotOffered with the reasons
    otherwise, errors.UnknownValue for a therapist who does not exist.
    """
    start = minute_of(start_at)
    free = book.offers(first=start, last=start).by_start.get(start)
    if free is None or start_at != instant_of(start):
        raise refusal(book, start_at, named=named)
    kept = _chosen(book, start_at, free, prefer)
    room = _room(book, start)
    return Place(
        start_at=start_at,
        end_at=start_at + timedelta(minutes=book.visit.duration),
        occupied=book.visit.occupied(start),
        therapist_ids=[book.therapist_ids[index] for index in kept],
        therapist_slugs=[book.therapist_slugs[index] for index in kept],
        room_id=None if room is None else book.room_ids[room],
        room_slug=None if room is None else book.room_slugs[room],
    )


def _chosen(book: Agenda, start_at: datetime, free: Sequence[int], prefer: Sequence[str]) -> list[int]:
    """Return who serves: the one asked for by name, those to keep, then the least loaded that day."""
    first = [index for index in free if index == book.named]
    first += [index for index in free if book.therapist_slugs[index] in prefer and index not in first]
    count = book.visit.therapists
    if len(first) >= count:
        return first[:count]
    zone = book.wanted.location.time_zone
    day = hours.local_day(hours.local_date(start_at, zone), zone)
    rest = [index for index in free if index not in first]
    return first + choice.least_loaded(rest, book.diaries, day=day, count=count - len(first))


def _room(book: Agenda, start: Minute) -> int | None:
    if book.rooms is None:
        return None
    return choice.plainest_room(book.rooms, book.room_features, book.visit, start)


def refusal(book: Agenda, start_at: datetime, *, named: str | None = None) -> errors.Refusal:
    """Return the refusal that fits: somebody was faster, or the time is not offered and why."""
    start = minute_of(start_at)
    if named and not Therapist.objects.filter(slug=named, is_active=True).exists():
        return errors.UnknownValue("therapist", f"There is no therapist “{named}”.")
    zone = ZoneInfo(book.wanted.location.time_zone)
    close = [at.astimezone(zone) for at in nearest(book, start)]
    whole = start_at == instant_of(start)
    if whole and would_fit_an_empty_house(book, start):
        return errors.SlotTaken("This time has just been taken.", nearest=close)
    reasons = reasons_against(book, start) or ["off-grid"]
    return errors.NotOffered(reasons, "This time is not offered.", nearest=close)
