"""From a start to the people and the room that will serve it, by the same code that offers slots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking import errors
from booking.actions.locks import Declined
from booking.domain import choice, hours
from booking.domain.intervals import Interval, Minute, instant_of, minute_of
from booking.models import Therapist
from booking.queries import Agenda, nearest, only_others_are_in_the_way, reasons_against

LATEST = """
SELECT t, (SELECT max(a.appointment_id) FROM booking_assignment a WHERE a.therapist_id = t)
FROM unnest(%s::bigint[]) AS t
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Who serves where and when: therapists in the order of those they serve, instants in UTC.

    `before` and `after` are the clean-up in `occupied`, `load` what the visit asks of the hands, in minutes.
    """

    start_at: datetime
    end_at: datetime
    occupied: Interval
    therapist_ids: list[int]
    therapist_slugs: list[str]
    room_id: int | None
    room_slug: str | None
    before: int = 0
    after: int = 0
    load: int = 0

    @property
    def occupied_range(self) -> DateTimeTZRange:
        return DateTimeTZRange(instant_of(self.occupied[0]), instant_of(self.occupied[1]))


def place_at(
    book: Agenda,
    start_at: datetime,
    *,
    prefer: Sequence[str] = (),
    named: str | None = None,
    whole: Callable[[], Agenda] | None = None,
) -> Place:
    """Return the place that a visit takes at `start_at`; `prefer` are therapists to keep if they are free,
    `named` the one that the caller asked for just now. `whole` reads the day when `book` is not all of it.

    Raises Declined, which in_one_transaction turns into errors.SlotTaken when only other appointments are in
    the way, errors.NotOffered with the reasons otherwise, errors.UnknownValue for a therapist who does not exist.
    """
    start = minute_of(start_at)
    free = book.offers(first=start, last=start).by_start.get(start)
    if free is None or start_at != instant_of(start):
        raise Declined(lambda: refusal(whole() if whole else book, start_at, named=named))
    kept = _chosen(book, start_at, free, prefer)
    room = _room(book, start, [book.therapist_ids[index] for index in kept])
    return Place(
        start_at=start_at,
        end_at=start_at + timedelta(minutes=book.visit.duration),
        occupied=book.visit.occupied(start),
        therapist_ids=[book.therapist_ids[index] for index in kept],
        therapist_slugs=[book.therapist_slugs[index] for index in kept],
        room_id=None if room is None else book.room_ids[room],
        room_slug=None if room is None else book.room_slugs[room],
        before=book.visit.before,
        after=book.visit.after,
        load=book.visit.hands_on,
    )


def _chosen(book: Agenda, start_at: datetime, free: Sequence[int], prefer: Sequence[str]) -> list[int]:
    """Return who serves, in order of the persons served: see domain/choice.py. Recency is read when it decides."""
    zone = book.wanted.location.time_zone
    day = hours.local_day(hours.local_date(start_at, zone), zone)
    slugs = book.therapist_slugs
    asked: dict[str, Any] = {
        "day": day,
        "count": book.visit.therapists,
        "places": book.places,
        "keep": [slugs.index(slug) for slug in prefer if slug in slugs],
        "named": book.named,
    }
    even = choice.tied(free, book.diaries, **asked) if len(free) > book.visit.therapists else []
    latest = _latest([book.therapist_ids[index] for index in even]) if even else {}
    recency = {index: latest[book.therapist_ids[index]] for index in even if book.therapist_ids[index] in latest}
    # There is a team: `free` are those who are part of one.
    return cast(list[int], choice.best_team(free, book.diaries, latest=recency, **asked))


def _latest(therapist_ids: list[int]) -> dict[int, int]:
    """Return the newest appointment of each therapist that has one; ids grow with time. One SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [therapist_ids])
        return {therapist: newest for therapist, newest in cursor.fetchall() if newest is not None}


def _room(book: Agenda, start: Minute, therapists: Sequence[int]) -> int | None:
    if book.rooms is None:
        return None
    usual = [index for index, people in enumerate(book.room_usual) if set(people) & set(therapists)]
    others = [index for index, people in enumerate(book.room_usual) if people and index not in usual]
    return choice.best_room(book.rooms, book.room_features, book.visit, start, usual=usual, others=others)


def closest(book: Agenda, start_at: datetime) -> list[datetime]:
    """Return the closest starts of that day that are offered, ascending, by the location's clock."""
    zone = ZoneInfo(book.wanted.location.time_zone)
    return [at.astimezone(zone) for at in nearest(book, minute_of(start_at))]


def refusal(book: Agenda, start_at: datetime, *, named: str | None = None) -> errors.Refusal:
    """Return the refusal that fits: somebody was faster, or the time is not offered and why."""
    start = minute_of(start_at)
    unseen = named is not None and named not in book.therapist_slugs
    if unseen and not Therapist.objects.filter(slug=named, is_active=True).exists():
        return errors.UnknownValue("therapist", f"There is no therapist “{named}”.")
    close = closest(book, start_at)
    whole = start_at == instant_of(start)
    if whole and only_others_are_in_the_way(book, start):
        return errors.SlotTaken("This time has just been taken.", nearest=close)
    reasons = reasons_against(book, start) or ["off-grid"]
    return errors.NotOffered(reasons, "This time is not offered.", nearest=close)
