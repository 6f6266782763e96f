"""A whole studio on this machine: services, database, programs, in order; gone again at the end."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.celery import app
from config.embedded import preparation, programs
from config.embedded.console import Console
from config.embedded.environment import HIGHEST_PORT, PLACES, Plan, is_free, plan
from config.embedded.faults import CannotStart, ServiceMissing
from config.embedded.places import LOCK, Place
from config.embedded.postgres import Postgres
from config.embedded.supervisor import Supervisor
from config.embedded.valkey import Valkey

ROUTINE = tuple(entry["task"] for entry in app.conf.beat_schedule.values())  # every few seconds, for ever


@dataclass(frozen=True)
class Studio:
    """A studio that answers at `public_url`, whose mail arrives as files in `mailbox`."""

    plan: Plan
    supervisor: Supervisor

    @property
    def public_url(self) -> str:
        return self.plan.public_url

    @property
    def mailbox(self) -> Path:
        return self.plan.mailbox

    @property
    def logs(self) -> Path:
        return self.plan.place.root / "log"

    def check(self) -> None:
        """Raise CannotStart when a program has ended, with its name and its log."""
        for name in self.supervisor.ended():
            raise CannotStart(f"{name} has ended; see {self.logs / name}.log")


@contextmanager
def running_studio(command: str, *, supervisor: Supervisor | None = None, fresh: bool = False) -> Iterator[Studio]:
    """Bring up the studio of `manage.py up` or `manage.py demo`, prepared and ready, and stop it at the end.

    `fresh` forgets what an earlier run of the same command left. Nothing watches the programs meanwhile: ask
    `studio.check()`, or let `studio.supervisor.watch()` bring back those that end.
    Raises CannotStart when anything fails, and Stopped when the supervisor is asked to stop before all is up.
    """
    place = PLACES[command]
    supervisor = supervisor or Supervisor(Console(quiet=True))
    with place.locked() as lock:
        wanted = plan(place, os.environ)
        _check_port(wanted, command)
        if fresh:
            _forget(place)
        place.prepare()
        supervisor.lock = lock
        try:
            _start_services(wanted, supervisor)
            preparation.prepare(supervisor, logs=place.root / "log")
            _start_programs(wanted, supervisor)
            yield Studio(wanted, supervisor)
        finally:
            supervisor.stop()
            shutil.rmtree(place.sockets, ignore_errors=True)


def _check_port(wanted: Plan, command: str) -> None:
    if not is_free(wanted.port):
        target = {"up": "run"}.get(command, command)
        another = wanted.port + 1 if wanted.port < HIGHEST_PORT else 8000
        raise ServiceMissing(f"port {wanted.port} is in use; choose another: PORT={another} make {target}")


def _forget(place: Place) -> None:
    """Remove what is at `place`, which we hold: everything but the lock."""
    for found in place.root.iterdir():
        if found.is_dir():
            shutil.rmtree(found)
        elif found.name != LOCK:
            found.unlink()
    shutil.rmtree(place.elsewhere, ignore_errors=True)


def _start_services(wanted: Plan, supervisor: Supervisor) -> None:
    if wanted.starts_postgres:
        postgres = Postgres(wanted.place)
        began = time.monotonic()
        supervisor.start(postgres.child(programs.log_of(wanted, "postgres")))
        postgres.create_database()
        supervisor.console.tick("postgres ready", seconds=time.monotonic() - began)
    if wanted.starts_valkey:
        child = Valkey(wanted.place).child(programs.log_of(wanted, "valkey"))
        supervisor.start(child)
        supervisor.console.tick("valkey ready", seconds=time.monotonic() - child.started_at)


def _start_programs(wanted: Plan, supervisor: Supervisor) -> None:
    """Start the programs side by side, then wait for each: most of the time they read Python files."""
    began = time.monotonic()
    children = [programs.web(wanted), programs.worker(wanted), programs.webhooks(wanted), programs.beat(wanted)]
    if wanted.starts_inbox:
        children.insert(1, programs.inbox(wanted))
    for child in children:
        supervisor.launch(child)
    for child in children:
        child.await_ready(asked_to_stop=supervisor.asked_to_stop)
        if child.log:
            supervisor.console.follow(child.name, child.log, routine=ROUTINE)
    names = ", ".join(child.name for child in children)
    supervisor.console.tick(f"{names} ready", seconds=time.monotonic() - began)
