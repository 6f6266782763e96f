"""Workers killed with -9 at the worst moments: design promise 3, messaging.md checks 54 to 56 and 58, R-05, P4, P5."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from config.embedded.child import Child
from tests.faults.house import House, eventually

pytestmark = pytest.mark.processes


@contextmanager
def caught_between_answer_and_record(house: House) -> Iterator[None]:
    """Let the server take one mail, and hold the worker that sent it in the statement that would note this.

    At the end that statement is undone, as if the machine had died with the worker.
    """
    assert house.office.somebody_waits.wait(20)
    with house.connect() as held:
        held.execute("BEGIN")
        held.execute("SELECT 1 FROM notifications_message FOR UPDATE")
        house.office.open_for_answers.set()
        assert eventually(lambda: blocked(house)), "the worker records nothing"
        assert len(house.office.taken) == 1
        yield
        for pid in blocked(house):
            house.sql("SELECT pg_terminate_backend(%s)", pid)
        assert eventually(lambda: not blocked(house))
        held.execute("ROLLBACK")


def blocked(house: House) -> list[Any]:
    found = house.sql(
        "SELECT pid FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND query ~* '^\\s*UPDATE \"?notifications_message'"
    )
    return [pid for (pid,) in found]


class TestAWorkerKilledBetweenTheServersAnswerAndTheCommit:
    """Check 54: nothing lost, at most one copy more, under the same Message-ID."""

    @pytest.mark.parametrize("whole", [False, True], ids=["its pool", "all of it"])
    def test_leaves_a_mail_that_is_sent_once_more_with_the_same_id(self, house: House, whole: bool) -> None:
        worker = house.start_worker()
        house.office.open_for_answers.clear()
        house.book()

        with caught_between_answer_and_record(house):
            worker.kill() if whole else house.kill_pool_of(worker)
        assert house.states() == ["sending"]
        if whole:
            house.start_worker()
        house.lease_runs_out()
        house.ask("notifications.sweep")

        assert eventually(lambda: house.states() == ["sent"]), house.states()
        assert len(house.office.taken) == 2
        assert len(set(house.office.ids())) == 1
        assert len({str(mail["Date"]) for mail in house.office.mails()}) == 1

    def test_leaves_a_follow_up_that_is_not_sent_again(self, house: House) -> None:
        worker = house.start_worker()
        booked = house.book()
        assert eventually(lambda: house.states() == ["sent"])
        house.office.taken.clear()
        visited(house, booked["reference"])
        house.office.open_for_answers.clear()
        house.ask("notifications.derive_reminders")

        with caught_between_answer_and_record(house):
            house.kill_pool_of(worker)
        house.lease_runs_out()
        house.ask("notifications.sweep")

        assert eventually(lambda: house.states() == ["sent", "unknown"]), house.states()
        assert len(house.office.taken) == 1


def visited(house: House, reference: str) -> None:
    """The visit was two hours ago, and a rule asks how it was."""
    house.rule("follow-up", minutes=30)
    # One statement, since the appointment's constraints look at all of its times together.
    house.sql(
        "UPDATE booking_appointment SET tips = true, agreed_at = now() - interval '9 days', "
        "changed_at = now() - interval '9 days', "
        "start_at = now() - interval '2 hours', end_at = now() - interval '1 hour', "
        "occupied = tstzrange(now() - interval '2 hours', now() - interval '1 hour') WHERE reference = %s",
        reference,
    )


class TestAPoolProcessKilledWhileTheServerTalks:
    def test_leaves_a_mail_that_the_sweep_finds_though_celery_lost_the_task(self, house: House) -> None:
        """Checks 55 and 56: the task is gone with all of the broker's memory, the row is not."""
        worker = house.start_worker()
        house.office.open_for_answers.clear()
        house.book()
        assert house.office.somebody_waits.wait(20)

        house.kill_pool_of(worker)
        house.office.open_for_answers.set()
        time.sleep(0.2)  # celery puts a lost task back; what it put back goes as well
        house.redis().flushall()
        assert house.states() == ["sending"]
        house.lease_runs_out()
        house.ask("notifications.sweep")

        assert eventually(lambda: house.states() == ["sent"]), house.states()
        assert len(house.office.taken) == 1
        assert worker.running()


class TestTwoBeats:
    def test_double_the_ticks_and_no_mail(self, house: House) -> None:
        """Check 58: any number of beats may run."""
        house.start_worker()
        beats: list[Child] = [house.start_beat(number) for number in (1, 2)]
        assert len(beats) == 2
        for _ in range(3):
            house.book()
        house.rule("reminder", minutes=100_000)
        house.sql("UPDATE booking_appointment SET agreed_at = now() - interval '99 days'")
        house.sql("UPDATE booking_appointment SET changed_at = agreed_at")
        for _ in range(4):
            house.ask("notifications.derive_reminders")

        ticks = b"Sending due task send what is due"
        assert eventually(lambda: house.log("beat").read_bytes().count(ticks) >= 2), "the beats do not tick"
        assert eventually(lambda: house.states() == ["sent"] * 6), house.states()
        assert len(house.office.taken) == len(set(house.office.ids())) == 6
