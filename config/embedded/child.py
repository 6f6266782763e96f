"""A child process that never outlives us, whatever way we end."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.faults import CannotStart, Stopped
from config.embedded.places import Account

PR_SET_PDEATHSIG = 1  # prctl(2): the kernel signals us when the thread that started us ends
_LIBC = ctypes.CDLL(None)
READY_WITHIN_SECONDS = 60
LOOK_EVERY_SECONDS = 0.02
LOG_TAIL_CHARS = 800


def never() -> bool:
    return False


@dataclass
class Child:
    """A program in a session of its own, so that Ctrl-C reaches us alone and we choose the order of stopping.

    `ready` is asked with the process id. `log` takes what the program says; None leaves it on our terminal.
    `keeps_open` are descriptors it inherits: a lock, so that a place counts as taken until the last program
    in it is gone. `stop_signal` asks for an orderly end; `orphan_signal` is what the kernel sends when we are gone
    (set after the change of user, which would clear it). Start it from a thread that lives as long as the child may:
    the kernel watches that thread.
    """

    name: str
    argv: Sequence[str | Path]
    log: Path | None
    ready: Callable[[int], bool] = lambda _pid: True
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    keeps_open: tuple[int, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)  # of time.monotonic()

    def launch(self) -> None:
        """Start the program without waiting for it."""
        other = self.account if self.account and self.account.is_another else None
        output = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(
                [os.fspath(part) for part in self.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                pass_fds=self.keeps_open,
                env={**os.environ, **self.environment},
                cwd="/" if other else None,
                user=other.uid if other else None,
                group=other.gid if other else None,
                extra_groups=[] if other else None,
                preexec_fn=dies_with_us(self.orphan_signal),
            )
        finally:
            if output:
                output.close()
        self.started_at = time.monotonic()

    def start(self) -> None:
        """Start the program and wait until it is ready; raises as `await_ready`."""
        self.launch()
        self.await_ready()

    def await_ready(self, *, asked_to_stop: Callable[[], bool] = never) -> None:
        """Wait until the program is ready.

        Raises CannotStart with the end of its log when it ends first or takes longer than a minute, and Stopped when
        `asked_to_stop` says so meanwhile.
        """
        while not self.is_ready():
            if asked_to_stop():
                raise Stopped
            if not self.running() or time.monotonic() - self.started_at > READY_WITHIN_SECONDS:
                self.kill()
                raise CannotStart(f"{self.name} did not start; see {self.log}\n{self.last_words()}".strip())
            time.sleep(LOOK_EVERY_SECONDS)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        return self.process is not None and self.running() and self.ready(self.process.pid)

    def stop(self) -> float:
        """Ask the program to end, wait for its grace, then kill what is left of its session.

        Returns the seconds it took, 0.0 when it was not running.
        """
        if self.process is None or not self.running():
            return 0.0
        began = time.monotonic()
        self.process.send_signal(self.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(self.grace_seconds)
        self.kill()
        return time.monotonic() - began

    def kill(self) -> None:
        """Kill the program and its own children at once, and wait for its end."""
        self.send_kill()
        if self.process is not None:
            self.process.wait()

    def send_kill(self) -> None:
        """Kill without waiting: a signal handler may have interrupted a wait, which cannot be entered twice."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):  # nobody is left in its session
                os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self) -> str:
        try:
            return self.log.read_text(errors="replace")[-LOG_TAIL_CHARS:].strip() if self.log else ""
        except OSError:
            return ""


def dies_with_us(orphan_signal: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Return a preexec_fn that has the kernel signal the child when the thread that starts it ends."""
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()

    def in_the_child() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if os.getppid() != parent:  # it ended between the fork and the line above
            os._exit(1)

    return in_the_child
