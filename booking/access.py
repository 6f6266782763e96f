"""The only way from a request to an appointment: who is asking, and what is theirs.

A wrong id, a stranger's id and a dead link all raise the same errors.NotFound, so that they look alike.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from booking import errors
from booking.models import ApiKey, Appointment, LinkToken, Purpose, Scope

LINK_LIVES_AFTER_THE_VISIT = timedelta(hours=24)
LAST_USE_IS_NOTED_EVERY = timedelta(hours=1)
NOT_FOUND = "There is no such appointment, or it is not yours."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` goes into the history; `scopes` are a staff member's, empty for everybody else.

    `appointment_id` is what a link opens, 0 without one.
    """

    kind: str
    name: str
    channel: str = "api"
    scopes: frozenset[str] = frozenset()
    appointment_id: int = 0

    @property
    def is_staff(self) -> bool:
        return bool(self.scopes)

    def may(self, scope: str) -> bool:
        return scope in self.scopes


ANYONE = Caller("anyone", "client")


def staff(name: str, *, channel: str = "api", scopes: Iterable[str] | None = None) -> Caller:
    """Return a caller of the desk; without scopes, one who may do all."""
    every = [str(scope) for scope in Scope] if scopes is None else scopes
    return Caller("staff", name, channel, frozenset(every))


def digest(secret: str) -> str:
    """Return the SHA-256 of a token of at least 128 random bits, as hex: all that is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def link_for(appointment: Appointment, token: str, purpose: str = Purpose.MANAGE) -> LinkToken:
    """Return the unsaved row that lets `token` open `appointment`."""
    return LinkToken(
        digest=digest(token),
        purpose=purpose,
        appointment=appointment,
        expires_at=appointment.end_at + LINK_LIVES_AFTER_THE_VISIT,
    )


def issue_links(wanted: Iterable[tuple[int, datetime, str]]) -> list[str]:
    """Return a new token for each (appointment id, end of the visit, purpose), in order; one INSERT."""
    tokens: list[str] = []
    rows: list[LinkToken] = []
    for appointment_id, end_at, purpose in wanted:
        tokens.append(new_token())
        rows.append(
            LinkToken(
                digest=digest(tokens[-1]),
                purpose=purpose,
                appointment_id=appointment_id,
                expires_at=end_at + LINK_LIVES_AFTER_THE_VISIT,
            )
        )
    LinkToken.objects.bulk_create(rows)
    return tokens


def appointment_for_link(token: str, *, purpose: str, now: datetime) -> Appointment:
    """Return what the link opens. Raises errors.NotFound for every other token, purpose or time."""
    found = (
        LinkToken.objects.filter(digest=digest(token), purpose=purpose, expires_at__gt=now, revoked_at__isnull=True)
        .select_related("appointment")
        .first()
    )
    if found is None:
        raise errors.NotFound(NOT_FOUND)
    return found.appointment


def appointment_for(caller: Caller, reference: str) -> Appointment:
    """Return the appointment when it is the caller's to see. Raises errors.NotFound otherwise."""
    # PostgreSQL's texts hold no NUL, so nothing is called that.
    found = None if "\0" in reference else visible_to(caller).filter(reference=reference).first()
    if found is None:
        raise errors.NotFound(NOT_FOUND)
    return found


def visible_to(caller: Caller) -> QuerySet[Appointment]:
    """Return the appointments this caller may see: staff all, a link's holder one, anyone else none."""
    if caller.may(Scope.READ):
        return Appointment.objects.all()
    if caller.appointment_id:
        return Appointment.objects.filter(pk=caller.appointment_id)
    return Appointment.objects.none()


def caller_for_link(token: str, *, now: datetime) -> Caller | None:
    """Return who holds a link to manage an appointment, or None when the link opens nothing."""
    try:
        appointment = appointment_for_link(token, purpose=Purpose.MANAGE, now=now)
    except errors.NotFound:
        return None
    return Caller("link", "client", appointment_id=appointment.pk)


def _with_lower(scopes: Iterable[str]) -> frozenset[str]:
    """Return the scopes with those they include: admin may all that desk may, and desk all that read may."""
    order = [str(scope) for scope in Scope]
    highest = max((order.index(scope) for scope in scopes if scope in order), default=-1)
    return frozenset(order[: highest + 1])


def caller_for_key(key: str, *, now: datetime) -> Caller | None:
    """Return the program that holds this API key, or None when it is unknown, revoked or past its date."""
    found = ApiKey.objects.filter(digest=digest(key), revoked_at__isnull=True).first()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        return None
    if found.last_used_at is None or now - found.last_used_at > LAST_USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=found.pk).update(last_used_at=now)
    return Caller("key", found.name, scopes=_with_lower(found.scopes))
