"""Whether the parts of a library fit together: references, vocabulary, lint. Plain Python."""

from collections.abc import Iterable, Iterator, Mapping

from content import lint
from content.entries import Fault, Library, SnippetEntry, SourceEntry

READINGS = ("full", "partial")
UK_CAP = ("ok", "hold-evidence")


def faults_of(library: Library, placed: list[tuple[str, SnippetEntry]]) -> list[Fault]:
    """Return all that does not fit; `placed` pairs each snippet with the file it stands in."""
    faults = list(_loose_ends(library))
    for file, entry in placed:
        faults += [Fault(file=file, entry=entry.slug, message=why) for why in _misfits(entry, library)]
    return faults + list(_doubles(placed))


def wording(entry: SnippetEntry, sources: Mapping[str, SourceEntry]) -> lint.Wording:
    """Return what lint looks at, for a draft nobody has reviewed yet; unknown sources are left out."""
    return lint.Wording(
        title=entry.title,
        body=entry.body,
        kind=entry.kind,
        topic=entry.topic,
        grade=entry.grade,
        moments=entry.moments,
        services=entry.services,
        not_for=entry.not_for,
        allow_terms=entry.allow_terms,
        citations=tuple(
            lint.Cited(
                text=cited.text,
                participants=sources[cited.source].participants or "",
                read_in_full=sources[cited.source].verification == "full",
            )
            for cited in entry.citations
            if cited.source in sources
        ),
        source_check=entry.source_check,
        dated_on=entry.drafted_on,
        review_by=entry.review_by,
    )


def _misfits(entry: SnippetEntry, library: Library) -> Iterator[str]:
    known = library.vocabulary
    sources = {source.slug: source for source in library.sources}
    yield from _strangers("kind", [entry.kind], known["kinds"])
    yield from _strangers("topic", [entry.topic], known["topics"])
    yield from _strangers("grade", [entry.grade], library.rules.grades)
    yield from _strangers("uk_cap", [entry.uk_cap], UK_CAP)
    yield from _strangers("source_check", [entry.source_check], READINGS)
    yield from _strangers("moments", entry.moments, known["moments"])
    yield from _strangers("services", entry.services, known["services"])
    yield from _strangers("not_for", entry.not_for, [kind for kind in known["services"] if kind != "any"])
    yield from _strangers("goals", entry.goals, known["goals"])
    yield from _strangers("claims", entry.claims, [claim.code for claim in library.claims])
    yield from _strangers("citations", [cited.source for cited in entry.citations], sources)
    yield from _strangers("allow_terms", entry.allow_terms, library.rules.banned_terms)
    if not entry.moments or not entry.services:
        yield "names no moment or no service, so it would never be sent"
    for finding in lint.faults(lint.lint(wording(entry, sources), library.rules)):
        yield f"breaks {finding.rule}: {finding.message}"


def _loose_ends(library: Library) -> Iterator[Fault]:
    sources = {source.slug for source in library.sources}
    claims = {claim.code for claim in library.claims}
    for source in library.sources:
        for why in _strangers("verification", [source.verification], READINGS):
            yield Fault(file="sources.yaml", entry=source.slug, message=why)
    for claim in library.claims:
        for why in _strangers("sources", claim.sources, sources):
            yield Fault(file="claims.yaml", entry=claim.code, message=why)
    for myth in library.myths:
        whys = [*_strangers("sources", myth.sources, sources), *_strangers("claims", myth.claims, claims)]
        whys += _strangers("grade", [myth.grade], library.rules.grades)
        yield from (Fault(file="myths.yaml", entry=myth.slug, message=why) for why in whys)


def _doubles(placed: list[tuple[str, SnippetEntry]]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for file, entry in placed:
        if entry.slug in seen:
            yield Fault(file=file, entry=entry.slug, message=f"is already in {seen[entry.slug]}")
        seen[entry.slug] = file


def _strangers(field: str, given: Iterable[str], known: Iterable[str]) -> list[str]:
    words = set(known)
    return [f"{field} names {each!r}, which is unknown" for each in given if each not in words]
