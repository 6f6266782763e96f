"""How fast mail goes: no faster than the provider and each domain like it, and slower to a domain that says so.

Rates are token buckets in Valkey that all workers share. When Valkey is away each process counts for itself at half
the rate: neither open nor shut. Reminders and follow-ups leave the last fifth of a bucket to news of appointments.
Off until MAIL_RATE or MAIL_RATE_PER_DOMAIN is set.

A domain that asks several times running to be tried later is left alone for the rest of a sweep: what waits for it is
put back, and the next sweep tries a few again.
"""

import hashlib
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import cast

import redis
from django.conf import settings

from notifications.channels import Answer, TryLater

logger = logging.getLogger(__name__)
SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86400}
# Too many connections (421, Microsoft's 432) hold for everybody there; 450 and 451 may be about one mailbox only.
AT_ONCE, SLOWLY = frozenset({421, 432}), frozenset({450, 451, 452})
AS_MANY_RUNNING = 3
PAUSE_SECONDS = 60.0
PATIENCE, AWAY_FOR = 0.5, 10.0
# Each bucket is KEYS[i]: tokens and when that was. ARGV has for each its size, tokens a second, and what to leave.
TAKE = """
local at = redis.call('TIME')
local now, wait, left = tonumber(at[1]) + tonumber(at[2]) / 1000000, 0, {}
for i, key in ipairs(KEYS) do
  local size, rate, leave = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
  local known = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = math.min(size, (tonumber(known[1]) or size) + (now - (tonumber(known[2]) or now)) * rate)
  left[i] = tokens
  wait = math.max(wait, (1 + leave - tokens) / rate)
end
if wait > 0 then return tostring(wait) end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'tokens', left[i] - 1, 'at', now)
  redis.call('EXPIRE', key, math.ceil(tonumber(ARGV[3*i-2]) / tonumber(ARGV[3*i-1])) + 1)
end
return '0'
"""
_lock = threading.Lock()
_here: dict[str, tuple[float, float]] = {}
_valkey: list[redis.Redis] = []
_away_until = [0.0]


@dataclass(frozen=True, slots=True)
class Bucket:
    """`size` mails may go together, and `rate` a second after that."""

    key: str
    size: int
    rate: float

    def left_to_news(self, *, bulk: bool) -> int:
        return self.size // 5 if bulk else 0


def bucket(name: str, who: str, rate: str) -> Bucket | None:
    """Return the bucket for `600/min`, which holds a tenth of that; None for a limit of 0, which is none."""
    number, _, period = rate.partition("/")
    if not int(number):
        return None
    # An address's domain may be a person's name: no key of ours holds it.
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    return Bucket(f"mail-pace:{name}:{digest}", max(1, int(number) // 10), int(number) / SECONDS[period])


class Pace:
    """Says for each mail of one sweep how long it is to wait. Not for two threads at once."""

    def __init__(self) -> None:
        self._running: Counter[str] = Counter()
        self._paused: set[str] = set()
        self._held: Counter[str] = Counter()

    def wait(self, domain: str, *, bulk: bool) -> float:
        """Take a mail's place in the buckets; return 0 when it may go, else the seconds to wait, and take nothing.

        What has to wait is spread over the time that the rate allows for it.
        """
        if domain in self._paused:
            return PAUSE_SECONDS
        found = (bucket("provider", "", settings.MAIL_RATE), bucket("domain", domain, settings.MAIL_RATE_PER_DOMAIN))
        buckets = [one for one in found if one is not None]
        seconds = take(buckets, bulk=bulk) if buckets else 0.0
        if seconds <= 0:
            return 0.0
        self._held[domain] += 1
        return seconds + self._held[domain] / min(one.rate for one in buckets)

    def heard(self, domain: str, answer: Answer) -> None:
        """Remember what was said to a mail for that domain."""
        if not isinstance(answer, TryLater) or answer.code not in AT_ONCE | SLOWLY:
            self._running[domain] = 0
            return
        self._running[domain] += 1
        if answer.code in AT_ONCE or self._running[domain] >= AS_MANY_RUNNING:
            self._paused.add(domain)


def take(buckets: list[Bucket], *, bulk: bool) -> float:
    """Take one token of each bucket, or none of any; return the seconds until there is one in each."""
    if time.monotonic() >= _away_until[0]:
        try:
            return _take_there(buckets, bulk=bulk)
        except redis.RedisError as error:
            logger.warning("Valkey is away; counting mails here: %s", type(error).__name__)
            _away_until[0] = time.monotonic() + AWAY_FOR
    return _take_here(buckets, bulk=bulk)


def _take_there(buckets: list[Bucket], *, bulk: bool) -> float:
    if not _valkey:
        _valkey.append(
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        )
    known = [value for one in buckets for value in (one.size, one.rate, one.left_to_news(bulk=bulk))]
    said = _valkey[0].eval(TAKE, len(buckets), *(one.key for one in buckets), *(str(value) for value in known))
    return float(cast(bytes, said))


def _take_here(buckets: list[Bucket], *, bulk: bool) -> float:
    now = time.monotonic()
    with _lock:
        if len(_here) > 10_000:
            _here.clear()
        left, seconds = {}, 0.0
        for one in buckets:
            tokens, at = _here.get(one.key, (float(one.size), now))
            rate = one.rate / 2
            left[one.key] = min(one.size, tokens + (now - at) * rate)
            seconds = max(seconds, (1 + one.left_to_news(bulk=bulk) - left[one.key]) / rate)
        if seconds <= 0:
            _here.update({key: (tokens - 1, now) for key, tokens in left.items()})
    return max(0.0, seconds)
