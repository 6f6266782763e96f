"""From the Authorization header to a Caller: links, API keys; sessions are Django's."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from booking import access
from booking.access import Caller
from booking.api.throttling import check, client_address
from booking.models import Scope

PERMISSIONS = {Scope.READ: "booking.view_appointment", Scope.DESK: "booking.add_appointment"}


class Principal:
    """What DRF calls the user of a request that holds a link or a key. Nobody can log in as it."""

    is_authenticated = True
    is_active = True
    is_staff = False
    pk = None


def _credential(request: Request, word: bytes) -> str | None:
    parts = get_authorization_header(request).split()
    if len(parts) != 2 or parts[0].lower() != word:
        return None
    return parts[1].decode("ascii", "replace")


class LinkAuthentication(BaseAuthentication):
    """`Authorization: Link <token>`. A token that opens nothing makes the caller a stranger, not an error:
    what they ask for then answers as it would to anyone, and cannot be told from something that never was.
    """

    def authenticate(self, request: Request) -> tuple[Principal, Caller] | None:
        token = _credential(request, b"link")
        if token is None:
            return None
        caller = access.caller_for_link(token, now=timezone.now())
        if caller is None:
            check("links", client_address(request))
            return None
        return Principal(), caller

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`. A wrong key is told so: a program should notice."""

    def authenticate(self, request: Request) -> tuple[Principal, Caller] | None:
        key = _credential(request, b"bearer")
        if key is None:
            return None
        caller = access.caller_for_key(key, now=timezone.now())
        if caller is None:
            raise AuthenticationFailed("This API key is unknown, revoked or past its date.")
        return Principal(), caller

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _scopes_of(user: AbstractBaseUser | AnonymousUser) -> set[str]:
    """Return what a person's permissions in /admin/ are worth here: seeing appointments, making them, all."""
    if getattr(user, "is_superuser", False):
        return {*Scope}
    held = getattr(user, "has_perm", lambda _: False)
    return {scope for scope, permission in PERMISSIONS.items() if held(permission)}


def caller_of(request: Request) -> Caller:
    """Return who asks: a link's holder, an API key, staff by session, or anyone."""
    if isinstance(request.auth, Caller):
        return request.auth
    user = request.user
    if user.is_authenticated and user.is_active and getattr(user, "is_staff", False):
        return access.staff(user.get_username(), scopes=_scopes_of(user))
    return access.ANYONE
