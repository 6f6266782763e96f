from datetime import datetime

from booking.contacts import spelt
from booking.models import BlockedContact, Client, Contact


def block_contact(kind: str, value: str, *, now: datetime, reason: str = "") -> BlockedContact:
    """Give no more time online to this address, domain or number; once more changes nothing (S38).

    What is booked stays booked. Raises ValueError when `value` is no contact of this kind.
    """
    spelling = {"kind": kind, "value": spelt(kind, value)}
    return BlockedContact.objects.get_or_create(**spelling, defaults={"reason": reason, "created_at": now})[0]


def block_client(client: Client, *, now: datetime, reason: str = "") -> list[BlockedContact]:
    """Block the address and the number that we know of a client; an empty list when we know neither.

    A number without a country code is left out: no guest could have given it online.
    """
    found = []
    for kind, value in ((Contact.ADDRESS, client.email), (Contact.PHONE, client.phone)):
        try:
            found += [block_contact(kind, value, now=now, reason=reason)] if value else []
        except ValueError:
            continue
    return found
