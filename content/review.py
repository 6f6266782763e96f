"""The way of a snippet: draft → science-checked → approved → retired, with a name and an instant at each step.

Two different people check: one the science, one the words. What a reviewer may not do is refused with a
sentence for the editor; the constraints on content.models refuse the same once more.
"""

from datetime import date, datetime
from functools import cache

from django.db import transaction

from content import lint, shelf
from content.models import Snippet
from content.vocabulary import Reading, Status

STATE_FIELDS = (
    "status",
    "science_checked_by",
    "science_checked_at",
    "approved_by",
    "approved_at",
    "retired_by",
    "retired_at",
)


class ReviewRefused(Exception):
    """The step may not be taken; the text is a sentence for the editor."""


@cache
def house_rules() -> lint.Rules:
    """Return the shipped lint rules, read from their files once a process."""
    return shelf.read_rules()


def findings(snippet: Snippet) -> list[lint.Finding]:
    """Return what lint says about the snippet as it stands, counting its science check if it has one."""
    checked_on = snippet.science_checked_at.date() if snippet.science_checked_at else snippet.drafted_on
    reviewed = bool(snippet.science_checked_by)
    wording = _wording(snippet, dated_on=max(snippet.drafted_on, checked_on), reviewed=reviewed)
    return lint.lint(wording, house_rules())


def science_check(slug: str, *, by: str, at: datetime) -> Snippet:
    """Record that `by` has checked the science of a draft. Raises ReviewRefused."""
    with transaction.atomic():
        snippet = _locked(slug)
        _require(snippet.status == Status.DRAFT, f"Only a draft is checked; this one is {snippet.status}.")
        _require_sound(snippet, on=at.date())
        snippet.status = Status.SCIENCE_CHECKED
        snippet.science_checked_by = _name(by)
        snippet.science_checked_at = at
        snippet.save(update_fields=STATE_FIELDS)
    return snippet


def approve(slug: str, *, by: str, at: datetime) -> Snippet:
    """Record that `by` approves a science-checked snippet: from now on it is sent. Raises ReviewRefused."""
    with transaction.atomic():
        snippet = _locked(slug)
        _require(
            snippet.status == Status.SCIENCE_CHECKED,
            f"Only a science-checked snippet is approved; this one is {snippet.status}.",
        )
        name = _name(by)
        _require(
            name.casefold() != snippet.science_checked_by.casefold(),
            f"{name} checked the science; another person must approve.",
        )
        _require_sound(snippet, on=at.date())
        snippet.status = Status.APPROVED
        snippet.approved_by = name
        snippet.approved_at = at
        snippet.save(update_fields=STATE_FIELDS)
    return snippet


def retire(slug: str, *, by: str, at: datetime) -> Snippet:
    """Take a snippet out of use, at once and whatever its state. Raises ReviewRefused."""
    with transaction.atomic():
        snippet = _locked(slug)
        _require(snippet.status != Status.RETIRED, "It is retired already.")
        snippet.status = Status.RETIRED
        snippet.retired_by = _name(by)
        snippet.retired_at = at
        snippet.save(update_fields=STATE_FIELDS)
    return snippet


def reopen(slug: str) -> Snippet:
    """Take a snippet back to draft, from any state, so that it can be changed and checked anew."""
    with transaction.atomic():
        snippet = _locked(slug)
        withdraw_checks(snippet)
        snippet.save(update_fields=STATE_FIELDS)
    return snippet


def withdraw_checks(snippet: Snippet) -> None:
    """Turn `snippet` into a draft nobody has checked. The caller saves."""
    snippet.status = Status.DRAFT
    snippet.science_checked_by = snippet.approved_by = snippet.retired_by = ""
    snippet.science_checked_at = snippet.approved_at = snippet.retired_at = None


def _locked(slug: str) -> Snippet:
    # Closes the race of two editors: the second sees what the first has done.
    return Snippet.objects.select_for_update().get(slug=slug)


def _require(kept: object, otherwise: str) -> None:
    if not kept:
        raise ReviewRefused(otherwise)


def _require_sound(snippet: Snippet, *, on: date) -> None:
    wording = _wording(snippet, dated_on=max(snippet.drafted_on, on), reviewed=True)
    _require(
        snippet.source_check == Reading.FULL,
        "Its sources were read in part only. Read them, then set the source check to full.",
    )
    _require(wording.citations, "It cites no source.")
    _require(snippet.review_by is not None, "It has no review date.")
    _require(snippet.review_by is None or snippet.review_by >= on, "Its review date has passed.")
    broken = lint.lint(wording, house_rules())
    _require(not broken, " ".join(finding.message for finding in broken))


def _name(by: str) -> str:
    name = " ".join(by.split())
    _require(name, "Say who is checking.")
    return name


def _wording(snippet: Snippet, *, dated_on: date, reviewed: bool) -> lint.Wording:
    citations = snippet.citations.select_related("source")
    return lint.Wording(
        title=snippet.title,
        body=snippet.body,
        kind=snippet.kind,
        topic=snippet.topic,
        grade=snippet.grade,
        moments=tuple(snippet.moments),
        services=tuple(snippet.services),
        not_for=tuple(snippet.not_for),
        allow_terms=tuple(snippet.allow_terms),
        citations=tuple(
            lint.Cited(
                text=cited.text,
                participants=cited.source.participants,
                read_in_full=cited.source.verification == Reading.FULL,
            )
            for cited in citations
        ),
        source_check=snippet.source_check,
        dated_on=dated_on,
        review_by=snippet.review_by,
        reviewed=reviewed,
    )
