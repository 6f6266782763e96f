from datetime import datetime

from booking.models import CalendarFeed, Client, LinkToken, OfferLink


def revoke_links(client: Client, *, now: datetime) -> int:
    """End every link to this client's appointments, offers from the waitlist and own calendar; return how many.

    For a changed mail address: whoever reads the old inbox must not move or cancel. Later mails, which go to the
    new address, carry links of their own.
    """
    mailed = OfferLink.objects.filter(offer__entry__client=client, revoked_at__isnull=True).update(revoked_at=now)
    links = LinkToken.objects.filter(appointment__client=client, revoked_at__isnull=True).update(revoked_at=now)
    feeds = CalendarFeed.objects.filter(client=client, revoked_at__isnull=True).update(revoked_at=now)
    return links + mailed + feeds
