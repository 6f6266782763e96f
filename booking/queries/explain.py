"""Why a start is offered or not, therapist by therapist and room by room: the desk's question on the phone."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from booking.domain import reasons
from booking.domain.intervals import Minute, instant_of, minute_of, overlaps
from booking.models import Therapist
from booking.queries.agenda import Agenda
from booking.queries.catalogue import Wanted, therapists
from booking.queries.slots import agenda_around, limits_against, reason_against, reason_against_room, reasons_against


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is the rule that keeps the therapist or the room out, None when nothing does."""

    slug: str
    name: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`rooms` is empty when the service needs none."""

    offered: bool
    reasons: list[str]
    therapists: list[Verdict]
    rooms: list[Verdict]


def explain(
    wanted: Wanted, start_at: datetime, *, now: datetime, instead_of: int = 0, duration: int | None = None
) -> Explanation:
    """Return the rule that decides for each therapist and each room of the location, by slug.

    Found with the code that offers. Wishes for a therapist or a gender are left out: the desk wants to see all.
    """
    everybody = replace(wanted, therapist=None, gender=None, partner_gender=None)
    book = agenda_around(everybody, start_at, now=now, instead_of=instead_of, duration=duration, closer=True)
    start = minute_of(start_at)
    against = reasons_against(book, start) if start_at == instant_of(start) else [reasons.OFF_GRID]
    return Explanation(
        offered=not against,
        reasons=against,
        therapists=[_therapist(book, one, start) for one in _who(book)],
        rooms=[_room(book, room, start) for room in wanted.premises.rooms] if wanted.service.needs_room else [],
    )


def _who(book: Agenda) -> QuerySet[Therapist]:
    """Return who ever works at the location, by slug; a guest for a day is there on that day."""
    for_the_day = [
        key
        for key, diary in zip(book.therapist_ids, book.diaries, strict=True)
        if any(overlaps(opening, book.within) for opening in diary.openings)
    ]
    regulars = therapists(location=book.wanted.location.slug).values("pk")
    return therapists().filter(Q(pk__in=regulars) | Q(pk__in=for_the_day)).order_by("slug")


def _therapist(book: Agenda, one: Therapist, start: Minute) -> Verdict:
    if one.slug not in book.therapist_slugs:
        return Verdict(one.slug, one.name, reasons.NO_SKILL)
    own = reason_against(book, book.therapist_slugs.index(one.slug), start)
    return Verdict(one.slug, one.name, own or next(iter(limits_against(book, start)), None))


def _room(book: Agenda, room: dict[str, str], start: Minute) -> Verdict:
    if room["slug"] not in book.room_slugs or book.rooms is None:
        return Verdict(room["slug"], room["name"], reasons.WRONG_ROOM)
    index = book.room_slugs.index(room["slug"])
    return Verdict(room["slug"], room["name"], reason_against_room(book, index, start))
