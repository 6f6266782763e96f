from dataclasses import dataclass
from datetime import datetime

from booking.access import digest, new_token
from booking.actions.locks import in_one_transaction
from booking.models import CalendarFeed, Client, Location, Therapist


@dataclass(frozen=True, slots=True)
class NewFeed:
    """`secret` opens it, and is known only now: its SHA-256 is all that is kept."""

    feed: CalendarFeed
    secret: str


def make_feed(of: Therapist | Location | Client, *, now: datetime, label: str = "", names: bool = True) -> NewFeed:
    """Make a calendar address of a therapist, a location or a client.

    A client has one at a time: a new one ends the one before, so that who lost an address can be rid of it.
    """
    secret = new_token()
    feed = CalendarFeed(digest=digest(secret), label=label, names=names, created_at=now)
    if isinstance(of, Therapist):
        feed.therapist = of
    elif isinstance(of, Location):
        feed.location = of
    else:
        feed.client = of

    def run() -> NewFeed:
        if isinstance(of, Client):
            end_own_feeds(of, now=now)
        feed.save()
        return NewFeed(feed, secret)

    return in_one_transaction(run)


def end_own_feeds(client: Client, *, now: datetime) -> int:
    """Revoke the client's own calendar addresses; return how many there were."""
    return CalendarFeed.objects.filter(client=client, revoked_at__isnull=True).update(revoked_at=now)


def end_feed(feed: CalendarFeed, *, now: datetime) -> None:
    """Revoke one calendar address; the others go on."""
    CalendarFeed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=now)
