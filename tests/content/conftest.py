"""The library on a day in November 2026. Robin checks the science, Kim approves, Sam is a reader.

Models are imported inside the fixtures: pytest reads this file before Django is set up.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from content import shelf
from content.entries import Library

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture
def today() -> Iterator[None]:
    """The clock stands at NOW, for edges that read it."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="session")
def library() -> Library:
    return shelf.read_library()


@pytest.fixture
def loaded(db, library):
    """The shipped library, all drafts; the report of the load."""
    from content import loading

    return loading.load(library)


@pytest.fixture
def approved(loaded, library):
    """The shipped library, with all that may be approved approved; what was and what was left."""
    from content import loading

    slugs = [entry.slug for entry in library.snippets]
    return loading.approve_checked(slugs, checked_as="Robin", approved_as="Kim", at=NOW)


@pytest.fixture
def source(db):
    from content.models import Source

    return Source.objects.create(
        slug="calm2020",
        authors="Calm C",
        year=2020,
        title="Calm after massage",
        journal="J Calm",
        doi="10.1000/calm",
        design="Randomised; massage vs rest",
        participants="40",
        result="Calmer after both",
        seen_at="https://example.org/calm",
        verification="full",
    )


@pytest.fixture
def write(source):
    """Write a sound draft with one source; keywords change its fields."""
    from content.models import Citation, Snippet

    def write(*, cites: bool = True, **fields):
        sound = {
            "slug": "a-calm-hour",
            "kind": "benefit",
            "title": "A calm hour",
            "body": "Many people feel calmer after a massage than after rest. It may not last.",
            "topic": "stress",
            "grade": "moderate",
            "moments": ["confirmation", "reminder-24h"],
            "services": ["any"],
            "goals": ["general"],
            "uk_cap": "ok",
            "source_check": "full",
            "drafted_on": TODAY,
            "review_by": date(2027, 11, 23),
        }
        snippet = Snippet.objects.create(**{**sound, **fields})
        if cites:
            Citation.objects.create(snippet=snippet, source=source, position=1, text="Calm, 2020, J Calm")
        return snippet

    return write


@pytest.fixture
def publish(write):
    """Write a snippet and take it through both checks."""
    from content import review

    def publish(**fields):
        snippet = write(**fields)
        review.science_check(snippet.slug, by="Robin", at=NOW)
        return review.approve(snippet.slug, by="Kim", at=NOW)

    return publish


@pytest.fixture
def copied(tmp_path) -> Path:
    """A copy of the shipped library that a test may spoil."""
    return Path(shutil.copytree(shelf.SHIPPED, tmp_path / "library"))


@pytest.fixture
def change(copied) -> Callable[[str, str, str], Path]:
    """Replace a text in one file of the copy; the copy comes back."""

    def change(file: str, old: str, new: str) -> Path:
        text = (copied / file).read_text(encoding="utf-8")
        assert old in text
        (copied / file).write_text(text.replace(old, new), encoding="utf-8")
        return copied

    return change
