"""Whom we do not give time to online."""

from collections import defaultdict

from django.db.models import Q, QuerySet

from booking import errors
from booking.contacts import spellings
from booking.models import BlockedContact, Client

CLIENT_BLOCKED = "client-blocked"
WARNINGS = (CLIENT_BLOCKED,)
NOT_FOUND = "There is no such blocked contact."


def is_blocked(email: str, phone: str) -> bool:
    """Say whether the address, a domain it belongs to, or the number is blocked; in one SQL statement at most."""
    values = defaultdict(list)
    for kind, value in spellings(email, phone):
        values[kind].append(value)
    if not values:
        return False
    any_of = Q()
    for kind, found in values.items():
        any_of |= Q(kind=kind, value__in=found)
    return BlockedContact.objects.filter(any_of).exists()


def warnings_about(client: Client | None) -> list[str]:
    """Return what the desk should know when it books for this client, as the words of WARNINGS."""
    return [CLIENT_BLOCKED] if client is not None and is_blocked(client.email, client.phone) else []


def blocked_contacts() -> QuerySet[BlockedContact]:
    return BlockedContact.objects.all()


def blocked_contact(reference: str) -> BlockedContact:
    """Return it by its public name. Raises errors.NotFound."""
    found = None if "\0" in reference else BlockedContact.objects.filter(reference=reference).first()
    if found is None:
        raise errors.NotFound(NOT_FOUND)
    return found
