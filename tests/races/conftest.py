"""Real threads against a real PostgreSQL: each caller has a connection of its own, and a start line for all."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine

Work = Callable[[], Any]


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "0/min")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    from tests.factories import NOW

    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(transactional_db: None, clock: Any) -> Any:
    from tests import factories

    return factories.house()


@pytest.fixture
def at_once() -> Callable[[Sequence[Work]], list[Any]]:
    """Run each of the calls in a thread of its own, all from one start line; return their answers in order."""
    from django.db import connections

    def at_once(calls: Sequence[Work]) -> list[Any]:
        line = threading.Barrier(len(calls))

        def run(call: Work) -> Any:
            try:
                line.wait(timeout=30)
                return call()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))

    return at_once
