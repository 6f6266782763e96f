"""What a snippet may not say, and why not. Plain Python: no database, no framework, no clock.

The limits, grades and patterns are data (content/library); the rules that use them are here, one function
each. A rule yields findings with a name and a sentence an editor can act on; no findings means clean.
Source: docs/evidence.md, "How a note may speak".
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from content import readability

CLAIM_WORD = "claim-word"
HORMONES = re.compile(r"\boxytocin\b|\bendorphins?\b", re.IGNORECASE)
PRENATAL_TOPICS = frozenset({"stress", "aftercare"})
MARKUP = re.compile(r"[{}<>`]|\$\w|%\(|&#?\w+;|[\x00-\x1f\x7f]|\]\(")
WEB_ADDRESS = re.compile(r"https?:|www\.|\b[\w-]+\.(com|org|net|co\.uk|eu|de|io)\b|\S@\S", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken rule: its name, what is wrong in plain words, and the words that broke it ("" if none)."""

    rule: str
    message: str
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A source as a snippet cites it; `participants` is the study's size as written, "" when not known."""

    text: str
    participants: str
    read_in_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Everything about a snippet that a rule looks at.

    `dated_on` is the day its review period counts from: the day it was drafted or last checked.
    `reviewed`: a named person checked the science.
    """

    title: str
    body: str
    kind: str
    topic: str
    grade: str
    moments: tuple[str, ...]
    services: tuple[str, ...]
    not_for: tuple[str, ...]
    allow_terms: tuple[str, ...]
    citations: tuple[Cited, ...]
    source_check: str
    dated_on: date
    review_by: date | None
    reviewed: bool = False

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRule:
    """What one grade lets us say; `needs` and `bans` are patterns for the body, "" for none."""

    sendable: bool
    review_months: int
    hedge: str
    needs: str
    bans: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The house rules as data. Every pattern is matched without regard to case."""

    limits: Mapping[str, int]
    grades: Mapping[str, GradeRule]
    banned_terms: tuple[str, ...]
    claim_words: tuple[str, ...]
    title_promises: tuple[str, ...]
    selling: tuple[str, ...]


Rule = Callable[[Wording, Rules], Iterator[Finding]]


def lint(wording: Wording, rules: Rules) -> list[Finding]:
    """Return every finding, in the order of RULES; an empty list is a clean snippet."""
    return [finding for rule in RULES for finding in rule(wording, rules)]


def faults(findings: list[Finding]) -> list[Finding]:
    """Return the findings that only a new wording can mend: all but words that wait for a science check."""
    return [finding for finding in findings if finding.rule != CLAIM_WORD]


def citation_line(texts: list[str], limit: int) -> str:
    """Return "Source: …" in at most `limit` characters; sources that do not fit become "and 2 more".

    Empty when there is nothing to cite, or when not even the first fits.
    """
    for shown in range(len(texts), 0, -1):
        more = len(texts) - shown
        line = ("Source: " if len(texts) == 1 else "Sources: ") + "; ".join(texts[:shown])
        line += f" and {more} more" if more else ""
        if len(line) <= limit:
            return line
    return ""


def latest_review(dated_on: date, months: int) -> date:
    """Return the same day of the month `months` later, or that month's last day."""
    years, month = divmod(dated_on.month - 1 + months, 12)
    year = dated_on.year + years
    return date(year, month + 1, min(dated_on.day, monthrange(year, month + 1)[1]))


def length(wording: Wording, rules: Rules) -> Iterator[Finding]:
    limits = rules.limits
    most_words = limits["body_words_reminder_2h" if "reminder-2h" in wording.moments else "body_words"]
    counts = (
        ("title-too-long", "The title", len(wording.title), limits["title_chars"], "characters"),
        ("body-too-wordy", "The body", len(readability.words(wording.body)), most_words, "words"),
        ("body-too-long", "The body", len(wording.body), limits["body_chars"], "characters"),
    )
    for rule, what, has, most, unit in counts:
        if has > most:
            yield Finding(rule=rule, message=f"{what} has {has} {unit}; at most {most} fit.")
    if not wording.title.strip() or not wording.body.strip():
        yield Finding(rule="empty", message="A snippet needs a title and a body.")


def reading(wording: Wording, rules: Rules) -> Iterator[Finding]:
    most = rules.limits["sentence_words"]
    for sentence in readability.sentences(wording.body):
        if len(readability.words(sentence)) > most:
            yield Finding(rule="sentence-too-long", message=f"A sentence has more than {most} words.", found=sentence)
    grade = readability.reading_grade(wording.body)
    if grade > rules.limits["reading_grade_max"]:
        yield Finding(
            rule="hard-to-read",
            message=f"The body reads at school grade {grade:.1f}; use shorter words and sentences.",
        )
    if "!" in wording.text:
        yield Finding(rule="shouting", message="Calm notes have no exclamation marks.", found="!")


def plain_text(wording: Wording, _: Rules) -> Iterator[Finding]:
    # Stored text is never a template, and stays inert even in the hands of one (reliability S52).
    printed = " ".join((wording.title, wording.body, *(cited.text for cited in wording.citations)))
    if found := MARKUP.search(printed):
        yield Finding(
            rule="not-plain-text",
            message="Titles, bodies and citations are plain text on one line.",
            found=found[0],
        )
    if found := WEB_ADDRESS.search(f"{wording.title} {wording.body}"):
        yield Finding(rule="web-address", message="Web and mail addresses belong to the sources.", found=found[0])


def banned_terms(wording: Wording, rules: Rules) -> Iterator[Finding]:
    for pattern in rules.banned_terms:
        found = re.search(pattern, wording.text, re.IGNORECASE)
        if found and pattern not in wording.allow_terms:
            yield Finding(rule="banned-term", message=f"We never say “{found[0]}”.", found=found[0])
    for pattern in rules.selling:
        if found := re.search(pattern, wording.text, re.IGNORECASE):
            yield Finding(
                rule="selling",
                message="A note sells nothing: no price, no offer, no voucher.",
                found=found[0],
            )


def claim_words(wording: Wording, rules: Rules) -> Iterator[Finding]:
    if wording.reviewed:
        return
    for pattern in rules.claim_words:
        if found := re.search(pattern, wording.text, re.IGNORECASE):
            yield Finding(
                rule=CLAIM_WORD,
                message=f"“{found[0]}” is a claim about the body: a named person checks the science first.",
                found=found[0],
            )


def hedging(wording: Wording, rules: Rules) -> Iterator[Finding]:
    grade = rules.grades.get(wording.grade)
    if grade is None or not grade.sendable:
        yield Finding(
            rule="not-sendable",
            message=f"A claim graded {wording.grade} is never sent; it belongs to the myths.",
            found=wording.grade,
        )
        return
    if grade.needs and not re.search(grade.needs, wording.body, re.IGNORECASE):
        yield Finding(rule="needs-hedge", message=f"Graded {wording.grade}, so the body must hedge: {grade.hedge}")
    if grade.bans and (found := re.search(grade.bans, wording.body, re.IGNORECASE)):
        yield Finding(rule="promise", message="A note promises nothing to its reader.", found=found[0])
    if wording.grade in {"limited", "conflicting"}:
        for pattern in rules.title_promises:
            if found := re.search(pattern, wording.title, re.IGNORECASE):
                yield Finding(
                    rule="title-promises",
                    message=f"Graded {wording.grade}, so the title names no benefit.",
                    found=found[0],
                )


def study_size(wording: Wording, _: Rules) -> Iterator[Finding]:
    if wording.grade != "limited" or len(wording.citations) != 1:
        return
    sizes = re.findall(r"\d[\d,]*", wording.citations[0].participants)
    if sizes and not any(readability.names_number(wording.body, int(n.replace(",", ""))) for n in sizes):
        yield Finding(
            rule="size-not-named",
            message=f"A single small study is told with its size: {wording.citations[0].participants}.",
        )


def sources(wording: Wording, rules: Rules) -> Iterator[Finding]:
    if not wording.citations:
        yield Finding(rule="no-source", message="Nothing is sent without a source.")
        return
    limit = rules.limits["citation_line_chars"]
    if not citation_line([cited.text for cited in wording.citations], limit):
        yield Finding(rule="citation-too-long", message=f"The first source does not fit into {limit} characters.")
    unread = [cited.text for cited in wording.citations if not cited.read_in_full]
    if unread and wording.source_check == "full":
        yield Finding(
            rule="source-not-read",
            message="The source check says full, yet a source was read in part only.",
            found=unread[0],
        )


def review_date(wording: Wording, rules: Rules) -> Iterator[Finding]:
    grade = rules.grades.get(wording.grade)
    if grade is None or wording.review_by is None:
        return
    latest = latest_review(wording.dated_on, grade.review_months)
    if wording.review_by > latest:
        yield Finding(
            rule="review-too-late",
            message=f"Graded {wording.grade}, so review within {grade.review_months} months, by {latest}.",
        )


def prenatal(wording: Wording, _: Rules) -> Iterator[Finding]:
    if "prenatal" in wording.not_for:
        return
    if found := HORMONES.search(wording.text):
        # A reader may take an oxytocin note as "massage brings on labour".
        yield Finding(rule="not-for-prenatal", message="Hormone notes exclude prenatal visits.", found=found[0])
    elif {"any", "prenatal"} & set(wording.services) and wording.topic not in PRENATAL_TOPICS:
        yield Finding(
            rule="not-for-prenatal",
            message="Prenatal visits get stress, aftercare and safety notes only.",
            found=wording.topic,
        )


RULES: tuple[Rule, ...] = (
    length,
    reading,
    plain_text,
    banned_terms,
    claim_words,
    hedging,
    study_size,
    sources,
    review_date,
    prenatal,
)
