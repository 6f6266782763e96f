"""The environment, read once: every setting a studio can choose, its default and its check.

`.env.example` lists the same names; tests/house keeps the two equal. Nonsense is refused at start-up with
a sentence that names the variable, never noticed later.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_SECRET = "local-only-secret-key-that-production-settings-refuse-to-start-with"  # noqa: S105 - refused below

reader = environ.Env()
reader.prefix = ""
READ: set[str] = set()


def text(name: str, default: str = "") -> str:
    READ.add(name)
    return str(reader.str(name, default=default))


def flag(name: str, *, default: bool) -> bool:
    READ.add(name)
    value = text(name, "true" if default else "false").strip().lower()
    if value not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in {"true", "1", "yes", "on"}


def number(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    value = text(name, str(default))
    try:
        chosen = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error
    if not least <= chosen <= most:
        raise ImproperlyConfigured(f"{name} must be between {least} and {most}, not {chosen}.")
    return chosen


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(name: str, options: dict[str, object]) -> dict[str, object]:
    """Read a libpq URL as Django's settings; what its query asks for, sslmode for one, wins over `options`.

    `postgres://user@%2Frun%2Fpostgresql/name` names the folder of a Unix socket.
    """
    READ.add(name)
    parts: dict[str, object] = reader.db(name)
    parts["HOST"] = unquote(str(parts.get("HOST") or ""))
    asked = parts.get("OPTIONS")
    parts["OPTIONS"] = {**options, **(asked if isinstance(asked, dict) else {})}
    return parts


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str
    tls: bool
    ssl: bool


def mail_server(name: str, default: str) -> MailServer:
    """Read `smtp://user:password@host:port/?tls=true` (STARTTLS) or `smtps://…` (TLS from the first byte)."""
    parts = urlsplit(text(name, default))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must look like smtp://user:password@host:587/?tls=true.")
    implicit = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if implicit else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parse_qs(parts.query).get("tls") == ["true"],
        ssl=implicit,
    )
