"""Where the local services keep their data and their sockets, and as whom they run.

Data lives in `var/` of the checkout. Root is the exception: PostgreSQL refuses to run as root, so it runs as
`nobody`, and where `nobody` cannot enter the checkout (it lies below /root) the data moves to /var/lib/stillpoint.
No folder that is not ours ever changes its mode.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from config.embedded.faults import AlreadyRunning, CannotStart

CHECKOUT = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT_BYTES = 107  # sun_path of unix(7), without its final zero
ORPHANS_END_WITHIN_SECONDS = 15
ELSEWHERE = Path("/var/lib/stillpoint")
LOCK = "run.lock"
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
# Short enough for a socket's path. Our folder in them is 0700 and its owner is checked.
SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - see above


@dataclass(frozen=True)
class Account:
    """The user whom the services run as; None of it changes anything when it is ourselves."""

    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()


def account() -> Account:
    """Return who runs the services: ourselves, or `nobody` for root.

    Raises CannotStart when root finds no such user.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL does not run as root and there is no user 'nobody' here; run as an ordinary user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_enter(folder: Path, who: Account) -> bool:
    """Return whether `who` may pass through `folder` and every folder above it; folders yet to be made count."""
    for each in (folder, *folder.parents):
        try:
            found = each.stat()
        except FileNotFoundError:
            continue
        allowed = stat.S_IXUSR if found.st_uid == who.uid else stat.S_IXOTH
        if not found.st_mode & allowed:
            return False
    return True


@dataclass(frozen=True)
class Place:
    """One set of services: its data below `root`, its sockets in a folder with a short path."""

    root: Path

    @property
    def account(self) -> Account:
        return account()

    @cached_property
    def key(self) -> str:
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    @property
    def elsewhere(self) -> Path:
        """The folder for what the services' user cannot reach below `root`."""
        return ELSEWHERE / self.key

    @property
    def data(self) -> Path:
        """The folder of the services' data."""
        return self.root if can_enter(self.root, self.account) else self.elsewhere

    @cached_property
    def sockets(self) -> Path:
        """The folder of the sockets, short enough for any checkout path."""
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        ours = Path(runtime) / f"stillpoint-{self.key}"
        fits = len(os.fsencode(ours / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT_BYTES
        if runtime and fits and not self.account.is_another and os.access(runtime, os.W_OK):
            return ours
        shared = next((folder for folder in SHARED if os.access(folder, os.W_OK | os.X_OK)), SHARED[0])
        return shared / f"stillpoint-{os.geteuid()}-{self.key}"

    def prepare(self) -> None:
        """Make the folders; those of data and sockets are private to the services' user.

        Raises CannotStart when they cannot be made, or somebody else's folder stands where the sockets go.
        """
        try:
            open_folder(self.root)
            open_folder(self.data)
            open_folder(self.root / "log")
            private_folder(self.sockets, self.account)
        except OSError as error:
            raise CannotStart(f"cannot make {error.filename}: {error.strerror}.") from error

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold this place; yields the descriptor of the lock, for children to inherit.

        The kernel lets go of it when we and every child that inherited it have ended, however that happens. After a
        `kill -9` the orphans need a moment: when the holder is dead we wait for them.
        Raises AlreadyRunning when another process is at work here.
        """
        open_folder(self.root)
        with (self.root / LOCK).open("a+") as lock:
            give_up_at = time.monotonic() + ORPHANS_END_WITHIN_SECONDS
            while not _taken(lock):
                if is_alive(_holder(lock)) or time.monotonic() > give_up_at:
                    raise AlreadyRunning("already running")
                time.sleep(0.05)
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield lock.fileno()

    def is_held(self) -> bool:
        """Return whether a process, ours too, holds this place now."""
        try:
            with (self.root / LOCK).open("a+") as lock:
                return not _taken(lock)
        except FileNotFoundError:
            return False

    def remove(self) -> None:
        """Remove all of it, the folder by which we would find the rest last."""
        for folder in (self.sockets, self.elsewhere, self.root):
            shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Return whether the process runs. One that ended and waits for its parent to notice does not."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, but there
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return not Path("/proc/self").exists()
    return state not in {"Z", "X"}


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: IO[str]) -> int:
    lock.seek(0)
    written = lock.read().strip()
    return int(written) if written.isdigit() else 0


def open_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, enterable for everybody; what exists keeps its mode."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        each.chmod(0o755)


def private_folder(folder: Path, owner: Account) -> None:
    """Make `folder` with mode 0700 for `owner`, or check that it is exactly that.

    Raises CannotStart for a link, a file or another user's folder: /tmp is open to everybody.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner.uid, os.geteuid()}:
            raise CannotStart(f"{folder} belongs to somebody else; remove it and try again.") from None
    if owner.is_another:
        os.chown(folder, owner.uid, owner.gid)
    folder.chmod(0o700)
