"""What booking and changing a series share: the dates that go together, and the refusal that names each conflict."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q

from booking import errors
from booking.actions.change import check_version
from booking.actions.locks import Declined, refusal_of
from booking.domain import status
from booking.models import Appointment

Result = TypeVar("Result")
Conflict = tuple[datetime, errors.Refusal]
CHANGED = "The appointment, or its series, has changed since you read it. Read it again."


def tried(run: Callable[[], Result]) -> Result | errors.Refusal:
    """Return what `run` returns, or the refusal when this one visit cannot be had; then it has written nothing.

    A savepoint keeps a constraint that refuses one visit from ending the transaction of the others. What is no
    matter of this visit's time (an unknown therapist, a limit, a busy database) is raised.
    """
    refusal: Exception
    try:
        with transaction.atomic():
            return run()
    except Declined as no:
        refusal = no.refusal()
    except IntegrityError as error:
        refusal = refusal_of(error)
    except (errors.SlotTaken, errors.NotOffered) as known:
        refusal = known
    if isinstance(refusal, errors.SlotTaken | errors.NotOffered):
        return refusal
    raise refusal


def refusal_of_all(conflicts: Sequence[Conflict], *, zone: str) -> errors.Refusal:
    """Return the refusal of the first conflict, with all of them as its `occurrences`."""
    _, first = conflicts[0]
    first.occurrences = [(start_at.astimezone(ZoneInfo(zone)), refusal) for start_at, refusal in conflicts]
    return first


def later(appointment: Appointment) -> Q:
    """Match the visits of its client's series that start later and can still be changed; none without a series."""
    if appointment.series_id is None:
        return Q(pk__in=())
    return Q(
        series=appointment.series_id,
        client=appointment.client_id,
        start_at__gt=appointment.start_at,
        status__in=status.CHANGEABLE,
    )


def locked_with_later(appointment: Appointment, *, version: int | None) -> list[Appointment]:
    """Return it and the later ones of its series as they are now, locked; itself first, then by start.

    Rows are locked in the order of their keys by everybody who locks several, so there is no circle. "Later" is
    what the caller read: when the appointment has moved since, it is stale with or without a version.
    Raises errors.Stale.
    """
    found = list(
        Appointment.objects.select_for_update(of=("self",))
        .select_related("location", "service", "client", "room")
        .filter(Q(pk=appointment.pk) | later(appointment))
        .order_by("pk")
    )
    found.sort(key=lambda one: (one.pk != appointment.pk, one.start_at, one.pk))
    if found[0].start_at != appointment.start_at:
        raise errors.Stale(CHANGED)
    if found[0].status != status.CANCELLED:  # cancelling twice is allowed, also with the first version
        check_version(found[0], version)
    return found
