"""Start programs in order, bring back those that end, stop them in reverse."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from config.embedded.child import LOOK_EVERY_SECONDS, Child, never
from config.embedded.console import Console
from config.embedded.faults import CannotStart, Stopped

WATCH_EVERY_SECONDS = 0.2
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2, 30
STEADY_AFTER_SECONDS = 60  # who ran for so long starts anew with the shortest pause


def pause_seconds(failures: int) -> int:
    """Return how long to wait before the next start after so many failures in a row: 2, 4, 8, 16, 30, 30, …"""
    return int(min(FIRST_PAUSE_SECONDS ** min(failures, 5), LONGEST_PAUSE_SECONDS))


@dataclass
class Charge:
    """A program in our care."""

    child: Child
    failures: int = 0
    start_again_at: float | None = None  # of time.monotonic()


class Supervisor:
    """Looks after programs; `asked_to_stop` is read wherever we wait."""

    def __init__(self, console: Console, *, asked_to_stop: Callable[[], bool] = never) -> None:
        self.console = console
        self.asked_to_stop = asked_to_stop
        self.charges: list[Charge] = []
        self.lock: int | None = None  # what every child keeps open: see Child.keeps_open

    def launch(self, child: Child) -> None:
        """Start `child` and take it into our care."""
        if self.asked_to_stop():
            raise Stopped
        child.keeps_open = () if self.lock is None else (self.lock,)
        self.charges.append(Charge(child))
        child.launch()

    def start(self, child: Child) -> None:
        """Start `child` and wait until it is ready. Raises CannotStart, or Stopped when asked to stop."""
        self.launch(child)
        child.await_ready(asked_to_stop=self.asked_to_stop)

    def run(self, step: Child) -> None:
        """Run `step` to its end. Raises CannotStart when it fails, Stopped when asked to stop meanwhile."""
        self.launch(step)
        while step.running():
            if self.asked_to_stop():
                raise Stopped
            time.sleep(LOOK_EVERY_SECONDS)
        self.charges.pop()
        if step.process is None or step.process.returncode:
            raise CannotStart(f"{step.name} failed.\n{step.last_words()}".strip())

    def watch(self) -> None:
        """Keep everything running until asked to stop."""
        while not self.asked_to_stop():
            for charge in self.charges:
                self._tend(charge, at=time.monotonic())
            self.console.repeat_new_lines()
            time.sleep(WATCH_EVERY_SECONDS)

    def ended(self) -> list[str]:
        """Return the names of the programs that do not run, in the order of their start."""
        return [charge.child.name for charge in self.charges if not charge.child.running()]

    def stop(self) -> None:
        """Stop everything, last started first."""
        for charge in reversed(self.charges):
            took = charge.child.stop()
            self.console.repeat_new_lines()
            if took:
                self.console.tick(f"{charge.child.name} stopped", seconds=took)

    def send_kill(self) -> None:
        """Kill everything at once; safe in a signal handler."""
        for charge in reversed(self.charges):
            charge.child.send_kill()

    def _tend(self, charge: Charge, *, at: float) -> None:
        child = charge.child
        if child.running():
            return
        if charge.start_again_at is None:
            steady = at - child.started_at > STEADY_AFTER_SECONDS
            charge.failures = 1 if steady else charge.failures + 1
            pause = pause_seconds(charge.failures)
            charge.start_again_at = at + pause
            self.console.fault(f"{child.name} {_how_it_ended(child)}; starting it again in {pause} s")
        elif at >= charge.start_again_at:
            charge.start_again_at = None
            child.kill()  # what it left in its session
            child.launch()


def _how_it_ended(child: Child) -> str:
    status = child.process.returncode if child.process else 0
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"exited with {status}"
