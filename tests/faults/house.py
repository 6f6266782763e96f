"""Real processes to break: each by the same code that `make run` uses, in a place of its own."""

import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
import redis
import requests
from celery import Celery

from config.embedded import programs
from config.embedded.child import Child
from config.embedded.environment import Plan, plan
from config.embedded.places import CHECKOUT, Place, is_alive
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from tests.faults.mail_server import MailServer

STAGE = "from tests.notifications.stage import Stillwater; Stillwater()"
PATIENCE_SECONDS = 25
HTTP_SECONDS = 10


@contextmanager
def place_of_its_own() -> Iterator[tuple[Place, int]]:
    """A prepared place that we hold, and its lock. Not in pytest's tmp_path: the services may run as another user."""
    folder = Path(tempfile.mkdtemp(prefix="stillpoint-faults-"))
    folder.chmod(0o755)
    place = Place(folder / "house")
    try:
        with place.locked() as lock:
            place.prepare()
            yield place, lock
    finally:
        place.remove()
        shutil.rmtree(folder, ignore_errors=True)


class House:
    """`office` is where its mail goes. Assertions are made by SQL and by what the office took: from outside."""

    def __init__(self, place: Place, lock: int, office: MailServer) -> None:
        self.place, self.lock, self.office = place, lock, office
        # What PostgreSQL has answered for must survive its crash, so this one writes to disk; Valkey may forget.
        self.postgres_server, self.valkey_server = Postgres(place), Valkey(place, throwaway=True)
        self.postgres = self.valkey = self.web = Child("none", [], None)
        self.programs: list[Child] = []
        self.plan: Plan = plan(place, {"PORT": "0", "EMAIL_URL": f"smtp://127.0.0.1:{office.port}"})
        address = self.valkey_server.url.replace("unix://", "redis+socket://").split("?")[0]
        self.broker = Celery(broker=address, set_as_current=False)
        self.hours = itertools.count(3 * 24)

    @classmethod
    @contextmanager
    def built(cls, office: MailServer) -> Iterator[Self]:
        with place_of_its_own() as (place, lock):
            house = cls(place, lock, office)
            try:
                house.start_postgres()
                house.postgres_server.create_database()
                house.start_valkey()
                house.run("migrate", "--verbosity", "0")
                house.run("shell", "--verbosity", "0", "-c", STAGE)
                house.web = house.started(house.with_environment(programs.web(house.plan)))
                yield house
            finally:
                house.end()
                house.web.kill()
                house.valkey.kill()
                house.postgres.stop()

    # What every test begins and ends with -----------------------------------------------------------------

    def begin(self) -> None:
        if not self.postgres.running():
            self.start_postgres()
        if not self.valkey.running():
            self.start_valkey()
        self.redis().flushall()
        self.sql("UPDATE booking_appointment SET notify = false")
        self.sql("DELETE FROM notifications_exposure")
        self.sql("DELETE FROM notifications_message")
        self.sql("DELETE FROM notifications_reminderrule")
        self.office.forget()

    def end(self) -> None:
        self.office.open_for_answers.set()
        for child in reversed(self.programs):
            child.kill()
        self.programs.clear()

    # Services and programs --------------------------------------------------------------------------------

    def start_postgres(self) -> None:
        self.postgres = self.started(self.postgres_server.child(self.log("postgres")))

    def restart_postgres(self) -> None:
        """Stop it as a crash would, and start it again."""
        assert self.postgres.process is not None
        self.postgres.process.send_signal(signal.SIGQUIT)
        self.postgres.process.wait(20)
        self.start_postgres()

    def start_valkey(self) -> None:
        self.valkey = self.started(self.valkey_server.child(self.log("valkey")))

    def another_web(self, **environment: str) -> str:
        """Start a second web server, in an environment that differs; return its address."""
        another = plan(self.place, {**self.plan.environment, "PORT": "0", "PUBLIC_URL": ""})
        child = self.program(programs.web(another), **environment)
        assert child.running()
        return another.public_url

    def start_worker(self, name: str = "celery", **environment: str) -> Child:
        """Each of several at once needs a name of its own."""
        return self.program(self.worker(name), **environment)

    def worker(self, name: str) -> Child:
        worker = programs.worker(self.plan)
        worker.argv = [*worker.argv, "--hostname", f"{name}@%h"]
        return worker

    def start_beat(self, number: int = 1) -> Child:
        """Each with a schedule of its own, as on machines of their own."""
        beat = programs.beat(self.plan)
        beat.argv = [
            self.place.root / f"beat-{number}" if part == self.place.root / "beat" else part for part in beat.argv
        ]
        return self.program(beat)

    def program(self, child: Child, **environment: str) -> Child:
        self.launched(child, **environment).await_ready()
        return child

    def launched(self, child: Child, **environment: str) -> Child:
        """Start it without waiting until it is ready; it ends with the test."""
        self.programs.append(self.with_environment(child, **environment))
        child.keeps_open = (self.lock,)
        child.launch()
        return child

    def with_environment(self, child: Child, **environment: str) -> Child:
        child.environment = {**self.plan.environment, **child.environment, **environment}
        return child

    def started(self, child: Child) -> Child:
        child.keeps_open = (self.lock,)
        child.start()
        return child

    def run(self, *command: str) -> None:
        """Run a command of manage.py to its end."""
        child = Child("manage", [sys.executable, CHECKOUT / "manage.py", *command], self.log("manage"))
        child.environment = self.plan.environment
        child.launch()
        assert child.process is not None
        assert child.process.wait(120) == 0, child.last_words()

    def log(self, name: str) -> Path:
        return self.place.root / "log" / f"{name}.log"

    # What is done there -----------------------------------------------------------------------------------

    def book(self, *, at: str = "") -> dict[str, Any]:
        """Book the next hour that nobody had over HTTP; return the answer, whose `took` is in seconds."""
        answer = self.try_to_book(at=at)
        assert answer.status_code == 201, (answer.status_code, answer.text[:500])
        return {**answer.json(), "took": answer.elapsed.total_seconds()}

    def try_to_book(self, *, at: str = "") -> requests.Response:
        hour = next(self.hours)
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hour)
        body = {
            "location": "mitte",
            "variation": "swedish-60",
            "start": start.isoformat(),
            "client": {"name": "Kim Larsen", "email": f"kim.{hour}@example.com"},
        }
        address = f"{at or self.plan.public_url}/api/v1/appointments/"
        return requests.post(address, json=body, timeout=HTTP_SECONDS)

    def ask(self, task: str) -> None:
        """Hand a task to the broker, as beat does."""
        self.broker.send_task(task, retry=False, ignore_result=True)

    def rule(self, kind: str, *, minutes: int) -> None:
        """Have the studio write so long before the start, or after the end."""
        self.sql(
            "INSERT INTO notifications_reminderrule "
            "(name, kind, minutes, min_gap_minutes, useful_until_minutes, is_active, since) "
            "VALUES ('a rule', %s, %s, 0, 0, true, to_timestamp(0))",
            kind,
            minutes,
        )

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            cursor = connection.execute(statement, values)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.postgres_server.url, autocommit=True)

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=os.fspath(self.valkey_server.socket), socket_timeout=5)

    # What can be seen -------------------------------------------------------------------------------------

    def states(self) -> list[str]:
        return [state for (state,) in self.sql("SELECT state FROM notifications_message ORDER BY id")]

    def lease_runs_out(self) -> None:
        """Two minutes pass."""
        self.sql("UPDATE notifications_message SET lease_until = now() WHERE state = 'sending'")

    def children_of(self, child: Child) -> list[int]:
        assert child.process is not None
        pid = child.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_pool_of(self, worker: Child) -> None:
        pool = self.children_of(worker)
        for pid in pool:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not any(map(is_alive, pool)))


def eventually(holds: Callable[[], object], *, within_seconds: float = PATIENCE_SECONDS) -> bool:
    """Return whether `holds` came true in time."""
    give_up_at = time.monotonic() + within_seconds
    while not holds():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True
