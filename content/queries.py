"""Reads of the library: what may ride in a mail today, and what may stand on a page.

A snippet is sendable when it is approved, its sources were read in full and its review date has not passed.
It is chosen by service and moment only, never by anything about a client (messaging check 51).
"""

from dataclasses import dataclass
from datetime import UTC, date

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate

from content import lint, shelf
from content.models import Snippet
from content.vocabulary import ANY_SERVICE, Grade, Kind, Moment, Reading, ServiceKind, Status

MOMENTS = tuple(Moment.values)
SERVICE_KINDS = tuple(ServiceKind.values)
CITATION_LINE_CHARS = 110

_meta = shelf.read_meta()
DISCLAIMER = _meta.disclaimer
SAFETY_LINE = _meta.safety_line


@dataclass(frozen=True, slots=True, kw_only=True)
class SnippetFacts:
    """A sendable snippet as plain values; every text is plain text, to be escaped like any other.

    `citation_line` has at most 110 characters; `citations` are all short references, in order. `safety` asks
    for SAFETY_LINE below the body. `reviewed_on` is the day (UTC) of the studio's approval; `review_by` is the
    last day on which it may be sent.
    """

    slug: str
    title: str
    body: str
    kind: str
    topic: str
    grade: str
    citation_line: str
    citations: tuple[str, ...]
    reviewed_on: date
    review_by: date
    safety: bool
    moments: tuple[str, ...]
    services: tuple[str, ...]
    not_for: tuple[str, ...]


def fits(snippet: SnippetFacts, *, moment: str, service_kind: str) -> bool:
    """Say whether a snippet suits this moment of a visit of this kind.

    A word that we do not know gets nothing, also not what suits any service: who knows whom it may be wrong for.
    """
    return (
        service_kind in SERVICE_KINDS
        and moment in snippet.moments
        and not {ANY_SERVICE, service_kind}.isdisjoint(snippet.services)
        and service_kind not in snippet.not_for
    )


def sendable(*, today: date, moment: str, service_kind: str, allow_conflicting: bool) -> list[SnippetFacts]:
    """Return what suits this moment and service, by slug; one SQL query. Empty for unknown words.

    `today` is the studio's local date; a snippet may be sent up to and including its `review_by`.
    """
    if service_kind not in SERVICE_KINDS:
        return []
    snippets = _sendable(today=today, allow_conflicting=allow_conflicting)
    return _facts(
        snippets.filter(moments__contains=[moment], services__overlap=[ANY_SERVICE, service_kind]).exclude(
            not_for__contains=[service_kind]
        )
    )


def sendable_library(*, today: date, allow_conflicting: bool) -> tuple[SnippetFacts, ...]:
    """Return everything sendable, by slug, for a batch of mails to choose from with fits(); one SQL query."""
    return tuple(_facts(_sendable(today=today, allow_conflicting=allow_conflicting)))


def published() -> QuerySet[Snippet]:
    """Return the approved snippets, by slug, for pages; citations and sources come in two more queries.

    Those past their review date are among them, so that the link in an old mail still leads to the sources;
    a page says that they are due.
    """
    return Snippet.objects.filter(status=Status.APPROVED).prefetch_related("citations__source").order_by("slug")


def _sendable(*, today: date, allow_conflicting: bool) -> QuerySet[Snippet]:
    snippets = Snippet.objects.filter(
        status=Status.APPROVED, source_check=Reading.FULL, review_by__gte=today, citations__isnull=False
    )
    return snippets if allow_conflicting else snippets.exclude(grade=Grade.CONFLICTING)


def _facts(snippets: QuerySet[Snippet]) -> list[SnippetFacts]:
    rows = snippets.order_by("slug").values(
        "slug",
        "title",
        "body",
        "kind",
        "topic",
        "grade",
        "moments",
        "services",
        "not_for",
        "contraindications",
        reviewed_on=TruncDate("approved_at", tzinfo=UTC),
        send_until=F("review_by"),
        cited=ArrayAgg("citations__text", order_by="citations__position"),
    )
    return [
        SnippetFacts(
            slug=row["slug"],
            title=row["title"],
            body=row["body"],
            kind=row["kind"],
            topic=row["topic"],
            grade=row["grade"],
            citation_line=lint.citation_line(row["cited"], CITATION_LINE_CHARS),
            citations=tuple(row["cited"]),
            reviewed_on=row["reviewed_on"],
            review_by=row["send_until"],
            safety=row["kind"] == Kind.BENEFIT and bool(row["contraindications"]),
            moments=tuple(row["moments"]),
            services=tuple(row["services"]),
            not_for=tuple(row["not_for"]),
        )
        for row in rows
    ]
