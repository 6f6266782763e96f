"""Celery, set so that a lost broker or a killed worker loses nothing and hangs nobody.

The broker is a doorbell: every message owed is a row in PostgreSQL, and the sweep finds it (ADR 3).
Each figure has its measured reason in docs/messages.md.
"""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

SWEEP_EVERY_SECONDS = 10
REMINDERS_EVERY_SECONDS = 60
REQUESTS_EVERY_SECONDS = 60
WAITLIST_EVERY_SECONDS = 30
PURGE_EVERY_SECONDS = 6 * 60 * 60
WEBHOOKS_EVERY_SECONDS = 10


def every(seconds: int, task: str) -> dict[str, Any]:
    """Return a tick of beat: a UTC interval. It expires with the next, so that hours without a worker leave one."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


app = Celery("stillpoint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    # Receivers of webhooks may hang: they have a worker of their own, and mails never wait for it.
    task_routes={"notifications.deliver_webhooks": {"queue": "webhooks"}},
    task_serializer="json",
    accept_content=["json"],
    task_soft_time_limit=60,
    task_time_limit=90,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    worker_hijack_root_logger=False,
    enable_utc=True,
    timezone="UTC",
    beat_schedule={
        "send what is due": every(SWEEP_EVERY_SECONDS, "notifications.sweep"),
        "derive reminders": every(REMINDERS_EVERY_SECONDS, "notifications.derive_reminders"),
        "end requests nobody answered": every(REQUESTS_EVERY_SECONDS, "booking.end_requests"),
        "offer free time to the waitlist": every(WAITLIST_EVERY_SECONDS, "booking.offer_waitlist"),
        "throw away what has expired": every(PURGE_EVERY_SECONDS, "booking.purge"),
        "call webhooks": every(WEBHOOKS_EVERY_SECONDS, "notifications.deliver_webhooks"),
        "forget who old messages were to": every(PURGE_EVERY_SECONDS, "notifications.forget_messages"),
        "forget old webhook calls": every(PURGE_EVERY_SECONDS, "notifications.forget_deliveries"),
    },
)
app.autodiscover_tasks()
