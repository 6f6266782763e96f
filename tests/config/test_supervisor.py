"""Starting in order, bringing back, stopping in reverse: config/embedded/supervisor.py and child.py."""

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.embedded.child import Child
from config.embedded.console import Console
from config.embedded.faults import CannotStart, Stopped
from config.embedded.supervisor import Supervisor, pause_seconds
from tests.config.conftest import eventually

SLEEPS = "import time; time.sleep(60)"
HANGS_ON = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def screen():
    return io.StringIO()


@pytest.fixture
def supervisor(screen):
    supervisor = Supervisor(Console(screen))
    yield supervisor
    supervisor.send_kill()
    supervisor.stop()


@pytest.fixture
def program(tmp_path):
    """Make a child that runs Python code."""

    def make(code, *, name="program", **options):
        return Child(name, [sys.executable, "-c", code], tmp_path / f"{name}.log", **options)

    return make


class TestStopping:
    def test_goes_in_reverse_order_of_the_start(self, supervisor, screen, program):
        for name in ("postgres", "web", "worker"):
            supervisor.start(program(SLEEPS, name=name))

        supervisor.stop()

        said = screen.getvalue()
        assert said.index("worker stopped") < said.index("web stopped") < said.index("postgres stopped")

    def test_kills_what_does_not_end_in_its_grace(self, supervisor, program):
        stubborn = program(HANGS_ON, grace_seconds=0.2)
        stubborn.ready = lambda _pid: stubborn.last_words() == "up"
        supervisor.start(stubborn)

        supervisor.stop()

        assert stubborn.process.returncode == -9

    def test_kills_at_once_when_asked_twice(self, supervisor, program):
        stubborn = program(HANGS_ON, grace_seconds=30)
        stubborn.ready = lambda _pid: stubborn.last_words() == "up"
        supervisor.start(stubborn)

        supervisor.send_kill()

        assert stubborn.process.wait(5) == -9


class TestStarting:
    def test_tells_the_last_words_of_a_program_that_ends(self, supervisor, program):
        fails = program("raise SystemExit('the disk is full')", ready=lambda _pid: False)

        with pytest.raises(CannotStart, match=r"(?s)program did not start.*the disk is full"):
            supervisor.start(fails)

    def test_ends_when_asked_to_stop_meanwhile(self, screen, program):
        asked = iter([False, False, True])
        supervisor = Supervisor(Console(screen), asked_to_stop=lambda: next(asked))

        with pytest.raises(Stopped):
            supervisor.start(program(SLEEPS, ready=lambda _pid: False))

        supervisor.stop()
        assert supervisor.ended() == ["program"]

    def test_runs_a_step_to_its_end(self, supervisor, program, tmp_path):
        supervisor.run(program(f"open({str(tmp_path / 'done')!r}, 'w')"))

        assert (tmp_path / "done").exists()
        assert supervisor.ended() == []

    def test_fails_with_a_step(self, supervisor, program):
        with pytest.raises(CannotStart, match="migrate failed"):
            supervisor.run(program("raise SystemExit(3)", name="migrate"))


class TestAProgramThatEnds:
    def test_is_started_again(self, screen, program, tmp_path):
        """It notes each start, and the second ends the watch."""
        starts = tmp_path / "starts"
        supervisor = Supervisor(Console(screen), asked_to_stop=lambda: starts.exists() and len(starts.read_text()) > 1)
        supervisor.start(program(f"open({str(starts)!r}, 'a').write('|')", name="worker", ready=lambda _pid: True))

        supervisor.watch()
        supervisor.stop()

        assert "worker exited with 0; starting it again in 2 s" in screen.getvalue()

    def test_is_given_longer_pauses_up_to_half_a_minute(self):
        assert [pause_seconds(failures) for failures in range(1, 9)] == [2, 4, 8, 16, 30, 30, 30, 30]

    def test_is_named_with_its_signal(self, supervisor, screen, program):
        killed = program(SLEEPS, name="beat")
        supervisor.start(killed)
        killed.kill()

        supervisor._tend(supervisor.charges[0], at=time.monotonic())

        assert "beat was ended by SIGKILL; starting it again in 2 s" in screen.getvalue()


@pytest.mark.processes
class TestAChild:
    def test_ends_when_we_are_killed_also_as_another_user(self, place):
        """The kernel forgets its promise at a change of user, so it has to be asked after it."""
        starts_one = (
            "import sys, time; from pathlib import Path\n"
            "from config.embedded.places import Place; from tests.config.conftest import server\n"
            "child = server(Place(Path(sys.argv[1]))); child.start(); print(child.process.pid, flush=True)\n"
            "time.sleep(60)"
        )
        parent = subprocess.Popen([sys.executable, "-c", starts_one, place.root], stdout=subprocess.PIPE, text=True)
        with parent:
            command = Path("/proc", parent.stdout.readline().strip(), "cmdline")
            assert command.read_bytes()

            parent.kill()

        assert eventually(lambda: not command.exists() or not command.read_bytes(), within_seconds=5)
