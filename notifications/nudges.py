"""Which note rides along: by service and moment, never by anything about the person, never one twice in 90 days.

The mail never waits for a note: when none fits, or the choosing fails, it goes without (evidence.md, design 6).
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache

from django.db import connection, transaction

from booking import queries
from booking.events import AppointmentFacts
from content.queries import DISCLAIMER, SAFETY_LINE, SnippetFacts, fits, sendable_library
from notifications.models import Exposure, Kind, Message
from notifications.render import Note

NOT_AGAIN_FOR = timedelta(days=90)
A_DAY_AHEAD_MINUTES = 12 * 60
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended(reader, 0)) FROM unnest(%s::text[]) AS reader"
LOG = """
INSERT INTO notifications_exposure (message_id, reader, snippet, at)
SELECT message, reader, snippet, %(at)s::timestamptz
FROM unnest(%(messages)s::bigint[], %(readers)s::text[], %(snippets)s::text[]) AS chosen (message, reader, snippet)
ON CONFLICT DO NOTHING
"""


def reader_of(address: str) -> str:
    """Return what stands for an address in the log: enough to recognise it, not to read it."""
    return hashlib.sha256(address.lower().encode()).hexdigest()


def moment_of(message: Message) -> str | None:
    """Return the moment of the visit that the message belongs to, None when notes have no place in it."""
    if message.kind == Kind.REMINDER:
        minutes = 24 * 60 if message.rule is None or message.rule.days_before else message.rule.minutes
        return "reminder-24h" if minutes >= A_DAY_AHEAD_MINUTES else "reminder-2h"
    return {Kind.CONFIRMATION: "confirmation", Kind.FOLLOW_UP: "follow-up"}.get(Kind(message.kind))


class Nudges:
    """Chooses for a batch of mails: two SQL statements, whatever its size."""

    def __init__(self, *, now: datetime, conflicting: bool, readers: Iterable[str]) -> None:
        """Read what may be sent today and what these readers had in the last 90 days."""
        self._now = now
        # Somewhere it may still be yesterday; each choice looks at the studio's own date.
        self._library = sendable_library(today=now.date() - timedelta(days=1), allow_conflicting=conflicting)
        self._today = cache(self._date)
        self._suited = cache(self._suits)
        self._had: set[tuple[str, str]] = set(
            Exposure.objects.filter(reader__in=list(readers), at__gt=now - NOT_AGAIN_FOR).values_list(
                "reader", "snippet"
            )
        )

    def choose(self, message: Message, facts: AppointmentFacts, *, reader: str) -> SnippetFacts | None:
        """Return the note for this mail, the same one for the same mail, None when none fits."""
        moment = moment_of(message)
        if moment is None:
            return None
        suited = self._suited(moment, facts.service_kind, self._today(facts.time_zone))
        fitting = [snippet for snippet in suited if (reader, snippet.slug) not in self._had]
        if not fitting:
            return None
        seed = int.from_bytes(hashlib.sha256(message.name.encode()).digest()[:8], "big")
        chosen = fitting[seed % len(fitting)]
        self._had.add((reader, chosen.slug))
        return chosen

    def named(self, slug: str, facts: AppointmentFacts) -> SnippetFacts | None:
        """Return the note of that slug if it may still be sent today."""
        today = self._today(facts.time_zone)
        return next((snippet for snippet in self._library if snippet.slug == slug and today <= snippet.review_by), None)

    def _suits(self, moment: str, service_kind: str, today: date) -> list[SnippetFacts]:
        return [
            snippet
            for snippet in self._library
            if today <= snippet.review_by and fits(snippet, moment=moment, service_kind=service_kind)
        ]

    def _date(self, time_zone: str) -> date:
        """Return the date that the studio's calendar shows."""
        return queries.wall_clock(self._now, time_zone).date()


def as_note(snippet: SnippetFacts, *, public_url: str) -> Note:
    """Return the note as it is printed; the safety line stands in it where the library asks for it."""
    body = f"{snippet.body} {SAFETY_LINE}" if snippet.safety else snippet.body
    return Note(
        slug=snippet.slug,
        title=snippet.title,
        body=body,
        citation=snippet.citation_line,
        url=f"{public_url}/learn/{snippet.slug}/",
        reviewed=f"{snippet.reviewed_on:%B %Y}",
        disclaimer=DISCLAIMER,
    )


def choose_for(
    asked: list[tuple[Message, AppointmentFacts, str]], *, conflicting: bool, now: datetime
) -> dict[int, SnippetFacts]:
    """Choose for each (message, facts, reader), log it, and return the choice by message id.

    A second try of a mail gets the note it had. A constant number of SQL statements.
    """
    with transaction.atomic():
        _take_turns({reader for _, _, reader in asked})
        return _choose_and_log(asked, conflicting=conflicting, now=now)


def _take_turns(readers: set[str]) -> None:
    """Let one worker at a time choose for a reader, or two would choose the same note. Sorted: no circle."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS, [sorted(readers)])


def _choose_and_log(
    asked: list[tuple[Message, AppointmentFacts, str]], *, conflicting: bool, now: datetime
) -> dict[int, SnippetFacts]:
    logged = Exposure.objects.filter(message__in=[message.pk for message, _, _ in asked])
    before = dict(logged.values_list("message_id", "snippet"))
    nudges = Nudges(now=now, conflicting=conflicting, readers={reader for _, _, reader in asked})
    chosen: dict[int, SnippetFacts] = {}
    fresh: list[tuple[int, str, str]] = []
    for message, facts, reader in asked:
        if message.pk in before:
            snippet = nudges.named(before[message.pk], facts)
        else:
            snippet = nudges.choose(message, facts, reader=reader)
            if snippet is not None:
                fresh.append((message.pk, reader, snippet.slug))
        if snippet is not None:
            chosen[message.pk] = snippet
    _log(fresh, at=now)
    return chosen


def _log(fresh: list[tuple[int, str, str]], *, at: datetime) -> None:
    messages, readers, snippets = ([row[column] for row in fresh] for column in range(3))
    with connection.cursor() as cursor:
        cursor.execute(LOG, {"messages": messages, "readers": readers, "snippets": snippets, "at": at})
