from datetime import datetime

from booking.models import Client, LinkToken


def revoke_links(client: Client, *, now: datetime) -> int:
    """End every link to this client's appointments; return how many.

    For a changed mail address: whoever reads the old inbox must not move or cancel. Later mails, which go to the
    new address, carry links of their own.
    """
    return LinkToken.objects.filter(appointment__client=client, revoked_at__isnull=True).update(revoked_at=now)
