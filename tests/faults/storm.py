"""kill -9 at random, by a plan that its seed repeats: pool processes, workers, the broker, the database."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from config.embedded import programs
from config.embedded.child import Child
from tests.faults.crowd import moments
from tests.faults.house import House

PROCESSES = programs.WORKER_PROCESSES
WORKERS, BEATS = ("one", "two"), (1, 2)
# Of the blows at workers, and of flushes of the broker, by weight.
WEIGHTS = {"pool process": 7, "worker alone": 2, "worker and pool": 1, "flush": 2}


class Storm:
    """`copies_owed` is how many mails may come twice by what was done: one for each process that may have had one."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.workers: dict[str, Child] = {name: house.launched(house.worker(name)) for name in WORKERS}
        for number in BEATS:
            house.start_beat(number)
        for worker in self.workers.values():
            worker.await_ready()
        self.done: Counter[str] = Counter()
        self.copies_owed = 0
        self.database_away = (0.0, 0.0)  # from and until, in seconds since 1970
        self.blows: dict[str, Callable[[], None]] = {
            "pool process": self.kill_pool_process,
            "worker alone": self.kill_worker_alone,
            "worker and pool": self.kill_worker_and_pool,
            "flush": self.flush,
            "broker goes": self.house.valkey.kill,
            "broker comes": self.house.start_valkey,
            "database": self.restart_database,
        }

    def plan(self, seconds: float, *, about_every: float) -> list[tuple[float, str]]:
        """Return what is done when: one standstill of the broker and one crash of the database, and kills all along."""
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        random_blows = [
            (at, self.chance.choices(names, weights)[0])
            for at in moments(seconds, self.chance, about_every=about_every)
        ]
        fixed = [(0.3, "broker goes"), (0.4, "broker comes"), (0.65, "database")]
        return sorted(random_blows + [(part * seconds, name) for part, name in fixed])

    def rage(self, seconds: float, *, about_every: float) -> None:
        """Strike so often, irregularly, for so long."""
        began = time.monotonic()
        self.ring()
        for at, name in self.plan(seconds, about_every=about_every):
            time.sleep(max(0.0, began + at - time.monotonic()))
            self.blows[name]()
            self.done[name] += 1
            self.ring()
        time.sleep(max(0.0, began + seconds - time.monotonic()))

    def kill_pool_process(self) -> None:
        """One that talks to the mail server, if any does."""
        pools = [pid for worker in self.workers.values() for pid in self._pool_of(worker)]
        talking = sockets_to(self.house.office.port)
        at_work = [pid for pid in pools if talking & sockets_of(pid)]
        if pools:
            self._kill(self.chance.choice(at_work or pools))

    def kill_worker_alone(self) -> None:
        """Its pool is left behind, and may go on with the mail in hand."""
        name = self.chance.choice(WORKERS)
        worker = self.workers[name].process
        assert worker is not None
        self._kill(worker.pid)
        worker.wait()
        self.workers[name] = self.house.launched(self.house.worker(name))

    def kill_worker_and_pool(self) -> None:
        name = self.chance.choice(WORKERS)
        self.copies_owed += len(self._pool_of(self.workers[name]))
        self.workers[name].kill()
        self.workers[name] = self.house.launched(self.house.worker(name))

    def kill_all(self) -> None:
        for worker in self.workers.values():
            self.copies_owed += len(self._pool_of(worker))
        for child in self.house.programs:
            if child.name == "worker":
                child.kill()  # and those it left behind

    def ring(self) -> None:
        """As bookings do, often enough for each pool process; like them for nothing when the broker is away."""
        if self.house.valkey.running():
            for _ in range(len(WORKERS) * PROCESSES):
                self.house.ask("notifications.sweep")

    def flush(self) -> None:
        if self.house.valkey.running():
            self.house.redis().flushall()

    def restart_database(self) -> None:
        """Each pool process may have been about to record a mail."""
        self.copies_owed += PROCESSES * (len(WORKERS) + self.done["worker alone"])
        began = time.time()
        self.house.restart_postgres()
        self.database_away = began, time.time()

    def _kill(self, pid: int) -> None:
        self.copies_owed += 1
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _pool_of(self, worker: Child) -> list[int]:
        with suppress(FileNotFoundError, ProcessLookupError):
            return self.house.children_of(worker)
        return []


def sockets_to(port: int) -> set[str]:
    """Return the TCP sockets of this machine that are connected to that local port, as /proc names them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if row[2].endswith(f":{port:04X}")}


def sockets_of(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):  # it may be gone
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(os.readlink(descriptor))
    return found
