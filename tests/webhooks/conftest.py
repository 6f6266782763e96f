"""A studio, a receiver on loopback that webhooks may call, and name servers that say what a test wants.

Models are imported inside the fixtures: pytest reads this file before Django is set up.
"""

import itertools
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from tests.webhooks.receiver import Receiver

PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Nobody is woken by what a test commits, and nobody is throttled."""
    from notifications import bell

    monkeypatch.setattr(bell, "_bell", bell.Bell(lambda: None))
    monkeypatch.setattr(bell, "_webhook_bell", bell.Bell(lambda: None))
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "0/min")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of the edges stands at NOW, until a test moves it."""
    from tests.factories import NOW

    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(db: None, clock: Any) -> Any:
    from tests import factories

    return factories.house()


@pytest.fixture
def studio(db: None) -> Any:
    from tests.notifications.stage import Stillwater

    return Stillwater()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with Receiver() as started:
        yield started


@pytest.fixture
def hook(db: None) -> Callable[..., Any]:
    """Keep a webhook for all events, but for the changes."""
    from notifications.webhooks import keeping
    from notifications.webhooks.models import Event
    from tests.factories import NOW

    def keep(url: str, *, events: list[str] | None = None, **values: Any) -> Any:
        return keeping.make(url=url, host=keeping.host_of(url), events=events or list(Event.values), now=NOW, **values)

    return keep


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Have name servers answer: each time a name is asked for, the next of its answers, the last one for ever.

    An answer is one or more numbers with spaces between. Returns the names that were asked for, in order.
    """

    def answer(**answers: list[str]) -> list[str]:
        left = {name.replace("_", "."): list(said) for name, said in answers.items()}
        asked: list[str] = []

        def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            asked.append(host)
            said = left.get(host)
            if not said:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            numbers = (said.pop(0) if len(said) > 1 else said[0]).split()
            return [(0, 0, 0, "", (number, port)) for number in numbers]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return answer


@pytest.fixture
def now(db: None) -> datetime:
    """The hour by the database, whose clock leases go by."""
    from tests.notifications.stage import database_now

    return database_now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def book(studio: Any, now: datetime) -> Callable[[], Any]:
    """Book as somebody who comes in some days, and has not come before but for Kim."""
    from booking.actions.book import Person
    from tests.notifications.stage import DAY, KIM

    days = itertools.count(3)

    def book() -> Any:
        day = next(days)
        client = KIM if day == 3 else Person(name=f"Robin {day}", email=f"robin.{day}@example.com")
        return studio.book(now + day * DAY, now=now, client=client)

    return book
