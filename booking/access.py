"""The only way from a request to an appointment or a place on the waitlist: who is asking, and what is theirs.

A wrong id, a stranger's id and a dead link all raise the same errors.NotFound, so that they look alike.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from booking import errors
from booking.models import ApiKey, Appointment, LinkToken, OfferLink, Purpose, Scope, WaitlistEntry, WaitlistOffer

LINK_LIVES_AFTER_THE_VISIT = timedelta(hours=24)
LAST_USE_IS_NOTED_EVERY = timedelta(hours=1)
# Two links a mail, in batches of hundreds: four arrays take a third of the time that as many rows of a model do.
ISSUE_LINKS = """
INSERT INTO booking_linktoken (digest, purpose, appointment_id, expires_at)
SELECT * FROM unnest(
  %(digests)s::text[], %(purposes)s::text[], %(appointments)s::bigint[], %(ends)s::timestamptz[])
"""
NOT_FOUND = "There is no such appointment, or it is not yours."
NO_ENTRY = "There is no such place on the waitlist, or it is not yours."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` goes into the history; `scopes` are a staff member's, empty for everybody else.

    `appointment_id` or `entry_id` (of the waitlist) is what a link opens, 0 without one; no link opens both.
    """

    kind: str
    name: str
    channel: str = "api"
    scopes: frozenset[str] = frozenset()
    appointment_id: int = 0
    entry_id: int = 0

    @property
    def is_staff(self) -> bool:
        return bool(self.scopes)

    @property
    def is_desk(self) -> bool:
        """Say whether the rules for guests do not bind them; who may only read books as anybody does."""
        return self.may(Scope.DESK)

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
    links = list(wanted)
    tokens = [new_token() for _ in links]
    values: dict[str, list[str] | list[int] | list[datetime]] = {
        "digests": [digest(token) for token in tokens],
        "purposes": [str(purpose) for _, _, purpose in links],
        "appointments": [appointment_id for appointment_id, _, _ in links],
        "ends": [end_at + LINK_LIVES_AFTER_THE_VISIT for _, end_at, _ in links],
    }
    with connection.cursor() as cursor:
        cursor.execute(ISSUE_LINKS, values)
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


def series_for(caller: Caller, reference: str) -> QuerySet[Appointment]:
    """Return the visits of the series: to staff, and to who holds the link of one of them, as far as they are theirs.

    Raises errors.NotFound otherwise.
    """
    seen = None if "\0" in reference else visible_to(caller).filter(series__reference=reference).first()
    if seen is None:
        raise errors.NotFound("There is no such series, or it is not yours.")
    found = Appointment.objects.filter(series=seen.series_id)
    return found if caller.may(Scope.READ) else found.filter(client=seen.client_id)


def visible_to(caller: Caller) -> QuerySet[Appointment]:
    """Return the appointments this caller may see: staff all, a link's holder one, anyone else none."""
    if caller.may(Scope.READ):
        return Appointment.objects.all()
    if caller.appointment_id:
        return Appointment.objects.filter(pk=caller.appointment_id)
    return Appointment.objects.none()


def caller_for_link(token: str, *, now: datetime) -> Caller | None:
    """Return who holds a link to an appointment or to an entry of the waitlist, None when it opens nothing."""
    try:
        return Caller("link", "client", appointment_id=appointment_for_link(token, purpose=Purpose.MANAGE, now=now).pk)
    except errors.NotFound:
        pass
    try:
        return Caller("link", "client", entry_id=entry_for_link(token, now=now).pk)
    except errors.NotFound:
        return None


def entry_for_link(token: str, *, now: datetime) -> WaitlistEntry:
    """Return the entry of the waitlist that was joined with this token, or that was mailed an offer with it.

    Either ends a day after the last time it was about. Raises errors.NotFound for every other token.
    """
    known, since = digest(token), now - LINK_LIVES_AFTER_THE_VISIT
    found = WaitlistEntry.objects.filter(digest=known, windows__end_at__gt=since).first()
    if found is None:
        mailed = OfferLink.objects.filter(digest=known, expires_at__gt=now, revoked_at__isnull=True)
        found = WaitlistEntry.objects.filter(offers__links__in=mailed).first()
    if found is None:
        raise errors.NotFound(NO_ENTRY)
    return found


def issue_offer_links(wanted: Iterable[tuple[int, datetime]]) -> list[str]:
    """Return a new token for each (id of the hold that is offered, end of the visit), in order; two statements.

    The token of a hold that has gone meanwhile opens nothing.
    """
    links = [(hold_id, end_at, new_token()) for hold_id, end_at in wanted]
    offers = dict(WaitlistOffer.objects.filter(hold__in=[link[0] for link in links]).values_list("hold", "pk"))
    OfferLink.objects.bulk_create(
        OfferLink(digest=digest(token), offer_id=offers[hold_id], expires_at=end_at + LINK_LIVES_AFTER_THE_VISIT)
        for hold_id, end_at, token in links
        if hold_id in offers
    )
    return [token for _, _, token in links]


def entry_for(caller: Caller, reference: str) -> WaitlistEntry:
    """Return the entry of the waitlist when it is the caller's to see. Raises errors.NotFound otherwise."""
    found = None if "\0" in reference else entries_visible_to(caller).filter(reference=reference).first()
    if found is None:
        raise errors.NotFound(NO_ENTRY)
    return found


def entries_visible_to(caller: Caller) -> QuerySet[WaitlistEntry]:
    """Return the entries this caller may see: staff all, a link's holder one, anyone else none."""
    if caller.may(Scope.READ):
        return WaitlistEntry.objects.all()
    return WaitlistEntry.objects.filter(pk=caller.entry_id) if caller.entry_id else WaitlistEntry.objects.none()


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
