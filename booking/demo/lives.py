"""What became of a visit: when it was booked, and whether it was cancelled, missed or had. Plain values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from booking.domain import policy, status

SHORTEST_NOTICE = timedelta(hours=2)
LONGEST_NOTICE_DAYS = 60.0
USUAL_NOTICE_DAYS = 4.0
CANCELLED_OF_ALL = 0.07
NOT_COME_OF_ALL = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """A line of history; `to` is the status after it."""

    action: str
    at: datetime
    to: str


@dataclass(frozen=True, slots=True)
class Life:
    """`changes` ascend in time, the first is the booking; none of them is in the future."""

    changes: tuple[Change, ...]
    late: bool = False

    @property
    def status(self) -> str:
        return self.changes[-1].to

    @property
    def is_over(self) -> bool:
        return self.status not in status.BLOCKING or self.status == status.FULFILLED

    @property
    def booked_at(self) -> datetime:
        return self.changes[0].at

    @property
    def changed_at(self) -> datetime:
        return self.changes[-1].at


def life_of(start_at: datetime, end_at: datetime, *, deadline_minutes: int, rng: Random, now: datetime) -> Life:
    """Return the life, as it is at `now`, of a visit that was to take place then.

    Takes the same numbers from `rng` at any `now`: tomorrow the same visit has the same life, a day longer.
    """
    notice = SHORTEST_NOTICE + timedelta(days=min(rng.expovariate(1 / USUAL_NOTICE_DAYS), LONGEST_NOTICE_DAYS))
    recently, outcome, change_of_mind = rng.random(), rng.random(), rng.random()
    booked_at = _whole_minute(start_at - notice)
    if booked_at >= now:
        booked_at = _whole_minute(now - timedelta(minutes=5) - timedelta(days=4) * recently)
    booked = Change("booked", booked_at, status.BOOKED)
    if outcome < CANCELLED_OF_ALL:
        at = _whole_minute(booked_at + (min(start_at, now) - booked_at) * change_of_mind)
        until = policy.change_until(start_at, deadline_minutes=deadline_minutes)
        return Life((booked, Change("cancelled", at, status.CANCELLED)), late=not policy.may_change(at, until=until))
    if now < start_at:
        return Life((booked,))
    arrived = Change("checked-in", start_at, status.ARRIVED)
    if now < end_at:
        return Life((booked, arrived))
    if outcome < CANCELLED_OF_ALL + NOT_COME_OF_ALL:
        return Life((booked, Change("no-show", end_at, status.NOSHOW)))
    return Life((booked, arrived, Change("completed", end_at, status.FULFILLED)))


def _whole_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
