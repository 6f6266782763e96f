"""How requests ended."""

from collections.abc import Iterable

from booking.models import HistoryEntry


def unanswered(appointment_ids: Iterable[int]) -> set[int]:
    """Return those whose request ended because nobody answered it: no person declined it, but the clock.

    Of one that was declined twice, with an undo between, the last time counts. One SQL statement.
    """
    declined = HistoryEntry.objects.filter(appointment__in=list(appointment_ids), action="declined").order_by(
        "at", "id"
    )
    last = dict(declined.values_list("appointment_id", "channel"))
    return {appointment_id for appointment_id, channel in last.items() if channel == "job"}
