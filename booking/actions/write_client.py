from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from booking import errors
from booking.actions.locks import in_one_transaction, sqlstate
from booking.actions.revoke_links import revoke_links
from booking.models import Client

UNIQUE_VIOLATION = "23505"


def write_client(client: Client, values: Mapping[str, Any], *, now: datetime) -> Client:
    """Save the new or changed client. Another mail address ends every link that went to the old one.

    Raises errors.UnknownValue when somebody of this name at this address is there already.
    """
    address = client.email
    for name, value in values.items():
        setattr(client, name, value)

    def run() -> Client:
        _save(client)
        if client.email != address:
            revoke_links(client, now=now)
        return client

    return in_one_transaction(run)


def _save(client: Client) -> None:
    try:
        with transaction.atomic():
            client.save()
    except IntegrityError as error:
        if sqlstate(error) != UNIQUE_VIOLATION:
            raise
        raise errors.UnknownValue("email", "There is a client of this name at this address already.") from error
