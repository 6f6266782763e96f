"""tools/bootstrap.py as `make` runs it, in a project of its own, with a uv that only notes what it was asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import BASE_DIR

UV = """#!/bin/sh
echo "$@" >> "{notes}"
echo "certificates $SSL_CERT_FILE" >> "{notes}"
echo "compiles $UV_COMPILE_BYTECODE" >> "{notes}"
if [ "$1" = --version ]; then echo "uv 0.13.9"; fi
if [ "$1" = venv ]; then mkdir -p .venv/bin && ln -s "{python}" .venv/bin/python; fi
if [ -e "{fails}" ]; then echo "no network" >&2; exit 2; fi
"""


class Project:
    """A folder with a bootstrap, a lock and a uv on the PATH."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notes = root.parent / f"{root.name}-notes"
        self.fails = root.parent / f"{root.name}-fails"
        self.path = root / "path"
        self.environment = {"PATH": f"{self.path}:/usr/bin:/bin", "LANG": "C.UTF-8"}
        (root / "tools").mkdir(parents=True)
        (root / "tools" / "bootstrap.py").write_text((BASE_DIR / "tools" / "bootstrap.py").read_text())
        (root / "uv.lock").write_text("version = 1\n")
        self.path.mkdir()
        self.give_uv()

    def give_uv(self) -> None:
        uv = self.path / "uv"
        uv.write_text(UV.format(notes=self.notes, python=sys.executable, fails=self.fails))
        uv.chmod(0o755)

    def bootstrap(self, *groups: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "tools/bootstrap.py", *groups],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> list[str]:
        """Return what uv was asked since the last time, but for its version."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return [line for line in lines if not line.startswith(("--version", "certificates", "compiles"))]


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


class TestBootstrap:
    def test_installs_what_the_lock_says_with_the_local_group(self, project):
        done = project.bootstrap("test")

        assert done.returncode == 0
        assert "packages installed" in done.stdout
        assert project.asked()[-1] == "sync --locked --no-default-groups --quiet --group local --group test"

    def test_does_nothing_the_second_time(self, project):
        project.bootstrap()
        project.asked()

        done = project.bootstrap()

        assert (done.returncode, done.stdout) == (0, "")
        assert project.asked() == []

    def test_installs_again_when_the_lock_has_changed(self, project):
        project.bootstrap()
        project.asked()
        (project.root / "uv.lock").write_text("version = 2\n")

        project.bootstrap()

        assert [line.split()[0] for line in project.asked()] == ["sync"]

    def test_keeps_the_groups_of_before(self, project):
        """`make run` beside a running `make test` must not take pytest away."""
        project.bootstrap("test")
        project.asked()

        project.bootstrap()

        assert project.asked() == []

    def test_makes_a_new_environment_where_the_old_one_was_moved(self, project, tmp_path):
        project.bootstrap()
        elsewhere = tmp_path / "elsewhere"
        project.root.rename(elsewhere)
        project.root = elsewhere
        project.environment["PATH"] = f"{elsewhere}/path:/usr/bin:/bin"
        project.asked()

        project.bootstrap()

        assert [line.split()[0] for line in project.asked()] == ["venv", "sync"]
        assert json.loads((elsewhere / ".venv" / ".stillpoint.json").read_text())["venv"] == str(elsewhere / ".venv")

    def test_makes_a_new_environment_where_its_making_was_killed(self, project):
        project.bootstrap()
        project.asked()
        (project.root / ".venv" / ".stillpoint.json").unlink()
        (project.root / ".venv" / ".stillpoint-unfinished").touch()

        project.bootstrap()

        assert [line.split()[0] for line in project.asked()] == ["venv", "sync"]

    def test_makes_a_new_environment_where_its_python_is_gone(self, project):
        project.bootstrap()
        project.asked()
        (project.root / ".venv" / "bin" / "python").unlink()

        project.bootstrap()

        assert [line.split()[0] for line in project.asked()] == ["venv", "sync"]

    def test_hands_on_the_certificates_that_pip_was_given(self, project):
        project.environment["PIP_CERT"] = "/etc/our-authority.pem"

        project.bootstrap()

        assert "certificates /etc/our-authority.pem" in project.notes.read_text().splitlines()[-2:]

    def test_compiles_them_once_and_not_at_each_start(self, project):
        project.bootstrap()

        assert project.notes.read_text().splitlines()[-1] == "compiles 1"


class TestARefusal:
    def test_says_what_uv_says_and_leaves_the_rest_for_the_next_time(self, project):
        project.fails.touch()
        (project.root / ".venv" / "bin").mkdir(parents=True)
        (project.root / ".venv" / "bin" / "python").symlink_to(sys.executable)

        done = project.bootstrap()

        assert done.returncode == 1
        assert done.stderr == "no network\nerror: uv could not install; the lines above say why.\n"
        project.fails.unlink()
        assert project.bootstrap().returncode == 0

    def test_names_the_package_without_which_there_are_no_virtual_environments(self, project):
        (project.path / "uv").unlink()
        self.take_ensurepip_away(project)

        done = project.bootstrap()

        assert done.returncode == 1
        version = ".".join(map(str, sys.version_info[:2]))
        assert done.stderr == (
            "error: this Python cannot make virtual environments."
            f" Install python{version}-venv (Debian, Ubuntu: sudo apt install python{version}-venv),"
            " or uv, and try again.\n"
        )

    def test_of_an_unknown_group_names_those_there_are(self, project):
        done = project.bootstrap("tests")

        assert done.returncode == 2
        assert "Groups: local test lint" in done.stderr
        assert not (project.root / ".venv").exists()

    def take_ensurepip_away(self, project):
        (project.path / "sitecustomize.py").write_text(
            "import importlib.util as util; found = util.find_spec\n"
            "util.find_spec = lambda name, *rest: None if name == 'ensurepip' else found(name, *rest)\n"
        )
        project.environment["PYTHONPATH"] = os.fspath(project.path)
