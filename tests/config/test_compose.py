"""docker-compose.yml and Dockerfile, as far as they can be checked without an engine.

The schema beside this file is the Compose Specification's own (compose-spec/compose-go 2.9, Apache License 2.0).
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import psycopg
import pytest
import yaml
from psycopg import sql

from config import celery
from config.embedded import postgres, programs
from config.embedded.environment import plan
from config.embedded.places import Place
from config.env import BASE_DIR
from tools import container_health

OURS = {"web", "worker", "webhooks", "beat", "migrate"}
THEIRS = {"postgres", "valkey", "mailpit"}
DOTENV = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEF",
    "POSTGRES_PASSWORD": "tulip",
    "PUBLIC_URL": "https://book.example.com",
}
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<how>[?-])(?P<rest>[^}]*))?\}")


@pytest.fixture(scope="module")
def text() -> str:
    return (BASE_DIR / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def compose(text: str) -> dict[str, Any]:
    loaded = yaml.safe_load(text)
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found = compose["services"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """The Dockerfile without comments, an instruction a line."""
    lines = (BASE_DIR / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    return "\n".join(re.sub(r"\s+", " ", line) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="module")
def environment(services: dict[str, Any]) -> dict[str, str]:
    """What the programs find in their containers with the shortest possible .env."""
    written = services["web"]["environment"]
    return {name: filled_in(value) for name, value in written.items() if value is not None}


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a database of our own beside that of the tests."""
    server = os.environ["DATABASE_URL"]
    name = f"compose_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def filled_in(value: str) -> str:
    return VARIABLE.sub(lambda found: DOTENV.get(found["name"], found["rest"] or ""), value)


def in_containers(argv: list[object]) -> list[str]:
    """Write a command of the local supervisor as it is in a container: addresses and folders differ, nothing else."""
    words = ["python" if word == sys.executable else str(word) for word in argv]
    addressed = ["0.0.0.0:8000" if re.fullmatch(r"127\.0\.0\.1:\d+", word) else word for word in words]
    return [str(container_health.BEAT_SCHEDULE) if word.endswith("/beat") else word for word in addressed]


class TestTheComposeFile:
    def test_fits_the_specification(self, compose: dict[str, Any]) -> None:
        schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
        compose = json.loads(json.dumps(compose))

        jsonschema.Draft7Validator(schema).validate(compose)

    def test_names_all_that_a_studio_needs(self, services: dict[str, Any]) -> None:
        assert set(services) == OURS | THEIRS

    @pytest.mark.parametrize("name", ["web", "worker", "webhooks", "beat"])
    def test_runs_the_very_programs_of_make_run(self, name: str, services: dict[str, Any], tmp_path: Path) -> None:
        local = getattr(programs, name)(plan(Place(tmp_path), {}))

        assert services[name]["command"] == in_containers(local.argv)

    def test_makes_postgresql_sort_as_the_local_one_does(self, services: dict[str, Any]) -> None:
        options = services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()

        assert len(options) == 3
        assert set(options) <= set(postgres.INITDB_OPTIONS)
        assert {option for option in postgres.INITDB_OPTIONS if "locale" in option or "encoding" in option} == set(
            options
        )

    def test_keeps_data_in_named_volumes(self, compose: dict[str, Any], services: dict[str, Any]) -> None:
        mounted = {name: services[name]["volumes"] for name in THEIRS}

        assert mounted == {
            "postgres": ["postgres:/var/lib/postgresql"],
            "valkey": ["valkey:/data"],
            "mailpit": ["mailpit:/data"],
        }
        assert set(compose["volumes"]) == THEIRS

    def test_has_valkey_forget_nothing_quietly(self, services: dict[str, Any]) -> None:
        command = services["valkey"]["command"]

        assert command[command.index("--appendonly") + 1] == "yes"
        assert command[command.index("--maxmemory-policy") + 1] == "noeviction"

    def test_asks_everything_that_stays_whether_it_is_well(self, services: dict[str, Any]) -> None:
        without = {name for name, service in services.items() if "healthcheck" not in service}

        assert without == {"migrate"}

    def test_starts_everything_again_but_the_migration(self, services: dict[str, Any]) -> None:
        policies = {name: service["restart"] for name, service in services.items()}

        assert policies.pop("migrate") == "no"
        assert set(policies.values()) == {"unless-stopped"}

    def test_starts_in_order(self, services: dict[str, Any]) -> None:
        assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        for name in ("web", "worker", "webhooks", "beat"):
            assert services[name]["depends_on"] == {
                "migrate": {"condition": "service_completed_successfully"},
                "postgres": {"condition": "service_healthy"},
                "valkey": {"condition": "service_healthy"},
            }

    def test_lets_a_worker_finish_the_message_in_hand(self, services: dict[str, Any]) -> None:
        grace = int(services["worker"]["stop_grace_period"].removesuffix("s"))

        assert grace >= celery.app.conf.task_time_limit

    @pytest.mark.parametrize("name", sorted(OURS))
    def test_gives_our_programs_no_more_than_they_need(self, name: str, services: dict[str, Any]) -> None:
        service = services[name]

        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service  # the image's own, who is not root
        assert "volumes" not in service
        assert not service.get("privileged")

    def test_opens_no_port_to_other_machines(self, services: dict[str, Any]) -> None:
        ports = [port for service in services.values() for port in service.get("ports", [])]

        assert ports
        assert all(port.startswith("127.0.0.1:") for port in ports)

    def test_pins_every_image(self, services: dict[str, Any]) -> None:
        for name in THEIRS:
            assert re.fullmatch(r"[\w/]+:v?\d+(\.\d+)*", services[name]["image"])


class TestItsSettings:
    def test_hold_no_secret(self, services: dict[str, Any]) -> None:
        """Passwords and keys come from .env and are asked for by name when they are missing."""
        for service in services.values():
            for name, value in service.get("environment", {}).items():
                if re.search("SECRET|PASSWORD|TOKEN", name):
                    assert VARIABLE.fullmatch(value), name
        required = {found["name"] for found in VARIABLE.finditer(str(services)) if found["how"] == "?"}
        assert required == set(DOTENV)

    def test_leave_no_password_in_an_address(self, text: str) -> None:
        passwords = re.findall(r"://[^:/@\s]+:([^@\s]+)@", VARIABLE.sub("${}", text))

        assert set(passwords) == {"${}"}

    def test_are_all_explained_in_the_example(self, text: str, services: dict[str, Any]) -> None:
        asked = {found["name"] for found in VARIABLE.finditer(text)}
        passed_on = {name for name, value in services["web"]["environment"].items() if value is None}
        explained = set(re.findall(r"^#?\s*(\w+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))

        assert asked | passed_on <= explained

    def test_are_those_of_production(self, environment: dict[str, str]) -> None:
        assert environment["STILLPOINT_LOCAL"] == "false"
        assert environment["DEBUG"] == "false"
        assert "MAILBOX_DIR" not in environment

    @pytest.mark.processes
    def test_let_the_migration_run(
        self, environment: dict[str, str], services: dict[str, Any], empty_database: str
    ) -> None:
        python, *command = services["migrate"]["command"]

        migrated = with_settings(environment | {"DATABASE_URL": empty_database}, *command)

        assert python == "python"
        assert migrated.returncode == 0, migrated.stderr

    @pytest.mark.processes
    def test_pass_the_deployment_check(self, environment: dict[str, str]) -> None:
        checked = with_settings(environment, "manage.py", "check", "--deploy", "--fail-level", "WARNING")

        assert checked.returncode == 0, checked.stderr


class TestTheImage:
    def test_serves_by_default_what_web_serves(self, dockerfile: str, services: dict[str, Any]) -> None:
        command = json.loads(dockerfile.rpartition("CMD ")[2])

        assert command == services["web"]["command"]

    def test_runs_as_an_ordinary_user(self, dockerfile: str) -> None:
        users = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)

        assert users == ["stillpoint"]
        assert "useradd --uid 10001" in dockerfile

    def test_installs_only_what_the_lock_file_names(self, dockerfile: str) -> None:
        install = next(line for line in dockerfile.splitlines() if "pip install" in line)

        assert "--require-hashes" in install
        assert "--no-deps" in install
        assert (BASE_DIR / "requirements.txt").is_file()

    def test_takes_in_nothing_secret_and_nothing_local(self) -> None:
        ignored = (BASE_DIR / ".dockerignore").read_text().splitlines()

        assert {".*", "var", "tests"} <= set(ignored)  # .* is .env, .git and .venv
        assert not [line for line in ignored if line.startswith("!")]

    @pytest.mark.processes
    def test_can_gather_the_static_files_with_what_its_build_sets(self, dockerfile: str, tmp_path: Path) -> None:
        step = next(line for line in dockerfile.splitlines() if "collectstatic" in line)
        environment = dict(re.findall(r"([A-Z_]+)=(\S+)", step)) | {"STILLPOINT_LOCAL": "false", "MAILBOX_DIR": ""}
        program = (
            "import django; django.setup()\n"
            "from django.conf import settings; from django.core.management import call_command\n"
            f"settings.STATIC_ROOT = {str(tmp_path)!r}; call_command('collectstatic', '--no-input', verbosity=0)"
        )

        gathered = with_settings(environment, "-c", program)

        assert gathered.returncode == 0, gathered.stderr
        assert list(tmp_path.glob("config/devmail.*.css"))
        assert (tmp_path / "staticfiles.json").is_file()


def with_settings(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=bare | {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
