"""Slots as a query call, without HTTP, against fetching the same rows, a bare loop over them, and JSON."""

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import django

django.setup()

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.bare import ROWS
from bench.measure import Goal, heading, interleaved, milliseconds, row
from booking import queries

STEP, VISIT = 15, 75


def gaps(busy: list[tuple[int, int]], first: int, last: int) -> Iterator[range]:
    """The least that anybody must compute: starts between neighbours, with no hours and no rules."""
    edges = [(0, first), *busy, (last, last)]
    for (_, end), (start, _) in pairwise(edges):
        if start - end >= VISIT:
            yield range(-(-end // STEP) * STEP, start - VISIT + 1, STEP)


def bare(book: queries.Agenda, since: Any, until: Any) -> str:
    """Fetch, compute and write what the limit stands for: hours are 9 to 17, nobody is ever away."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [since, until, list(book.therapist_ids), since, until, list(book.room_ids)])
        busy: dict[int, list[tuple[int, int]]] = {}
        for key, start, end in cursor.fetchall():
            busy.setdefault(key, []).append((start, end))
    first, last = book.within
    rooms = {start for key in book.room_ids for free in gaps(busy.get(-key, []), first, last) for start in free}
    found: dict[int, list[str]] = {}
    for key, slug in zip(book.therapist_ids, book.therapist_slugs, strict=True):
        for start in _starts(busy.get(key, []), first, last):
            if start in rooms:
                found.setdefault(start, []).append(slug)
    return json.dumps([{"start": start, "therapists": who} for start, who in sorted(found.items())])


def _starts(taken: list[tuple[int, int]], first: int, last: int) -> Iterator[int]:
    for opens in range(first + 9 * 60, last, 24 * 60):
        closes = opens + 8 * 60
        for free in gaps(_within(taken, opens, closes), opens, closes):
            yield from free


def _within(taken: list[tuple[int, int]], opens: int, closes: int) -> list[tuple[int, int]]:
    return [span for span in taken if opens < span[1] and span[0] < closes]


def measure(name: str, *, days: int, therapist: str | None, goal: Goal, rounds: int, variation: str) -> None:
    now = timezone.now()
    first_on = date.today() + timedelta(days=2)
    last_on = first_on + timedelta(days=days - 1)
    location = queries.locations()[0].slug

    def ours() -> str:
        wanted = queries.wanted(location=location, variation=variation, therapist=therapist)
        found = queries.slots(wanted, first_on=first_on, last_on=last_on, now=now)
        return json.dumps(found.days)

    wanted = queries.wanted(location=location, variation=variation, therapist=therapist)
    book = queries.agenda(wanted, first_on=first_on, last_on=last_on, now=now)
    since, until = now, now + timedelta(days=days + 2)
    mine, limit = interleaved(ours, lambda: bare(book, since, until), rounds=rounds)
    with CaptureQueriesContext(connection) as captured:
        size = len(ours())
    label = f"{name}, {len(captured)} SQL, {size // 1024} kB"
    row(label, milliseconds(mine), milliseconds(limit), mine / limit, goal)


def main() -> None:
    rounds = 5 if "--quick" in sys.argv else 30
    heading("Slots, query call with JSON, 50 therapists and rooms, 70 % full", "fetch+loop")
    some = queries.therapists(service="swedish")[0].slug
    plain, couples = "swedish-60", _couples()
    month = Goal(most=2)
    measure("a month, any therapist", days=31, therapist=None, goal=month, rounds=rounds, variation=plain)
    measure("a month, one therapist", days=31, therapist=some, goal=Goal(), rounds=rounds, variation=plain)
    measure("a day, any therapist", days=1, therapist=None, goal=Goal(), rounds=rounds * 3, variation=plain)
    measure("a month for couples", days=31, therapist=None, goal=Goal(most=4), rounds=rounds, variation=couples)


def _couples() -> str:
    service = queries.services().filter(therapists_required=2)[0]
    return str(service.variations.all()[0].slug)


if __name__ == "__main__":
    main()
