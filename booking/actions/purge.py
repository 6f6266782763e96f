from datetime import datetime, timedelta

from booking.models import IdempotencyKey, LinkToken, OfferLink

KEPT_AFTER_EXPIRY = timedelta(days=7)
ANSWERS_KEPT_FOR = timedelta(hours=24)


def purge(*, now: datetime) -> tuple[int, int]:
    """Delete what is of no use any more: answers older than a day, links a week past their end.

    Returns how many of each. Appointments and their history stay.
    """
    answers, _ = IdempotencyKey.objects.filter(created_at__lte=now - ANSWERS_KEPT_FOR).delete()
    links, _ = LinkToken.objects.filter(expires_at__lte=now - KEPT_AFTER_EXPIRY).delete()
    mailed, _ = OfferLink.objects.filter(expires_at__lte=now - KEPT_AFTER_EXPIRY).delete()
    return answers, links + mailed
