"""Limits for each client address, counted in one atomic step in Valkey.

When Valkey is away a counter in the process takes over at half the limit: neither open nor shut (reliability S62).
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import redis
from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # at run time it would be a circle: a view's defaults name this module
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)
SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86400}
COUNT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('TTL', KEYS[1])}
"""
_lock = threading.Lock()
_local: dict[str, tuple[int, float]] = {}
_valkey: list[redis.Redis] = []
_away_until = [0.0]
PATIENCE, AWAY_FOR = 0.5, 10.0  # seconds
Answer = TypeVar("Answer")


def parse(rate: str) -> tuple[int, int]:
    """Return how many requests in how many seconds `10/hour` allows; 0 requests is no limit."""
    number, _, period = rate.partition("/")
    return int(number), SECONDS[period]


def client_address(request: HttpRequest | Request) -> str:
    """Return who sent it: the peer, or what NUM_PROXIES trusted proxies of ours say of it.

    Without proxies the X-Forwarded-For header is anybody's word and is ignored.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if settings.NUM_PROXIES == 0:
        return peer
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return chain[-settings.NUM_PROXIES] if len(chain) >= settings.NUM_PROXIES else peer


def count(name: str, who: str, rate: str) -> float:
    """Count one request of `who`; return 0 when it is within `rate`, else the seconds to wait."""
    allowed, period = parse(rate)
    if allowed == 0:
        return 0
    key = _key(name, who)
    here = _count_here(key, period)  # always, so that the count goes on where it is when Valkey goes away
    counted = _ask(lambda server: server.eval(COUNT, 1, key, period))
    if counted is None:
        counted, allowed = here, max(1, allowed // 2)
    number, left = counted
    return max(1.0, float(left)) if number > allowed else 0


def _server() -> redis.Redis:
    if not _valkey:
        _valkey.append(
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        )
    return _valkey[0]


def _ask(question: Callable[[redis.Redis], Answer]) -> Answer | None:
    """Return Valkey's answer, None when it is away; then it is left alone for a while, so that nobody waits."""
    if time.monotonic() < _away_until[0]:
        return None
    try:
        return question(_server())
    except redis.RedisError as error:
        logger.warning("Valkey is away; counting here: %s", type(error).__name__)
        _away_until[0] = time.monotonic() + AWAY_FOR
        return None


def _count_here(key: str, period: int) -> tuple[int, float]:
    now = time.monotonic()
    with _lock:
        if len(_local) > 10_000:
            _local.clear()
        number, ends = _local.get(key, (0, now + period))
        if ends <= now:
            number, ends = 0, now + period
        _local[key] = (number + 1, ends)
        return number + 1, ends - now


def check(name: str, who: str) -> None:
    """Count one request of `who` under settings.LIMITS[name]. Raises Throttled when that was too many."""
    left = count(name, who, settings.LIMITS[name])
    if left:
        raise Throttled(wait=left)


def count_one(name: str, who: str) -> None:
    """Count something that has happened, under settings.LIMITS[name]."""
    count(name, who, settings.LIMITS[name])


def check_room_for_one_more(name: str, who: str) -> None:
    """Raise Throttled when the limit is used up; count nothing, for it may still come to nothing."""
    allowed, _ = parse(settings.LIMITS[name])
    if allowed == 0:
        return
    key = _key(name, who)
    answered = _ask(lambda server: (int(server.get(key) or 0), server.ttl(key)))
    used, left = answered or (2 * _local.get(key, (0, 0.0))[0], 60)
    if used >= allowed:
        raise Throttled(wait=max(1, left))


def _key(name: str, who: str) -> str:
    return f"limit:{name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"


def _is_staff(request: Request) -> bool:
    """Say whether a key or a session of the desk stands behind the request."""
    return bool(getattr(request.auth, "is_staff", False) or getattr(request.user, "is_staff", False))


class AddressThrottle(BaseThrottle):
    """Limits by the view's `limit`, a name in settings.LIMITS, or by method in `limits`."""

    def __init__(self) -> None:
        self.left = 0.0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        name = getattr(view, "limits", {}).get(request.method, getattr(view, "limit", "other"))
        if name == "book" and _is_staff(request):
            name = "other"  # the desk books for everybody who calls
        self.left = count(name, client_address(request), settings.LIMITS[name])
        return self.left == 0

    def wait(self) -> float | None:
        return self.left or None
