"""The studio that the tests of booking live in, its callers, and how many examples hypothesis tries.

Models and factories are imported inside the fixtures: pytest reads this file before Django is set up.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings

# HYPOTHESIS_PROFILE=slow for a long look, for example before a release.
settings.register_profile("default", max_examples=80, deadline=None, database=None)
settings.register_profile(
    "slow", max_examples=3_000, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


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
    """The clock of the edges stands at NOW, until a test moves it."""
    from tests.factories import NOW

    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(db: None, clock: Any) -> Any:
    from tests import factories

    return factories.house()


@pytest.fixture
def api() -> Any:
    """Sends JSON; keywords of a call are headers."""
    from tests.booking.caller import Caller

    return Caller()


@pytest.fixture
def desk(house: Any) -> Any:
    """A program of the front desk, which may read and write appointments."""
    from tests.booking.caller import Caller
    from tests.factories import api_key

    return Caller(Authorization=f"Bearer {api_key('read', 'desk')}")


@pytest.fixture
def wish(house: Any) -> Callable[..., dict[str, Any]]:
    """The body of a POST that books: Kim's hour of Swedish on Tuesday at ten, but for the changes."""
    from tests.factories import at, guest

    def wish(**changes: Any) -> dict[str, Any]:
        body = {"location": "harbour", "variation": "swedish-60", "start": at("10:00"), "client": guest()}
        return {key: value for key, value in (body | changes).items() if value is not ...}

    return wish


@pytest.fixture
def book(api: Any, wish: Any) -> Callable[..., dict[str, Any]]:
    """Book it as a guest would, and return the answer."""

    def book(**changes: Any) -> dict[str, Any]:
        answer = api.post("appointments/", wish(**changes))
        assert answer.status_code == 201, answer.content
        return answer.json()

    return book


@pytest.fixture
def booked(book: Any) -> dict[str, Any]:
    """Kim's appointment as the answer to the booking told it, with the token."""
    return book()


@pytest.fixture
def kim(booked: Any) -> Any:
    """Who holds the link to it."""
    from tests.booking.caller import Caller

    return Caller(Authorization=f"Link {booked['token']}")


@pytest.fixture
def slots(api: Any, house: Any) -> Callable[..., dict[str, Any]]:
    """Ask for the slots of an hour of Swedish on Tuesday, but for the changes."""
    from tests.factories import TUESDAY

    def slots(caller: Any = api, **changes: Any) -> dict[str, Any]:
        query = {"location": "harbour", "variation": "swedish-60", "from": TUESDAY, "until": TUESDAY} | changes
        answer = caller.get("slots/", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return slots


@pytest.fixture
def weekly(wish: Any) -> Callable[..., dict[str, Any]]:
    """The body of a POST that books Kim's hour on six Tuesdays, but for the changes."""

    def weekly(*, times: int = 6, every_weeks: int = 1, **changes: Any) -> dict[str, Any]:
        body: dict[str, Any] = wish(repeat={"every_weeks": every_weeks, "times": times}, **changes)
        return body

    return weekly


@pytest.fixture
def book_weekly(api: Any, weekly: Any) -> Callable[..., dict[str, Any]]:
    """Book it as a guest would, and return the answer."""

    def book_weekly(**changes: Any) -> dict[str, Any]:
        answer = api.post("series/", weekly(**changes))
        assert answer.status_code == 201, answer.content
        return answer.json()

    return book_weekly


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[[Callable[[], Any]], Any]:
    """Do something and what follows its commit; return what it answered."""

    def committed(call: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return committed


@pytest.fixture
def series(book_weekly: Any) -> Any:
    """Kim's six Tuesdays at ten, as the answer to the booking told them."""
    return book_weekly()


@pytest.fixture
def visits(series: Any) -> Any:
    return series["occurrences"]


@pytest.fixture
def change(visits: Any) -> Callable[..., Any]:
    """Change the visit of that week as the holder of its link."""
    from tests.booking.caller import Caller

    def change(week: int, how: str, body: Any = None, caller: Any = None, **headers: str) -> Any:
        one = visits[week]
        caller = caller or Caller(Authorization=f"Link {one['token']}")
        return caller.post(f"appointments/{one['reference']}/{how}/", body or {}, **headers)

    return change


@pytest.fixture
def owner(house: Any) -> Any:
    """A program of the owner's, which may do all."""
    from tests.booking.caller import Caller
    from tests.factories import api_key

    return Caller(Authorization=f"Bearer {api_key('admin')}")


@pytest.fixture
def away(desk: Any) -> Callable[..., dict[str, Any]]:
    """Enter anna's Tuesday off, but for the changes, and return the answer."""
    from datetime import timedelta

    from tests.factories import TUESDAY, at

    def away(**changes: Any) -> dict[str, Any]:
        body = {"therapist": "anna", "from": at("00:00"), "until": at("00:00", on=TUESDAY + timedelta(days=1))}
        answer = desk.post("time-off/", body | {"reason": "Ill"} | changes)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return away


@pytest.fixture
def annas(house: Any, book: Any) -> dict[str, Any]:
    """Kim's hour with anna on Tuesday at ten; nobody was asked for by name."""
    done = book()
    assert done["therapists"] == ["anna"]
    return done


@pytest.fixture
def hold(api: Any, house: Any) -> Callable[..., dict[str, Any]]:
    """Hold Tuesday at ten with anybody, but for the changes, and return the answer."""
    from tests.factories import at

    def hold(caller: Any = api, **changes: Any) -> dict[str, Any]:
        body = {"location": "harbour", "variation": "swedish-60", "start": at("10:00")} | changes
        answer = caller.post("holds/", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return hold


@pytest.fixture
def sam() -> Any:
    """Somebody else, at another address of the network."""
    from tests.booking.caller import Caller

    caller = Caller()
    caller.browser.defaults["REMOTE_ADDR"] = "198.51.100.7"
    return caller
