"""The waitlist: join, be offered a time, take it or not, leave. One use case a file."""

from functools import partial

from django.db import transaction

from booking import events
from booking.actions.waitlist.fill import fill_gaps
from booking.queries import in_line


def subscribe() -> None:
    events.subscribe(events.TimeCameFree, on_time_came_free)


def on_time_came_free(event: events.TimeCameFree) -> None:
    """Once the time is free for good, offer it to whoever waits for it; what goes wrong then undoes nothing.

    It is a hint: a task looks again every half minute.
    """
    now, near = event.happened_at, event.near
    if in_line(event.location_id, now=now, near=near).exists():
        transaction.on_commit(partial(fill_gaps, event.location_id, now=now, near=near), robust=True)
