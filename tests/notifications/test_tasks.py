"""What Celery runs, how it is set, and by whose clock: checks 57, 58, R-04; reliability 4.3 and 4.4 (clock)."""

import ast
import json
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import time_machine
from celery import current_app
from django.conf import settings
from django.db import connection

from config.celery import app
from notifications import queue, reminders, tasks
from notifications.models import Message
from tests.house.tree import ROOT, python_files
from tests.notifications.stage import DAY, HOUR, NOW, Stillwater, database_now, kinds, rows, rule


@pytest.fixture
def published():
    """The headers of all that lies in the broker, when asked."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery")
        yield lambda: [json.loads(message)["headers"] for message in broker.lrange("celery", 0, -1)]
        broker.delete("celery")


@pytest.fixture
def today(db):
    """A studio with a visit in 30 days; now is now by the database."""
    studio = Stillwater()
    now = database_now()
    start = (now + 30 * DAY).replace(minute=0, second=0, microsecond=0)
    studio.book(start, now=now - DAY)
    return start


class TestTheSweep:
    def test_sends_what_is_due_by_the_databases_clock(self, today, server):
        tasks.sweep()

        assert rows() == [("confirmation", "sent")]

    @pytest.mark.parametrize("off", [-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
    def test_on_a_worker_whose_clock_is_wrong_sends_nothing_early(self, today, server, off):
        """Reliability 4.3: by the database's clock, never the worker's."""
        Message.objects.update(due_at=database_now() + timedelta(minutes=30))

        with time_machine.travel(database_now() + off):
            tasks.sweep()

        assert rows() == [("confirmation", "pending")]
        assert server.kept == []

    @pytest.mark.parametrize("off", [-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
    def test_on_a_worker_whose_clock_is_wrong_sends_nothing_twice(self, today, server, off):
        """Reliability 4.4: what another worker holds stays theirs until its lease ends by the database's clock."""
        queue.claim(now=queue.database_now(), most=1)

        with time_machine.travel(database_now() + off):
            tasks.sweep()

        assert rows() == [("confirmation", "sending")]
        assert server.kept == []

    @pytest.mark.parametrize("off", [-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
    def test_on_a_worker_whose_clock_is_wrong_sends_in_time_and_notes_the_right_instant(self, today, server, off):
        with time_machine.travel(database_now() + off):
            tasks.sweep()

        message = Message.objects.get()
        assert message.state == "sent"
        assert abs(message.sent_at - database_now()) < timedelta(minutes=1)

    def test_puts_a_second_try_off_by_the_databases_clock(self, today, serve):
        serve(RCPT=["451 4.7.1 later"])
        with time_machine.travel(database_now() + HOUR):
            tasks.sweep()

        assert timedelta() < Message.objects.get().due_at - database_now() < timedelta(minutes=2)

    def test_asks_for_another_go_only_when_something_is_left(self, today, server, published):
        tasks.sweep()

        assert published() == []

    def test_takes_arguments_that_a_later_version_may_send(self, db):
        tasks.sweep(reason="rolling upgrade")
        tasks.derive_reminders(reason="rolling upgrade")


class TestDeriving:
    @pytest.mark.parametrize("off", [-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
    def test_on_a_worker_whose_clock_is_wrong_is_neither_early_nor_late(self, today, server, off):
        minutes = int((today - database_now()) / timedelta(minutes=1))
        rule(minutes - 30, name="in half an hour", min_gap_minutes=0)
        rule(minutes + 30, name="half an hour ago", min_gap_minutes=0)

        with time_machine.travel(database_now() + off):
            tasks.derive_reminders()

        found = Message.objects.filter(kind="reminder").select_related("rule")
        assert [message.rule.name for message in found] == ["half an hour ago"]

    def test_twice_by_two_beats_writes_once(self, today, server):
        """Check 58."""
        rule(int((today - database_now()) / timedelta(minutes=1)) + 5, min_gap_minutes=0)

        for _ in range(2):
            tasks.derive_reminders()
            tasks.sweep()

        assert sorted(kinds(server)) == ["confirmation", "reminder"]


class TestNothingWaitsInTheBroker:
    """Due times live in the table. R-04, check 57: a task whose ETA outlasts the visibility timeout runs again."""

    def test_no_task_is_handed_over_for_later(self, today, server, published):
        from notifications import bell

        rule(int((today - database_now()) / timedelta(minutes=1)) + 5, min_gap_minutes=0)
        tasks.derive_reminders()
        bell._press()

        handed_over = published()
        assert [headers["task"] for headers in handed_over] == ["notifications.sweep"] * 2
        assert [headers["eta"] for headers in handed_over] == [None, None]

    @pytest.mark.parametrize(
        "path", [path for path in python_files() if path.parts[0] not in {"tests", "bench"}], ids=str
    )
    def test_no_code_asks_for_it(self, path: Path):
        """Check 57, by reading: no eta and no countdown anywhere, so none over 60 s."""
        asked = [
            f"{path}:{node.value.lineno}: {node.arg}"
            for node in ast.walk(ast.parse((ROOT / path).read_text()))
            if isinstance(node, ast.keyword) and node.arg in {"eta", "countdown"}
        ]

        assert asked == []


class TestTheSettings:
    """Each has its measured reason in reliability.md 6.2."""

    def test_let_no_killed_worker_lose_a_task(self):
        assert app.conf.task_acks_late
        assert app.conf.task_reject_on_worker_lost
        assert app.conf.worker_prefetch_multiplier == 1

    def test_give_up_on_a_silent_broker_within_seconds(self):
        options = app.conf.broker_transport_options

        assert options["socket_timeout"] <= 5
        assert options["socket_connect_timeout"] <= 2
        assert not app.conf.task_publish_retry

    def test_speak_json_only(self):
        assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])

    def test_run_beat_on_utc_intervals_alone(self):
        """celery#1604: schedules by the wall clock run twice, or not, when clocks change."""
        assert app.conf.enable_utc
        assert all(isinstance(entry["schedule"], int | float) for entry in app.conf.beat_schedule.values())

    def test_name_only_tasks_that_exist(self):
        app.loader.import_default_modules()

        assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(current_app.tasks)

    def test_let_no_task_outlive_a_lease(self):
        assert app.conf.task_soft_time_limit > tasks.SWEEP_SECONDS
        assert app.conf.task_time_limit < queue.LEASE.total_seconds()


class TestTheAlarm:
    """Check 75: how late the oldest waiting message is."""

    def test_is_silent_when_nothing_waits(self, db):
        assert queue.oldest_overdue_seconds(now=NOW) is None

    def test_rises_while_workers_stop(self, studio):
        studio.book()

        assert queue.oldest_overdue_seconds(now=NOW + HOUR) == 3600

    def test_counts_what_a_dead_worker_holds(self, studio):
        studio.book()
        queue.claim(now=NOW, most=1)

        assert queue.oldest_overdue_seconds(now=NOW + HOUR) == 3600

    def test_is_told_to_whoever_watches_the_studio(self, studio, client):
        """R-06: overdue rows are an alarm, and booking goes on."""
        studio.book()

        for minutes, status in ((5, "ok"), (6, "degraded")):
            with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
                answer = client.get("/readyz")
            assert (answer.status_code, answer.json()["status"]) == (200, status)
        assert answer.json()["oldest_overdue_seconds"] == 360

    def test_is_over_when_it_is_sent(self, studio, server):
        from tests.notifications.stage import send

        studio.book()
        send()

        assert queue.oldest_overdue_seconds(now=NOW + HOUR) is None


def test_leases_and_due_times_are_read_from_the_database(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        assert cursor.fetchone()[0] == queue.database_now()
    assert reminders.derive(now=queue.database_now()) == 0
