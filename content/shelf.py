"""The shipped library, read from its files; a broken one is refused whole, every fault with file and entry.

Plain Python: it knows files, no database.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from content import lint, soundness
from content.entries import (
    BadEntry,
    BrokenLibrary,
    ClaimEntry,
    Fault,
    Kind,
    Library,
    Meta,
    MythEntry,
    SnippetEntry,
    SourceEntry,
    parse,
)

SHIPPED = Path(__file__).parent / "library"
PATTERN_LISTS = ("banned_terms", "claim_words", "title_promises", "selling")
LIMITS = (
    "title_chars",
    "body_words",
    "body_words_reminder_2h",
    "body_chars",
    "sentence_words",
    "reading_grade_max",
    "citation_line_chars",
)
WORD_LISTS = ("topics", "kinds", "moments", "services", "goals")


class _StrictLoader(yaml.SafeLoader):
    """YAML takes the last of two equal keys without a word; we do not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := {str(key) for key in keys if keys.count(key) > 1}:
            raise yaml.YAMLError(f"names {', '.join(sorted(twice))} twice")
        return dict(super().construct_mapping(node, deep=deep))


def read_meta(folder: Path = SHIPPED) -> Meta:
    """Return the library's own lines. Raises BrokenLibrary."""
    raw = _mapping(folder, "meta.yaml")
    return Meta(**{name: _line(raw, name) for name in ("version", "disclaimer", "safety_line")})


def read_rules(folder: Path = SHIPPED) -> lint.Rules:
    """Return the lint's rules; the patterns of the myths are banned terms too. Raises BrokenLibrary."""
    faults: list[Fault] = []
    myths = _entries(MythEntry, folder, "myths.yaml", faults)
    if faults:
        raise BrokenLibrary(faults)
    return _rules(folder, myths)


def read_library(folder: Path = SHIPPED) -> Library:
    """Return the whole library. Raises BrokenLibrary with every fault found."""
    faults: list[Fault] = []
    sources = _entries(SourceEntry, folder, "sources.yaml", faults, key="slug")
    claims = _entries(ClaimEntry, folder, "claims.yaml", faults, key="code")
    myths = _entries(MythEntry, folder, "myths.yaml", faults)
    files = [f"snippets/{path.name}" for path in sorted((folder / "snippets").glob("*.yaml"))]
    placed = [(file, entry) for file in files for entry in _entries(SnippetEntry, folder, file, faults)]
    library = Library(
        meta=read_meta(folder),
        rules=_rules(folder, myths),
        vocabulary=_vocabulary(folder),
        sources=tuple(sources),
        claims=tuple(claims),
        myths=tuple(myths),
        snippets=tuple(entry for _, entry in placed),
    )
    faults += soundness.faults_of(library, placed)
    if faults:
        raise BrokenLibrary(faults)
    return library


def _entries(kind: type[Kind], folder: Path, file: str, faults: list[Fault], *, key: str = "") -> list[Kind]:
    """Return the sound entries of one file; what is wrong with the others is added to `faults`.

    With `key` the file maps that field to the rest of each entry; without it, it is a list of entries.
    """
    entries = []
    for name, raw in _named(_raw(folder, file), file, key):
        try:
            entries.append(parse(kind, raw))
        except BadEntry as error:
            faults.append(Fault(file=file, entry=name, message=str(error)))
    return entries


def _named(raw: object, file: str, key: str) -> list[tuple[str, object]]:
    if key and isinstance(raw, dict):
        return [(str(name), {key: name, **rest} if isinstance(rest, dict) else rest) for name, rest in raw.items()]
    if not key and isinstance(raw, list):
        slugs = [entry.get("slug") if isinstance(entry, dict) else None for entry in raw]
        return [(str(slug or f"entry {at}"), entry) for at, (slug, entry) in enumerate(zip(slugs, raw, strict=True), 1)]
    raise BrokenLibrary([Fault(file=file, entry="", message="is not laid out as its first lines say")])


def _rules(folder: Path, myths: list[MythEntry]) -> lint.Rules:
    words = _mapping(folder, "vocabulary.yaml")
    lists = {name: _sound(_strings(words, name), "vocabulary.yaml", name) for name in PATTERN_LISTS}
    for myth in myths:
        lists["banned_terms"] += _sound(myth.patterns, "myths.yaml", myth.slug)
    limits = _mapping(folder, "limits.yaml")
    if missing := [name for name in LIMITS if type(limits.get(name)) is not int]:
        raise BrokenLibrary(
            [Fault(file="limits.yaml", entry=name, message="must be a whole number") for name in missing]
        )
    return lint.Rules(
        limits={name: int(str(limits[name])) for name in LIMITS},
        grades={name: _grade(name, raw) for name, raw in _mapping(folder, "grades.yaml").items()},
        **lists,
    )


def _grade(name: str, raw: object) -> lint.GradeRule:
    try:
        if not isinstance(raw, dict):
            raise TypeError("is not a list of fields")
        return lint.GradeRule(
            sendable=raw["sendable"] is True,
            review_months=int(raw["review_months"]),
            hedge=str(raw["hedge"]).strip(),
            needs=re.compile(raw["needs"] or "").pattern,
            bans=re.compile(raw["bans"] or "").pattern,
        )
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise BrokenLibrary([Fault(file="grades.yaml", entry=name, message=f"is wrong: {error}")]) from error


def _sound(patterns: tuple[str, ...], file: str, entry: str) -> tuple[str, ...]:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            message = f"{pattern!r} is no pattern: {error}"
            raise BrokenLibrary([Fault(file=file, entry=entry, message=message)]) from error
    return patterns


def _vocabulary(folder: Path) -> dict[str, tuple[str, ...]]:
    words = _mapping(folder, "vocabulary.yaml")
    return {name: _strings(words, name) for name in WORD_LISTS}


def _strings(words: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = words.get(name)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BrokenLibrary([Fault(file="vocabulary.yaml", entry=name, message="must be a list of texts")])
    return tuple(value)


def _line(raw: Mapping[str, object], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BrokenLibrary([Fault(file="meta.yaml", entry=name, message="must be a text")])
    return value.strip()


def _mapping(folder: Path, file: str) -> dict[str, object]:
    raw = _raw(folder, file)
    if not isinstance(raw, dict):
        raise BrokenLibrary([Fault(file=file, entry="", message="must be a list of fields")])
    return {str(name): value for name, value in raw.items()}


def _raw(folder: Path, file: str) -> object:
    try:
        loaded: object = yaml.load((folder / file).read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BrokenLibrary([Fault(file=file, entry="", message=f"cannot be read: {error}")]) from error
    return loaded
