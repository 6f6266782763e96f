"""The PostgreSQL of our own: config/embedded/postgres.py. Real servers, each in a folder of its own."""

import os
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from config.embedded import binaries
from config.embedded.binaries import executable_by, postgres_programs
from config.embedded.child import Child
from config.embedded.faults import CannotStart, ServiceMissing
from config.embedded.places import Place, account
from config.embedded.postgres import Postgres
from tests.config.conftest import holders, prepared, query, server

pytestmark = pytest.mark.processes
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about root only")


class TestAServer:
    def test_is_made_and_answers_on_its_socket_alone(self, place, started):
        started(server(place))

        assert query(place, "SHOW listen_addresses") == [("",)]
        assert query(place, "SHOW server_version")[0][0].startswith("18.")
        assert query(place, "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = 'postgres'") == [
            ("b", "C.UTF-8")
        ]

    def test_has_what_the_constraints_need(self, place, started):
        started(server(place))

        query(place, "CREATE EXTENSION btree_gist")

    def test_keeps_its_data_over_a_stop_and_a_start(self, place, started):
        first = started(server(place))
        query(place, "CREATE TABLE kept AS SELECT 42 AS answer")

        first.stop()
        started(server(place))

        assert query(place, "SELECT answer FROM kept") == [(42,)]

    def test_is_gone_when_stopped(self, place, started):
        stopped = started(server(place))

        stopped.stop()

        assert set(holders(place.root / "run.lock")) == {os.getpid()}
        assert list(place.sockets.iterdir()) == []

    def test_starts_again_after_kill_9_of_all_its_processes_with_its_data(self, place, started):
        killed = started(server(place))
        query(place, "CREATE TABLE kept AS SELECT generate_series(1, 1000)")

        os.kill(killed.process.pid, signal.SIGKILL)
        killed.process.wait()
        started(server(place))

        assert query(place, "SELECT count(*) FROM kept") == [(1000,)]

    def test_starts_again_when_another_program_has_the_number_of_the_killed_one(self, place, started):
        started(server(place)).stop()
        other = started(Child("other", ["sleep", "60"], place.root / "log" / "other.log", account=place.account))
        for lock in (place.data / "postgres" / "postmaster.pid", place.sockets / ".s.PGSQL.5432.lock"):
            lock.write_text(f"{other.process.pid}\n{place.data}\n")
            os.chown(lock, place.account.uid, place.account.gid)

        started(server(place))

        assert query(place, "SELECT 1") == [(1,)]

    def test_refuses_a_second_one_on_the_same_data(self, place, started):
        started(server(place))
        second = server(place)

        with pytest.raises(CannotStart, match=r"postmaster.pid.*already exists"):
            second.start()

        assert query(place, "SELECT 1") == [(1,)]

    def test_is_made_anew_when_the_making_was_killed_half_way(self, place, started):
        (place.data / "postgres.unfinished").mkdir()
        (place.data / "postgres.unfinished" / "PG_VERSION").write_text("18\n")

        started(server(place))

        assert query(place, "SELECT 1") == [(1,)]
        assert not (place.data / "postgres.unfinished").exists()

    def test_runs_below_a_long_path(self, open_to_all, started):
        deep = open_to_all.joinpath(*["a-folder-with-quite-a-long-name"] * 6)
        with prepared(Place(deep)) as place:
            child = started(server(place))

            assert query(place, "SELECT 1") == [(1,)]
            child.stop()

    def test_creates_the_database_once(self, place, started):
        started(server(place))

        Postgres(place).create_database()
        Postgres(place).create_database()

        assert query(place, "SELECT count(*) FROM pg_database WHERE datname = 'stillpoint'") == [(1,)]


@as_root
class TestAsRoot:
    def test_runs_as_another_user(self, place, started):
        child = started(server(place))

        assert Path(f"/proc/{child.process.pid}").stat().st_uid == account().uid != 0

    def test_lives_elsewhere_when_that_user_cannot_enter_and_no_mode_changes(self, tmp_path, started, monkeypatch):
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        programs = postgres_programs()
        before = modes(closed, *programs.bin.parents)
        with prepared(Place(closed / "studio")) as place:
            monkeypatch.setattr(binaries, "COPIES", place.elsewhere / "programs")
            child = started(server(place))

            assert place.data == place.elsewhere
            assert query(place, "SELECT 1") == [(1,)]
            assert modes(closed, *programs.bin.parents) == before
            child.stop()

    def test_copies_the_programs_when_that_user_cannot_enter_their_folder(self, open_to_all, monkeypatch):
        hidden = open_to_all / "hidden"
        hidden.mkdir(mode=0o700)
        program = hidden / "pg" / "bin" / "postgres"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\necho it runs\n")
        program.chmod(0o700)
        monkeypatch.setattr(binaries, "COPIES", open_to_all / "copies")
        programs = binaries.Programs(program.parent, hidden, (hidden / "pg",))

        folder = executable_by(account(), programs, main="postgres")

        said = subprocess.run([folder / "postgres"], user=account().uid, capture_output=True, text=True, check=True)
        assert said.stdout == "it runs\n"
        assert stat.S_IMODE(hidden.stat().st_mode) == 0o700
        assert executable_by(account(), programs, main="postgres") == folder


class TestTheChoiceOfPostgres:
    def test_is_the_folder_in_local_pg_bin(self, tmp_path, monkeypatch):
        (tmp_path / "initdb").touch()
        monkeypatch.setenv("LOCAL_PG_BIN", str(tmp_path))

        assert postgres_programs().bin == tmp_path

    def test_refuses_a_local_pg_bin_without_initdb(self, tmp_path, monkeypatch):
        monkeypatch.setenv("LOCAL_PG_BIN", str(tmp_path))

        with pytest.raises(ServiceMissing, match="there is no initdb in it"):
            postgres_programs()

    def test_is_the_newest_of_the_system_without_the_wheel(self, tmp_path, monkeypatch):
        for version in ("9", "15", "16", "17"):
            (tmp_path / version / "bin").mkdir(parents=True)
            (tmp_path / version / "bin" / "initdb").touch()
        self.without_the_wheel(monkeypatch, system=tmp_path)

        assert postgres_programs().bin == tmp_path / "17" / "bin"

    def test_says_what_to_install_when_there_is_none(self, tmp_path, monkeypatch):
        self.without_the_wheel(monkeypatch, system=tmp_path)

        with pytest.raises(ServiceMissing, match="install PostgreSQL 16 or newer"):
            postgres_programs()

    def without_the_wheel(self, monkeypatch, *, system):
        monkeypatch.setattr(binaries, "_package", lambda _name: None)
        monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", system)
        monkeypatch.setenv("PATH", str(system))


def modes(*folders: Path) -> list[int]:
    return [folder.stat().st_mode for folder in folders]
