"""/healthz: the process answers. /readyz: it can do its work."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from notifications import queue
from web.doors import open_to

OVERDUE_SECONDS = 300


@open_to("public")
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@open_to("public")
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, else 503.

    A missing broker or overdue mail is named but keeps us ready: booking goes on without either.
    """
    database, overdue = _database()
    broker = _broker()
    late = overdue is not None and overdue > OVERDUE_SECONDS
    status = "unavailable" if not database else "degraded" if late or not broker else "ok"
    body = {"status": status, "database": database, "broker": broker, "oldest_overdue_seconds": overdue}
    return JsonResponse(body, status=200 if database else 503, headers={"Cache-Control": "no-store"})


def _database() -> tuple[bool, int | None]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True, queue.oldest_overdue_seconds(now=timezone.now())
    except DatabaseError:
        return False, None


def _broker() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=0.5) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False
