"""The shipped library into the database, again and again, without touching what the studio decided."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from content import review
from content.entries import Entry, Library, MythEntry, SnippetEntry, SourceEntry
from content.models import Citation, FromLibrary, Myth, Snippet, Source
from content.vocabulary import Status

Row = TypeVar("Row", bound=FromLibrary)


@dataclass(slots=True, kw_only=True)
class Tally:
    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


@dataclass(slots=True, kw_only=True)
class Report:
    """What a load did, in slugs: `withdrawn` went back to draft, `own` are the studio's own rows under a name
    of the library, `gone` are no longer in the library.
    """

    snippets: Tally = field(default_factory=Tally)
    sources: Tally = field(default_factory=Tally)
    myths: Tally = field(default_factory=Tally)
    withdrawn: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Which slugs were approved, and which were left for a person, each with the reason."""

    approved: list[str]
    left: list[tuple[str, str]]


def load(library: Library) -> Report:
    """Create and update rows from the library's entries; all or nothing.

    A row whose entry is as it was at the last load is left alone, edits by the studio included. An entry that
    changed what the two people checked takes its snippet back to draft; a retired one stays retired.
    """
    report = Report()
    with transaction.atomic():
        # Locked, so that an approval on its way is either seen here or sees the new text.
        sources = Source.objects.select_for_update().in_bulk(field_name="slug")
        for source in library.sources:
            _load_source(source, sources.get(source.slug), report)
        myths = Myth.objects.select_for_update().in_bulk(field_name="code")
        for myth in library.myths:
            _load_myth(myth, myths.get(myth.code), report)
        snippets = Snippet.objects.select_for_update().in_bulk(field_name="slug")
        for snippet in library.snippets:
            _load_snippet(snippet, snippets.get(snippet.slug), report)
    shipped = {entry.slug for entry in library.snippets}
    from_library = Snippet.objects.exclude(library_digest="").values_list("slug", flat=True)
    report.gone = sorted(set(from_library) - shipped)
    return report


def approve_checked(slugs: list[str], *, checked_as: str, approved_as: str, at: datetime) -> Approvals:
    """Check and approve those of `slugs` that are drafts and pass every rule; the rest are left for a person."""
    approved: list[str] = []
    left: list[tuple[str, str]] = []
    waiting = Snippet.objects.filter(slug__in=slugs, status__in=[Status.DRAFT, Status.SCIENCE_CHECKED])
    for slug, status in waiting.values_list("slug", "status"):
        try:
            with transaction.atomic():
                if status == Status.DRAFT:
                    review.science_check(slug, by=checked_as, at=at)
                review.approve(slug, by=approved_as, at=at)
        except review.ReviewRefused as refusal:
            left.append((slug, str(refusal)))
        else:
            approved.append(slug)
    return Approvals(approved=approved, left=left)


def _load_source(entry: SourceEntry, row: Source | None, report: Report) -> None:
    if _settled(row, entry, entry.slug, report.sources, report):
        return
    values = {name: "" if value is None else value for name, value in asdict(entry).items()}
    _write(row or Source(), {**values, "year": entry.year}, entry)


def _load_myth(entry: MythEntry, row: Myth | None, report: Report) -> None:
    if _settled(row, entry, entry.slug, report.myths, report):
        return
    values = {**asdict(entry), "other_sources": entry.other_sources or ""}
    del values["sources"]
    myth = _write(row or Myth(), values, entry)
    myth.sources.set(Source.objects.filter(slug__in=entry.sources))


def _load_snippet(entry: SnippetEntry, row: Snippet | None, report: Report) -> None:
    if _settled(row, entry, entry.slug, report.snippets, report):
        return
    snippet = row or Snippet()
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(entry).items()}
    del values["citations"]
    if snippet.status in {Status.SCIENCE_CHECKED, Status.APPROVED}:
        if _says_something_else(snippet, entry, values):
            review.withdraw_checks(snippet)
            report.withdrawn.append(entry.slug)
        else:
            del values["review_by"]  # the studio may have set its own when it checked
    _write(snippet, values, entry)
    _cite(snippet, entry)


def _says_something_else(snippet: Snippet, entry: SnippetEntry, values: Mapping[str, object]) -> bool:
    cited = [(cited.source, cited.text) for cited in entry.citations]
    return _citations(snippet) != cited or any(
        getattr(snippet, name) != values[name] for name in Snippet.CHECKED_FIELDS
    )


def _citations(snippet: Snippet) -> list[tuple[str, str]]:
    return [(slug, text) for slug, text in snippet.citations.values_list("source__slug", "text")]


def _cite(snippet: Snippet, entry: SnippetEntry) -> None:
    if _citations(snippet) == [(cited.source, cited.text) for cited in entry.citations]:
        return
    snippet.citations.all().delete()
    sources = Source.objects.in_bulk([cited.source for cited in entry.citations], field_name="slug")
    Citation.objects.bulk_create(
        Citation(snippet=snippet, source=sources[cited.source], text=cited.text, position=at)
        for at, cited in enumerate(entry.citations, start=1)
    )


def _settled(row: FromLibrary | None, entry: Entry, slug: str, tally: Tally, report: Report) -> bool:
    """Count the entry, and say whether there is nothing to write."""
    if row is None:
        tally.created += 1
        return False
    if row.library_digest == entry.digest:
        tally.unchanged += 1
        return True
    if not row.library_digest:
        tally.unchanged += 1
        report.own.append(slug)
        return True
    tally.updated += 1
    return False


def _write(row: Row, values: Mapping[str, object], entry: Entry) -> Row:
    for name, value in values.items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.library_digest = entry.digest
    row.save()
    return row
