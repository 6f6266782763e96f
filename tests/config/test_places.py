"""Where local services live: config/embedded/places.py."""

import os
import subprocess
import sys
import tempfile

import pytest

from config.embedded.faults import AlreadyRunning, CannotStart
from config.embedded.places import (
    LONGEST_SOCKET_NAME,
    SOCKET_PATH_LIMIT_BYTES,
    Account,
    Place,
    account,
    can_enter,
    is_alive,
    open_folder,
    private_folder,
)

OURSELVES = Account(os.geteuid(), os.getegid())
STRANGER = Account(os.geteuid() + 4321, os.getegid() + 4321)


class TestSockets:
    def test_have_a_short_path_in_a_long_checkout(self, tmp_path, monkeypatch):
        deep = tmp_path.joinpath(*["a-folder-with-quite-a-long-name"] * 8)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("r" * 90)))

        longest = Place(deep).sockets / LONGEST_SOCKET_NAME

        assert len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT_BYTES

    def test_of_two_checkouts_are_apart(self, tmp_path):
        assert Place(tmp_path / "one").sockets != Place(tmp_path / "two").sockets

    def test_are_in_the_runtime_folder_but_for_root(self, tmp_path, monkeypatch):
        """Root's services run as another user, who may not enter root's runtime folder."""
        with tempfile.TemporaryDirectory(prefix="r-") as runtime:  # pytest's own path is too long for a socket
            monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)

            assert (str(Place(tmp_path).sockets.parent) == runtime) == (os.geteuid() != 0)


class TestAPrivateFolder:
    def test_is_open_to_its_owner_alone(self, tmp_path):
        private_folder(tmp_path / "sockets", OURSELVES)

        assert (tmp_path / "sockets").stat().st_mode & 0o777 == 0o700

    def test_is_closed_again_when_it_was_open(self, tmp_path):
        (tmp_path / "sockets").mkdir(mode=0o777)

        private_folder(tmp_path / "sockets", OURSELVES)

        assert (tmp_path / "sockets").stat().st_mode & 0o777 == 0o700

    def test_is_refused_when_a_link_stands_there(self, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")

        with pytest.raises(CannotStart, match="belongs to somebody else"):
            private_folder(tmp_path / "sockets", OURSELVES)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_is_refused_when_a_stranger_owns_it(self, tmp_path):
        (tmp_path / "sockets").mkdir()
        os.chown(tmp_path / "sockets", STRANGER.uid, STRANGER.gid)

        with pytest.raises(CannotStart, match="belongs to somebody else"):
            private_folder(tmp_path / "sockets", account())


class TestAFolder:
    def test_can_be_entered_by_others_when_all_above_it_are_open(self, open_to_all):
        assert can_enter(open_to_all / "not" / "made" / "yet", STRANGER)

    def test_cannot_be_entered_below_a_closed_one(self, open_to_all):
        (open_to_all / "closed").mkdir(mode=0o700)

        assert not can_enter(open_to_all / "closed" / "inside", STRANGER)

    def test_is_made_open_whatever_the_umask(self, open_to_all):
        before = os.umask(0o077)
        try:
            open_folder(open_to_all / "var" / "log")
        finally:
            os.umask(before)

        assert can_enter(open_to_all / "var" / "log", STRANGER)

    def test_keeps_its_mode_when_it_exists(self, open_to_all):
        (open_to_all / "closed").mkdir(mode=0o700)

        open_folder(open_to_all / "closed" / "inside")

        assert (open_to_all / "closed").stat().st_mode & 0o777 == 0o700


class TestTheLock:
    def test_refuses_a_second_process(self, tmp_path):
        with Place(tmp_path).locked(), pytest.raises(AlreadyRunning, match="already running"):  # noqa: SIM117 - the order is the point
            with Place(tmp_path).locked():
                pass

    def test_is_free_when_its_holder_has_gone(self, tmp_path):
        with Place(tmp_path).locked():
            pass

        with Place(tmp_path).locked():
            assert Place(tmp_path).is_held()

    def test_waits_for_the_children_of_a_holder_that_died(self, tmp_path):
        orphan = "import time; time.sleep(0.7)"
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        with Place(tmp_path).locked() as lock:
            child = subprocess.Popen([sys.executable, "-c", orphan], pass_fds=[lock])
        (tmp_path / "run.lock").write_text(str(dead.pid))

        with Place(tmp_path).locked():
            assert child.wait(5) == 0


class TestAProcess:
    def test_that_runs_is_alive(self):
        assert is_alive(os.getpid())

    def test_that_ended_is_not_though_nobody_waited_for_it(self):
        ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
        ended.stdout.read()
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)

        assert not is_alive(ended.pid)
        ended.wait()
        ended.stdout.close()
