"""A studio, a mail server that keeps what it takes, and a library with notes in it.

Models are imported inside the fixtures: pytest reads this file before Django is set up.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.notifications.post_office import PostOffice
from tests.notifications.smtp_server import MisbehavingServer


@pytest.fixture(autouse=True)
def _nobody_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test commits must not wake the workers of another."""
    from notifications import bell

    monkeypatch.setattr(bell, "_bell", bell.Bell(lambda: None))


@pytest.fixture
def studio(db):
    from tests.notifications.stage import Stillwater

    return Stillwater()


@pytest.fixture
def serve(settings: Any) -> Iterator[Callable[..., MisbehavingServer]]:
    """Start a mail server with a script, to which all mail then goes."""
    started: list[MisbehavingServer] = []

    def start(**scripts: list[str]) -> MisbehavingServer:
        server = MisbehavingServer(**scripts).__enter__()
        started.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        return server

    yield start
    for server in started:
        server.__exit__(None, None, None)


@pytest.fixture
def server(serve) -> MisbehavingServer:
    """A mail server that takes everything."""
    return serve()


@pytest.fixture
def open_outbox(settings: Any) -> Iterator[Callable[..., Any]]:
    """Give an outbox to a server on this port, with little patience; closed at the end."""
    from notifications.channels import Outbox

    opened: list[Outbox] = []

    def to(port: int, **patience: float) -> Outbox:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        outbox = Outbox(**({"reply_seconds": 0.3, "message_seconds": 5} | patience))
        opened.append(outbox)
        return outbox

    yield to
    for outbox in opened:
        outbox.close()


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    """A mail server that talks to any number of workers at once; all mail goes there."""
    with PostOffice() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def note(db):
    """Publish a note; keywords change it. Robin checks the science, Noor approves."""
    from content import review
    from content.models import Citation, Snippet, Source

    at = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

    def publish(slug: str = "a-calm-hour", **fields: Any) -> Any:
        source, _ = Source.objects.get_or_create(
            slug="calm2020",
            defaults={
                "authors": "Calm C",
                "year": 2020,
                "title": "Calm after massage",
                "journal": "J Calm",
                "doi": "10.1000/calm",
                "design": "Randomised; massage vs rest",
                "participants": "40",
                "result": "Calmer after both",
                "seen_at": "https://example.org/calm",
                "verification": "full",
            },
        )
        sound = {
            "slug": slug,
            "kind": "benefit",
            "title": slug.replace("-", " ").capitalize(),
            "body": "Many people feel calmer after a massage than after rest. It may not last.",
            "topic": "stress",
            "grade": "moderate",
            "moments": ["confirmation", "reminder-24h", "reminder-2h", "follow-up"],
            "services": ["any"],
            "goals": ["general"],
            "uk_cap": "ok",
            "source_check": "full",
            "drafted_on": date(2026, 10, 1),
            "review_by": date(2027, 10, 31),
        }
        snippet = Snippet.objects.create(**(sound | fields))
        Citation.objects.create(snippet=snippet, source=source, position=1, text="Calm, 2020, J Calm")
        review.science_check(slug, by="Robin", at=at)
        return review.approve(slug, by="Noor", at=at)

    return publish
