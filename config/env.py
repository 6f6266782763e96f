"""The environment, read once: every setting a studio can choose, its default and its check.

`.env.example` lists the same names; tests/house keeps the two equal. Nonsense is refused at start-up with
a sentence that names the variable, never noticed later.
"""

import json
import re
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


def rate(name: str, default: str) -> str:
    """Read a limit such as 10/hour: so many requests a sec, min, hour or day; 0 for no limit."""
    value = text(name, default)
    if not re.fullmatch(r"\d{1,6}/(sec|min|hour|day)", value):
        raise ImproperlyConfigured(f"{name} must look like 10/hour (or sec, min, day), not {value!r}.")
    return value


def site(name: str, default: str) -> str:
    """Read the address that the studio is reached at: scheme and host, no path."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name} must be an address without a path, for example https://book.example.com.")
    return value


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def json_object(name: str) -> dict[str, object]:
    """Read a JSON object with texts, numbers or lists as values; unset is an empty one."""
    try:
        found = json.loads(text(name) or "{}")
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a JSON object.") from error
    if not isinstance(found, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object.")
    return found


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
    query = parse_qs(parts.query)
    if set(query) - {"tls"} or query.get("tls", ["true"])[0] not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} knows one option, ?tls=true or ?tls=false, not {parts.query!r}.")
    try:
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"The port in {name} must be a number up to 65535.") from error
    implicit = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=port or (465 if implicit else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=query.get("tls") == ["true"],
        ssl=implicit,
    )
