"""What others know about appointments, for the desk to see: asked in the statement that reads them anyway.

Booking knows nothing of those who know: they say so when the house is opened, as those who listen to events do.
"""

from collections.abc import Callable

from django.db.models import Exists, QuerySet

from booking.models import Appointment

_flags: dict[str, Callable[[], Exists]] = {}


def know(name: str, condition: Callable[[], Exists]) -> None:
    """Have each appointment that the desk reads carry `name`, which is whether `condition` holds of OuterRef("pk")."""
    _flags[name] = condition


def flagged(found: QuerySet[Appointment]) -> QuerySet[Appointment]:
    return found.annotate(**{name: condition() for name, condition in _flags.items()})
