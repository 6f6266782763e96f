"""Limits for each client address, counted in one atomic step in Valkey.

When Valkey is away a counter in the process takes over at half the limit: neither open nor shut (reliability S62).
"""

import hashlib
import logging
import threading
import time
from typing import TYPE_CHECKING

import redis
from django.conf import settings
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


def parse(rate: str) -> tuple[int, int]:
    """Return how many requests in how many seconds `10/hour` allows; 0 requests is no limit."""
    number, _, period = rate.partition("/")
    return int(number), SECONDS[period]


def client_address(request: Request) -> str:
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
    key = f"limit:{name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    try:
        number, left = _server().eval(COUNT, 1, key, period)
    except redis.RedisError:
        number, left = _count_here(key, period)
        allowed = max(1, allowed // 2)
    return max(1.0, float(left)) if number > allowed else 0


def _server() -> redis.Redis:
    if not _valkey:
        _valkey.append(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.2))
    return _valkey[0]


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
