"""Places, checkouts and processes of their own for tests that start real services."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from config.embedded.child import Child
from config.embedded.places import CHECKOUT, LOCK, Place, is_alive
from config.embedded.postgres import Postgres

NOT_COPIED = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", "node_modules", ".*_cache", ".hypothesis")
ENVIRONMENT_OF_THE_TESTS = {"STILLPOINT_LOCAL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MAILBOX_DIR", "PORT"}


def eventually(holds: Callable[[], object], *, within_seconds: float = 30) -> bool:
    """Return whether `holds` came true in time."""
    give_up_at = time.monotonic() + within_seconds
    while not holds():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


def holders(lock: Path) -> dict[int, str]:
    """Return pid and command of every living process that has `lock` open: all that was started in a place."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(_leads_to(each, lock) for each in (process / "fd").iterdir()) and is_alive(int(process.name)):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def _leads_to(descriptor: Path, file: Path) -> bool:
    with suppress(OSError):
        return os.readlink(descriptor) == str(file)
    return False


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user can enter; pytest's own tmp_path is private to us."""
    with tempfile.TemporaryDirectory(prefix="stillpoint-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def started() -> Iterator[Callable[[Child], Child]]:
    """Start a child for the length of the test."""
    with ExitStack() as stack:

        def start(child: Child) -> Child:
            stack.callback(child.kill)
            child.start()
            return child

        yield start


@pytest.fixture
def place(open_to_all: Path) -> Iterator[Place]:
    """A prepared place of its own; it is held and, at the end, removed."""
    with prepared(Place(open_to_all / "studio")) as ready:
        yield ready


class prepared(ExitStack):  # noqa: N801 - used as a context manager
    """A place that is held and prepared inside, and removed at the end."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    def __enter__(self) -> Place:  # type: ignore[override] # hands out the place, not itself
        self.callback(self.place.remove)
        self.enter_context(self.place.locked())
        self.place.prepare()
        return self.place


def server(place: Place) -> Child:
    return Postgres(place).child(place.root / "log" / "postgres.log")


def query(place: Place, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(Postgres(place).url_of("postgres"), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@dataclass
class Checkout:
    """A copy of the project, in which `manage.py up` can be run like in a second clone."""

    root: Path
    running: subprocess.Popen[str] | None = None

    @property
    def output(self) -> str:
        return (self.root / "up.out").read_text()

    @property
    def holders(self) -> dict[int, str]:
        return holders(self.root / "var" / LOCK)

    def up(self, *, port: int = 0) -> "Checkout":
        """Start `manage.py up` and wait until it says how to stop it."""
        self.launch(port=port)
        return self.await_welcome()

    def await_welcome(self) -> "Checkout":
        """Wait until all is up; a machine that is busy with other tests may take its time."""
        assert eventually(lambda: "Ctrl-C stops" in self.output or self.ended, within_seconds=200), self.output
        assert not self.ended, self.output
        return self

    def launch(self, *, port: int = 0) -> None:
        if self.running is not None:
            self.running.wait(30)
        environment = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT_OF_THE_TESTS}
        with (self.root / "up.out").open("w") as out:
            self.running = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=self.root,
                env={**environment, "PORT": str(port)},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def ended(self) -> bool:
        return self.running is not None and self.running.poll() is not None

    def send(self, number: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(number)

    def exit_status(self, *, within_seconds: float = 60) -> int:
        assert self.running is not None
        return self.running.wait(within_seconds)

    def pid_of(self, words: str) -> int:
        """Return the first process, by age, whose command contains `words`."""
        return min(pid for pid, command in self.holders.items() if words in command)


@pytest.fixture
def checkout(open_to_all: Path) -> Iterator[Callable[[str], Checkout]]:
    """Copy the project to a folder of the given name; whatever was started there ends with the test."""
    made: list[Checkout] = []

    def copy(name: str) -> Checkout:
        shutil.copytree(CHECKOUT, open_to_all / name, ignore=NOT_COPIED)
        made.append(Checkout(open_to_all / name))
        return made[-1]

    yield copy
    for each in made:
        if each.running and not each.ended:
            each.running.kill()
            each.running.wait()
        assert eventually(lambda each=each: not each.holders)
        Place(each.root / "var").remove()
