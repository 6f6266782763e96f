"""Bring .venv to the state that uv.lock describes: `python3 tools/bootstrap.py [group ...]`.

Needs nothing but Python and its standard library. The group `local` always comes along; groups that were asked for
earlier stay. A second run with nothing to do ends at once.
"""

from __future__ import annotations  # an older Python is to read this far, and say that it is too old

import fcntl
import glob
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".stillpoint.json")
UNFINISHED = os.path.join(VENV, ".stillpoint-unfinished")
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ["python3.14", "python3.13", "python3.12", "python3.11"]
UV, OLDEST_UV = "0.13.9", (0, 9)  # what we install; what we take from PATH
GIGABYTE = 10**9
NEEDED_BYTES = {"local": GIGABYTE // 2, "test": GIGABYTE // 2, "lint": GIGABYTE // 2}
CERTIFICATE_NAMES = ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
CANNOT, USAGE, UNUSABLE = 1, 2, 78


class CannotInstall(Exception):
    """One sentence that says what is wrong and what to do."""


def main(argv: list[str]) -> int:
    """Install what is missing; return the exit status."""
    if sys.version_info < OLDEST_PYTHON:
        return restart_with_newer_python(argv)
    if set(argv) - set(NEEDED_BYTES):
        print(f"{__doc__}\nGroups: {' '.join(NEEDED_BYTES)}", file=sys.stderr)
        return USAGE
    os.makedirs(os.path.join(ROOT, "var"), exist_ok=True)
    with open(os.path.join(ROOT, "var", "bootstrap.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands may start at once
        try:
            install(set(argv) | {"local"})
        except CannotInstall as error:
            print(f"error: {error}", file=sys.stderr)
            return CANNOT
    return 0


def restart_with_newer_python(argv: list[str]) -> int:
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, os.path.abspath(__file__), *argv])  # noqa: S606 - no shell is wanted
    print(f"error: Python 3.11 or newer is needed, this is {this_python()}.", file=sys.stderr)
    return UNUSABLE


def this_python() -> str:
    """Return "3.11"."""
    return ".".join(map(str, sys.version_info[:2]))


def install(groups: set[str]) -> None:
    """Bring .venv up to date with `groups` and those of earlier runs."""
    stamp = read_stamp()
    groups |= set(stamp.get("groups", []))
    wanted = stamp_for(groups)
    if stamp == wanted and os.path.exists(VENV_PYTHON):
        return
    check_disk(groups)
    remove_broken_venv(stamp)
    began = time.monotonic()
    uv = find_uv() or install_uv()
    sync(uv, sorted(groups))
    with open(STAMP, "w") as out:
        json.dump(wanted, out)
    tick(f"packages installed ({time.monotonic() - began:.0f} s)")


def stamp_for(groups: set[str]) -> dict[str, Any]:
    """Return what .venv depends on; when any of it changes, it is brought up to date."""
    with open(os.path.join(ROOT, "uv.lock"), "rb") as lock:
        digest = hashlib.sha256(lock.read()).hexdigest()
    return {
        "packages": digest,
        "groups": sorted(groups),
        "venv": VENV,
        "python": this_python(),
    }


def read_stamp() -> dict[str, Any]:
    try:
        with open(STAMP) as found:
            stamp = json.load(found)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def check_disk(groups: set[str]) -> None:
    free = shutil.disk_usage(ROOT).free
    needed = sum(NEEDED_BYTES.get(group, 0) for group in groups)
    tick(f"Python {'.'.join(map(str, sys.version_info[:3]))}, {free // GIGABYTE} GB free")
    if free < needed:
        raise CannotInstall(f"{needed / 1e9:.1f} GB of disk are needed in {ROOT}, {free / 1e9:.1f} are free.")


def remove_broken_venv(stamp: dict[str, Any]) -> None:
    """Remove a .venv that was copied or moved here, half made, or made by a Python that is gone."""
    if not os.path.lexists(VENV):
        return
    moved = stamp.get("venv", VENV) != VENV
    if moved or os.path.exists(UNFINISHED) or not runs(VENV_PYTHON):
        tick("the old .venv does not fit; making a new one")
        shutil.rmtree(VENV)


def runs(python: str) -> bool:
    asks = f"import sys; print(sys.version_info >= {OLDEST_PYTHON})"
    try:
        answer = subprocess.run([python, "-c", asks], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    return answer.stdout.strip() == b"True"


def find_uv() -> str | None:
    """Return a uv that is new enough: from PATH, or the one we installed before. None when there is none."""
    for candidate in (shutil.which("uv"), own_uv()):
        if candidate and uv_version(candidate) >= OLDEST_UV:
            return candidate
    return None


def own_uv() -> str:
    return os.path.join(ROOT, "var", "uv-" + UV, "bin", "uv")


def uv_version(uv: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([uv, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return ()
    numbers = re.match(rb"uv (\d+)\.(\d+)", said.stdout)
    return tuple(int(number) for number in numbers.groups()) if numbers else ()


def install_uv() -> str:
    """Install uv with pip into a virtual environment of its own, which uv then never touches."""
    if importlib.util.find_spec("ensurepip") is None:
        raise CannotInstall(
            "this Python cannot make virtual environments."
            f" Install python{this_python()}-venv (Debian, Ubuntu: sudo apt install python{this_python()}-venv),"
            " or uv, and try again."
        )
    home = os.path.dirname(os.path.dirname(own_uv()))
    shutil.rmtree(home, ignore_errors=True)
    run([sys.executable, "-m", "venv", home], "making a virtual environment failed")
    pip = [os.path.join(home, "bin", "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run([*pip, "install", "uv==" + UV], "pip could not install uv")
    return own_uv()


def sync(uv: str, groups: list[str]) -> None:
    """Have uv make .venv exactly what uv.lock says; killed half-way, the next run starts over."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["UV_PROJECT_ENVIRONMENT"] = VENV
    environment.setdefault("UV_PYTHON_DOWNLOADS", "never")
    # Else each program of the studio compiles what it imports, and where Python may write nothing down at every start.
    environment.setdefault("UV_COMPILE_BYTECODE", "1")
    for name in CERTIFICATE_NAMES:
        if os.environ.get(name):
            environment.setdefault("SSL_CERT_FILE", os.environ[name])  # behind a private authority
    if not runs(VENV_PYTHON):
        run(
            [uv, "venv", "--quiet", "--python", sys.executable, VENV],
            "uv could not make .venv",
            environment=environment,
        )
    open(UNFINISHED, "w").close()
    chosen = [part for group in groups for part in ("--group", group)]
    try:
        run_showing_progress([uv, "sync", "--locked", "--no-default-groups", "--quiet", *chosen], environment)
    except CannotInstall:
        os.remove(UNFINISHED)  # uv ended by itself and left whole packages; only a kill leaves halves
        raise
    os.remove(UNFINISHED)


def run(argv: list[str], what_failed: str, *, environment: dict[str, str] | None = None) -> None:
    if subprocess.run(argv, cwd=ROOT, env=environment, check=False).returncode:
        raise CannotInstall(f"{what_failed}; the lines above say why.")


def run_showing_progress(argv: list[str], environment: dict[str, str]) -> None:
    """Run uv; meanwhile say how far it is: all the time on a terminal, every five seconds elsewhere."""
    terminal = sys.stdout.isatty()
    began = time.monotonic()
    with subprocess.Popen(argv, cwd=ROOT, env=environment) as uv:
        while True:
            try:
                failed = uv.wait(timeout=0.3 if terminal else 5)
                break
            except subprocess.TimeoutExpired:
                so_far = f"{installed()} installed" if installed() else "fetching"
                print(
                    f"  … packages: {so_far} ({time.monotonic() - began:.0f} s)",
                    end="\r" if terminal else "\n",
                    flush=True,
                )
    if terminal:
        print("\033[K", end="")
    if failed:
        raise CannotInstall("uv could not install; the lines above say why.")


def installed() -> int:
    return len(glob.glob(os.path.join(VENV, "lib", "python*", "site-packages", "*.dist-info")))


def tick(text: str) -> None:
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    mark = "\033[32m✓\033[0m" if colour else "✓"
    print(f"  {mark} {text}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
