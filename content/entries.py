"""The library as plain values, and the strict reading of one entry. Plain Python.

An entry has exactly its fields: an unknown, missing or ill-typed one is refused by name, so that a
slip of the pen ("not-for:") can never quietly widen where a snippet goes.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TypeVar, get_type_hints

from content import lint

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|[a-z0-9_]+")


class BadEntry(Exception):
    """One entry is not as it must be; the text says what and where in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    @property
    def digest(self) -> str:
        """Return the same 64 characters for the same contents, whatever their layout in the file."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry(Entry):
    slug: str
    authors: str
    year: int | None
    title: str
    journal: str
    ref: str | None
    doi: str | None
    pmid: str | None
    design: str
    participants: str | None
    result: str
    seen_at: str
    verification: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationEntry(Entry):
    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnippetEntry(Entry):
    slug: str
    kind: str
    title: str
    body: str
    topic: str
    also: tuple[str, ...]
    grade: str
    claims: tuple[str, ...]
    citations: tuple[CitationEntry, ...]
    moments: tuple[str, ...]
    services: tuple[str, ...]
    goals: tuple[str, ...]
    not_for: tuple[str, ...]
    contraindications: tuple[str, ...]
    uk_cap: str
    source_check: str
    allow_terms: tuple[str, ...]
    drafted_on: date
    review_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MythEntry(Entry):
    code: str
    slug: str
    never_say: str
    grade: str
    why: str
    say_instead: str
    claims: tuple[str, ...]
    sources: tuple[str, ...]
    other_sources: str | None
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEntry(Entry):
    code: str
    article: str
    kind: str
    claim: str
    grade: str
    sources: tuple[str, ...]
    verification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in the library: the file, the entry in it ("" for the whole file), and what."""

    file: str
    entry: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.entry + ' ' if self.entry else ''}{self.message}"


class BrokenLibrary(Exception):
    """The library cannot be used; `faults` names every reason, in file order."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What mails print under every snippet, and the line of safety questions."""

    version: str
    disclaimer: str
    safety_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A sound library: references resolve, words are in the vocabulary, drafts are lint-clean."""

    meta: Meta
    rules: lint.Rules
    vocabulary: Mapping[str, tuple[str, ...]]
    sources: tuple[SourceEntry, ...]
    claims: tuple[ClaimEntry, ...]
    myths: tuple[MythEntry, ...]
    snippets: tuple[SnippetEntry, ...]


Kind = TypeVar("Kind", bound=Entry)


def parse(kind: type[Kind], raw: object) -> Kind:
    """Return `raw`, one entry as YAML gives it, as a `kind`. Raises BadEntry naming the field."""
    if not isinstance(raw, Mapping):
        raise BadEntry("is not a list of fields")
    hints = get_type_hints(kind)
    if unknown := sorted(str(name) for name in raw.keys() - hints.keys()):
        raise BadEntry(f"has an unknown field: {', '.join(unknown)}")
    if missing := sorted(hints.keys() - raw.keys()):
        raise BadEntry(f"lacks {', '.join(missing)}")
    return kind(**{name: _value(name, hint, raw[name]) for name, hint in hints.items()})


def _value(name: str, hint: object, value: object) -> object:
    if hint == tuple[str, ...]:
        return _strings(name, value)
    if hint == tuple[CitationEntry, ...]:
        if not isinstance(value, list):
            raise BadEntry(f"{name} must be a list")
        return tuple(parse(CitationEntry, each) for each in value)
    if hint is date:
        return _day(name, value)
    if hint == (int | None):
        return _number(name, value)
    if value is None and hint == (str | None):
        return None
    return _string(name, value)


def _string(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadEntry(f"{name} must be a text")
    if name == "slug" and not SLUG.fullmatch(value):
        raise BadEntry(f"slug {value!r} must be lower-case words with hyphens")
    return value.strip()


def _strings(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise BadEntry(f"{name} must be a list of texts")
    return tuple(value)


def _number(name: str, value: object) -> int | None:
    if value is not None and type(value) is not int:
        raise BadEntry(f"{name} must be a whole number or null")
    return value


def _day(name: str, value: object) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError as error:
        raise BadEntry(f"{name} must be a date like 2026-11-22") from error
