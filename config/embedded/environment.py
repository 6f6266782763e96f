"""What a local studio's programs find in their environment: what you set, and our own for the rest."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config import env
from config.embedded.faults import BadConfiguration
from config.embedded.places import CHECKOUT, Place
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey

HOST = "127.0.0.1"
HIGHEST_PORT = 65_535
PLACES = {"up": Place(CHECKOUT / "var"), "demo": Place(CHECKOUT / "var" / "demo")}
USUAL_PORTS = {"up": "8000", "demo": "0"}
# Everybody on one machine shares one address, so limits by address would only stop yourself.
NO_LIMITS = {
    name: "0/min"
    for name in (
        "LIMIT_SLOTS",
        "LIMIT_BOOK",
        "LIMIT_BOOK_PER_MAIL_ADDRESS",
        "LIMIT_LINK_GUESSES",
        "LIMIT_LOGINS",
        "LIMIT_LOGINS_PER_ACCOUNT",
        "LIMIT_OTHER",
    )
}


@dataclass(frozen=True)
class Plan:
    """Which services are ours to start, and the whole environment that leads every program to them."""

    place: Place
    port: int
    inbox_port: int
    starts_postgres: bool
    starts_valkey: bool
    starts_inbox: bool
    environment: Mapping[str, str]

    @property
    def public_url(self) -> str:
        return self.environment["PUBLIC_URL"]

    @property
    def mailbox(self) -> Path:
        return Path(self.environment.get("MAILBOX_DIR") or self.place.root / "mailbox")


def adopt(command: str) -> None:
    """Complete our own environment for `manage.py up` or `manage.py demo`, before Django reads it.

    `.env` counts as set by you. Raises BadConfiguration when PORT is no port.
    """
    env.reader.read_env(str(CHECKOUT / ".env"))
    os.environ.setdefault("PORT", USUAL_PORTS[command])
    os.environ.update(plan(PLACES[command], os.environ).environment)


def plan(place: Place, environ: Mapping[str, str]) -> Plan:
    """Return what to start and what to set at `place`; asking again with its result changes nothing.

    Raises BadConfiguration when PORT is no port, or the environment is one of production.
    """
    if environ.get("STILLPOINT_LOCAL", "true").strip().lower() not in {"", "true", "1", "yes", "on"}:
        raise BadConfiguration("this command is for local use only, and STILLPOINT_LOCAL is not true; unset it.")
    database, broker = Postgres(place).url, Valkey(place).url
    port = _port(environ, "PORT", "8000")
    inbox_port = _port(environ, "INBOX_PORT", "0")
    inbox = f"smtp://{HOST}:{inbox_port}"
    chosen = {
        "STILLPOINT_LOCAL": "true",
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "EMAIL_URL": inbox,
        "PUBLIC_URL": f"http://{HOST}:{port}",
        **NO_LIMITS,
        **{name: value for name, value in environ.items() if value},
        "PORT": str(port),
        "INBOX_PORT": str(inbox_port),
    }
    starts_inbox = chosen["EMAIL_URL"] == inbox
    if starts_inbox:
        chosen["MAILBOX_DIR"] = environ.get("MAILBOX_DIR") or os.fspath(place.root / "mailbox")
    return Plan(
        place=place,
        port=port,
        inbox_port=inbox_port,
        starts_postgres=chosen["DATABASE_URL"] == database,
        starts_valkey=chosen["REDIS_URL"] == broker,
        starts_inbox=starts_inbox,
        environment=chosen,
    )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _port(environ: Mapping[str, str], name: str, usual: str) -> int:
    """Return the port that `name` asks for, a free one for 0."""
    wanted = environ.get(name) or usual
    if not wanted.isdecimal() or int(wanted) > HIGHEST_PORT:
        raise BadConfiguration(f"{name} must be a port, 0 to {HIGHEST_PORT}, not {wanted!r}.")
    if int(wanted):
        return int(wanted)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
