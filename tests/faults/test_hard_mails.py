"""One mail that is trouble, and the others that are not to suffer for it: reliability 4.3 and 4.4."""

import time

import pytest

from notifications.queue import MOST_CRASHES
from tests.faults.house import House, eventually
from tests.faults.mail_server import Manner

pytestmark = pytest.mark.processes
LONGEST_FOR_ONE_MAIL_SECONDS = 30


@pytest.fixture
def trouble(house: House) -> str:
    """The address of the first of four who are owed a mail. The server falls silent when it hears it."""
    for _ in range(4):
        house.book()
    house.redis().flushall()  # nobody has been called yet
    ((address,),) = house.sql(
        "SELECT c.email FROM notifications_message m JOIN booking_appointment a ON a.id = appointment_id "
        "JOIN booking_client c ON c.id = client_id ORDER BY m.due_at LIMIT 1"
    )
    house.office.manners = lambda to, _: Manner.STALLS if to == address else Manner.TAKES
    return str(address)


class TestAMailThatKillsWhoeverSendsIt:
    def test_is_set_aside_and_the_others_wait_for_one_lease_at_most(self, house: House, trouble: str) -> None:
        """The poison task, with kill -9: the whole pool dies each time that somebody has it in hand."""
        worker = house.start_worker()
        for crash in range(1, MOST_CRASHES + 1):
            house.ask("notifications.sweep")
            house.ask("notifications.sweep")
            assert eventually(lambda crash=crash: house.office.tries[trouble] == crash), house.office.tries
            if crash > 1:  # the first had all four in hand
                assert eventually(lambda: house.states() == ["sending"] + ["sent"] * 3), house.states()
            house.kill_pool_of(worker)
            house.lease_runs_out()
        house.ask("notifications.sweep")

        assert eventually(lambda: house.states() == ["failed"] + ["sent"] * 3), house.states()
        assert house.office.tries[trouble] == MOST_CRASHES
        assert sorted(house.office.tries.values()) == [1, 1, 1, MOST_CRASHES]
        ((words,),) = house.sql("SELECT words FROM notifications_message WHERE state = 'failed'")
        assert words.startswith("Given up: workers stopped")


class TestAServerThatFallsSilent:
    @pytest.mark.slow
    def test_about_one_keeps_the_others_waiting_for_half_a_minute_at_most(self, house: House, trouble: str) -> None:
        """Stalled at RCPT: who shared a worker with it is served after, and the worker is free again."""
        house.start_worker()
        began = time.monotonic()

        house.ask("notifications.sweep")

        assert eventually(lambda: house.states() == ["pending"] + ["sent"] * 3, within_seconds=40), house.states()
        assert time.monotonic() - began < LONGEST_FOR_ONE_MAIL_SECONDS
        ((tries, words),) = house.sql("SELECT tries, words FROM notifications_message WHERE state = 'pending'")
        assert tries == 1
        assert "timed out" in words
        house.book()
        assert eventually(lambda: house.states() == ["pending"] + ["sent"] * 4), "the worker is not free"
