"""The rules about when: notice, horizon, and until when a client may change their mind.

Notice and deadlines are elapsed time, so a clock change moves neither. The horizon is a local date, because
people think of it as a day on the calendar.
"""

from datetime import date, datetime, timedelta

from booking.domain.hours import local_date


def earliest_start(now: datetime, *, notice_minutes: int) -> datetime:
    """Return the first instant that is still far enough ahead of `now`."""
    return now + timedelta(minutes=notice_minutes)


def last_day(now: datetime, *, horizon_days: int, zone: str) -> date:
    """Return the last local date that may be booked, included."""
    return local_date(now, zone) + timedelta(days=horizon_days)


def change_until(start_at: datetime, *, deadline_minutes: int) -> datetime:
    """Return the last instant, itself included, at which the client may still move or cancel."""
    return start_at - timedelta(minutes=deadline_minutes)


def may_change(now: datetime, *, until: datetime) -> bool:
    return now <= until
