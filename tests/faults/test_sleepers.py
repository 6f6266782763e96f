"""A worker that is stopped, and wakes when its lease is long over: reliability 4.4, the zombie; P5."""

import os
import signal
import time

import pytest

from config.embedded.child import Child
from tests.faults.house import House, eventually

pytestmark = pytest.mark.processes
NOTHING_IS_BELIEVED_SO_LONG_SECONDS = 5


def send_signal(worker: Child, number: signal.Signals) -> None:
    """Send it to the worker and its pool."""
    assert worker.process is not None
    os.killpg(worker.process.pid, number)


class TestAWorkerThatSleepsThroughItsLease:
    def test_wakes_and_sends_nothing_of_what_another_has_sent(self, house: House) -> None:
        """It had three mails, of which the server was just taking the first: only that one comes twice."""
        house.office.open_for_answers.clear()
        for _ in range(3):
            house.book()
        sleeper = house.start_worker("sleeper")
        assert house.office.somebody_waits.wait(20)
        send_signal(sleeper, signal.SIGSTOP)
        asleep_since = time.monotonic()
        house.office.open_for_answers.set()
        assert eventually(lambda: len(house.office.arrived) == 1)

        house.redis().flushall()
        house.lease_runs_out()
        house.start_worker("another")
        house.ask("notifications.sweep")
        assert eventually(lambda: house.states() == ["sent"] * 3), house.states()
        assert eventually(lambda: house.office.conversations == 1), "more than the sleeper's"
        recorded = house.sql("SELECT id, attempt, sent_by, sent_at FROM notifications_message ORDER BY id")
        assert eventually(lambda: time.monotonic() > asleep_since + NOTHING_IS_BELIEVED_SO_LONG_SECONDS)
        send_signal(sleeper, signal.SIGCONT)
        assert eventually(lambda: house.office.conversations == 0), "it has not woken"

        assert len(house.office.arrived) == 4
        assert len({arrival.id for arrival in house.office.arrived}) == 3
        assert house.sql("SELECT id, attempt, sent_by, sent_at FROM notifications_message ORDER BY id") == recorded
