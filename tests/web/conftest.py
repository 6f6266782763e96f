"""The studio as people meet it on its pages. Kim has a visit on Tuesday at ten; Sam is a stranger.

Models are imported inside the fixtures: pytest reads this file before Django is set up.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    """Nobody is throttled, but where a test is about that; and no test counts on from another."""
    from booking.api import throttling

    throttling._away_until[0] = 0.0
    throttling._local.clear()
    throttling._server().flushdb()
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "0/min")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of the pages stands at NOW, until a test moves it."""
    from tests.factories import NOW

    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(db: None, clock: Any) -> Any:
    from tests import factories

    return factories.house()


@pytest.fixture
def book(house: Any) -> Callable[..., Any]:
    """Book an hour of Swedish for Kim on Tuesday at ten, but for the changes; the answer has the token."""
    from tests.web.visitor import book

    return book


@pytest.fixture
def booked(book: Any) -> Any:
    return book()


@pytest.fixture
def kim(booked: Any, clock: Any) -> Any:
    """Who holds the link to it, and has read before they press."""
    from tests.web.visitor import Visitor

    return Visitor(booked.token, clock)


@pytest.fixture
def sam() -> Any:
    """A stranger with a browser of their own."""
    from django.test import Client

    return Client()


@pytest.fixture
def approved(db: None) -> None:
    """The shipped notes, with all that may be approved approved."""
    from content import loading, shelf
    from tests.factories import NOW

    library = shelf.read_library()
    loading.load(library)
    loading.approve_checked([entry.slug for entry in library.snippets], checked_as="Robin", approved_as="Noor", at=NOW)
