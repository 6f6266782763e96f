"""What Celery runs for booking. No time is kept from anybody because it did not run."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from booking.actions.purge import purge
from booking.actions.requests import end_requests, forget_holds
from booking.actions.waitlist.expire import expire_offers
from booking.actions.waitlist.fill import fill_every_gap

logger = logging.getLogger(__name__)


@shared_task(name="booking.purge")
def purge_expired(**_: Any) -> None:
    answers, links = purge(now=timezone.now())
    logger.info("Purged %s stored answers and %s links.", answers, links)


@shared_task(name="booking.end_requests")
def end_expired_requests(**_: Any) -> None:
    now = timezone.now()
    requests, holds = end_requests(now=now), forget_holds(now=now)
    if requests or holds:
        logger.info("Ended %s requests that nobody answered, forgot %s holds.", requests, holds)


@shared_task(name="booking.offer_waitlist")
def offer_waitlist(**_: Any) -> None:
    """End the offers that nobody took, then offer what is free: also what came free unnoticed, or by the clock."""
    now = timezone.now()
    ended, made = expire_offers(now=now), fill_every_gap(now=now)
    if ended or made:
        logger.info("Waitlist: %s offers ended, %s made.", ended, made)
