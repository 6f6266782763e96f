"""Services that go away while the studio is at work: P3, P4, P7, P11; messaging.md checks 52 and 56; issue 2."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests

from tests.faults.house import House, eventually

pytestmark = pytest.mark.processes
UNAFFECTED_SECONDS = 0.3  # reliability.md 4.4: booking may take so much longer while the broker is black-holed


class TestValkeyKilledAndEmptied:
    def test_keeps_nobody_from_booking_and_loses_no_mail(self, house: House) -> None:
        """Check 52, P4, P11: 0 errors meanwhile, everything within a minute after, by the same worker."""
        worker = house.start_worker()
        house.start_beat()
        house.book()
        assert eventually(lambda: house.states() == ["sent"])

        house.valkey.kill()
        answers = [house.book() for _ in range(5)]
        assert house.states() == ["sent"] + ["pending"] * 5
        house.start_valkey()  # without its data: nothing was written down

        assert eventually(lambda: house.states() == ["sent"] * 6, within_seconds=60), house.states()
        assert max(answer["took"] for answer in answers) < 2
        assert len(house.office.taken) == len(set(house.office.ids())) == 6
        assert worker.running(), "another worker than before"
        house.book()
        assert eventually(lambda: house.states() == ["sent"] * 7)

    def test_flushed_again_and_again_delays_and_loses_nothing(self, house: House) -> None:
        """Check 56."""
        house.start_worker()
        house.start_beat()

        for _ in range(10):
            house.book()
            house.redis().flushall()

        assert eventually(lambda: house.states() == ["sent"] * 10), house.states()
        assert len(house.office.taken) == 10


class TestABrokerThatNeverAnswers:
    def test_does_not_hold_up_a_booking(self, house: House) -> None:
        """Reliability 4.4, Redis black-holed: limits are counted there too, and are on as in production."""
        limits = {name: "1000/hour" for name in ("LIMIT_BOOK", "LIMIT_BOOK_PER_MAIL_ADDRESS", "LIMIT_OTHER")}
        with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
            url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
            web = house.another_web(REDIS_URL=url, **limits)
            usual = sorted(house.book()["took"] for _ in range(9))
            house.book(at=web)

            took = sorted(house.book(at=web)["took"] for _ in range(9))

        assert took[4] < usual[4] + UNAFFECTED_SECONDS, took
        assert took[-1] < usual[-1] + 2, took


@dataclass(frozen=True)
class Asked:
    """One request of the load: when it was sent and answered, and what came."""

    began: float
    ended: float
    status: int


class Load:
    """A few callers who read slots and book, one request after another, until told to stop."""

    def __init__(self, house: House, *, callers: int = 4) -> None:
        self.house = house
        self.asked: list[Asked] = []
        self.booked: list[str] = []
        self._stop = threading.Event()
        self._callers = [threading.Thread(target=self._call, args=(n,)) for n in range(callers)]

    def __enter__(self) -> "Load":
        for caller in self._callers:
            caller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for caller in self._callers:
            caller.join(20)

    def _call(self, number: int) -> None:
        while not self._stop.wait(0.05):
            began = time.monotonic()
            try:
                answer = self._book() if number % 2 else self._look()
                status = answer.status_code
            except requests.RequestException:
                status = 0
            self.asked.append(Asked(began, time.monotonic(), status))

    def _look(self) -> requests.Response:
        return requests.get(f"{self.house.plan.public_url}/api/v1/locations/", timeout=10)

    def _book(self) -> requests.Response:
        answer = self.house.try_to_book()
        if answer.status_code == 201:
            self.booked.append(answer.json()["reference"])
        return answer


class TestPostgresRestartedBetweenTwoRequests:
    def test_fails_nobody(self, house: House) -> None:
        """Reliability 6.4: connections that lay idle meanwhile are dead, and nobody may learn of it from them."""
        everybody = ThreadPoolExecutor(16)
        look = f"{house.plan.public_url}/api/v1/locations/"

        def statuses() -> list[int]:
            return [answer.status_code for answer in everybody.map(lambda _: requests.get(look, timeout=10), range(64))]

        assert statuses() == [200] * 64
        house.restart_postgres()

        assert statuses() == [200] * 64
        everybody.shutdown()


class TestPostgresRestartedUnderLoad:
    def test_fails_what_was_in_flight_and_nothing_after(self, house: House) -> None:
        """Issue 2 and reliability 4.4: `immediate`, as after a crash; P2: what was acknowledged is there."""
        house.start_worker()
        house.start_beat()
        with Load(house) as load:
            assert eventually(lambda: len(load.booked) >= 5)
            down = time.monotonic()
            house.restart_postgres()
            up = time.monotonic()
            assert eventually(lambda: time.monotonic() > up + 3)

        failed = [each for each in load.asked if each.status not in {200, 201}]
        assert [each for each in failed if each.ended < down or each.began > up + 1] == []
        assert {each.status for each in failed} <= {0, 503}, failed
        assert any(each.began > up + 1 for each in load.asked)
        known = {reference for (reference,) in house.sql("SELECT reference FROM booking_appointment")}
        assert set(load.booked) <= known
        house.lease_runs_out()
        assert eventually(lambda: set(house.states()) == {"sent"}), house.states()
        sent = house.office.ids()
        assert len(set(sent)) == len(house.states())
        assert len(sent) - len(set(sent)) <= 2, "more than one copy for each worker process"
