"""Time that comes free goes to whoever waits for it: every action that frees some says so here."""

from datetime import datetime

from booking import events


def time_came_free(location_id: int, *, now: datetime, near: tuple[datetime, datetime] | None = None) -> None:
    """Tell that time at the location may be had again, inside the transaction that frees it.

    `near` is the stretch that was occupied, when it is known: then only those who wait for that time are asked.
    """
    events.publish(events.TimeCameFree(location_id=location_id, happened_at=now, near=near))
