"""The hours in which nobody wants to be reminded of anything, by the clock of the place they go to.

Only reminders and follow-ups heed them. News of an appointment, and the answer to what a client has just done, go
at any hour: who cancels tomorrow's visit at midnight should not find it standing there in the morning.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from booking import queries
from notifications import queue
from notifications.models import Kind, Message, State

HEEDED_BY = (Kind.REMINDER, Kind.FOLLOW_UP)
# What cannot wait for the end goes so long before the beginning, to be through the post office by then.
AHEAD = timedelta(minutes=15)
LONGEST = timedelta(days=1, hours=2)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """[begins, ends) by the wall clock; over midnight when they end at or before they begin."""

    begins: time
    ends: time

    def around(self, at: datetime, zone: str) -> tuple[datetime, datetime] | None:
        """Return the first and last instant, UTC, of the quiet hours that `at` falls into; None when it may go.

        A clock change inside makes them an hour shorter or longer; they begin and end by the clock.
        """
        today = queries.wall_clock(at, zone).date()
        for on in (today - timedelta(days=1), today):
            last_on = on if self.begins < self.ends else on + timedelta(days=1)
            begins = queries.wall_instant(on, self.begins, zone)
            ends = queries.wall_instant(last_on, self.ends, zone)
            if begins <= at < ends:
                return begins, ends
        return None

    def moved(self, due_at: datetime, zone: str, *, last: datetime) -> datetime:
        """Return when to send what is due at `due_at`: at the end of quiet hours, before them when that is too late.

        `last` is the last instant at which it is of use.
        """
        found = self.around(due_at, zone)
        if found is None:
            return due_at
        begins, ends = found
        return ends if ends <= last else begins - AHEAD


def hours() -> QuietHours | None:
    """Return the studio's quiet hours as they are set now; one SQL statement."""
    studio = queries.studio()
    if studio.quiet_from is None or studio.quiet_until is None:
        return None
    return QuietHours(studio.quiet_from, studio.quiet_until)


def hours_for(messages: list[Message]) -> QuietHours | None:
    """Return the quiet hours when one of these claimed messages heeds them."""
    return hours() if any(message.kind in HEEDED_BY for message in messages) else None


def put_off(message: Message, hours: QuietHours | None, *, zone: str, now: datetime) -> bool:
    """Put a claimed message off until the quiet hours are over, or end it when that is too late; say whether.

    It was due outside of them: a mail server that was away, or a second try, has brought it here.
    """
    found = hours.around(now, zone) if hours is not None and message.kind in HEEDED_BY else None
    if found is None:
        return False
    _, ends = found
    if message.not_after is not None and ends > message.not_after:
        queue.ended(message, State.EXPIRED, "The quiet hours last until it is of no more use.")
    else:
        queue.waits(message, "It waits until the quiet hours are over.", until=ends)
    return True
