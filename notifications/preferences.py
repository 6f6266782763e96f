"""What somebody wants to hear, by address; the token in their mails opens it, and one click says no."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from booking import errors
from notifications.models import Preference, new_nonce
from notifications.rows import rows

# By what is indexed: each address is there once, however it is written.
READ = """
SELECT {columns} FROM notifications_preference AS this WHERE lower(this.address) = ANY(%(addresses)s::text[])
"""


def token_of(preference: Preference) -> str:
    """Return the token for a person's mails: 256 bits that only we can make, gone when the nonce changes."""
    return _token(preference.address.lower(), preference.nonce)


def _token(address: str, nonce: str) -> str:
    mac = hmac.digest(settings.SECRET_KEY.encode(), f"preferences\n{address}\n{nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def of(addresses: Iterable[str], *, now: datetime) -> dict[str, Preference]:
    """Return each address's preferences by the address in lower case, making those that are missing.

    One SQL statement, three when somebody is new.
    """
    wanted = {address.lower() for address in addresses if address}
    found = _read(wanted)
    missing = wanted - found.keys()
    if not missing:
        return found
    fresh = []
    for address in sorted(missing):
        nonce = new_nonce()
        fresh.append(Preference(address=address, nonce=nonce, digest=_digest(_token(address, nonce)), changed_at=now))
    Preference.objects.bulk_create(fresh, ignore_conflicts=True)
    return found | _read(missing)


def _read(addresses: set[str]) -> dict[str, Preference]:
    return {row.address.lower(): row for row in rows(Preference, READ, {"addresses": sorted(addresses)})}


def find(token: str) -> Preference:
    """Return whose token it is. Raises errors.NotFound for any other."""
    found = Preference.objects.filter(digest=_digest(token)).first()
    if found is None:
        raise errors.NotFound("There is nothing here.")
    return found


def change(token: str, wishes: dict[str, bool], *, now: datetime) -> Preference:
    """Set `tips`, `follow_ups` or `reminders`, from this moment on. Raises errors.NotFound."""
    preference = find(token)
    named = {name: wishes[name] for name in ("tips", "follow_ups", "reminders") if name in wishes}
    # Only what was named is written: two changes at once must not undo each other.
    Preference.objects.filter(pk=preference.pk).update(**named, changed_at=now)
    preference.refresh_from_db()
    return preference


def one_click(token: str, *, now: datetime) -> Preference:
    """Stop tips and follow-ups (RFC 8058); mail about appointments goes on. Raises errors.NotFound."""
    return change(token, {"tips": False, "follow_ups": False}, now=now)
