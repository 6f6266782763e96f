"""What Celery runs for booking: housekeeping only. Nothing about time depends on it."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from booking.actions.purge import purge

logger = logging.getLogger(__name__)


@shared_task(name="booking.purge")
def purge_expired(**_: Any) -> None:
    answers, links = purge(now=timezone.now())
    logger.info("Purged %s stored answers and %s links.", answers, links)
