"""What a calendar address shows, and how to see in one small statement that it has not changed.

The window moves once a day, at midnight UTC: in between the same studio gives the same bytes under the same stamp.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from booking import errors
from booking.domain import status
from booking.events import AppointmentFacts
from booking.models import CalendarFeed, Client, Location, Therapist
from booking.queries.facts import facts_of

NOT_FOUND = "There is no such calendar."
# One way in for each, by an index that begins with whose it is. A therapist's visits are looked up one by one (OFFSET 0
# forbids a join, which would read everybody's of these days). What is held is nobody's appointment.
WAYS_IN = {
    "therapist": """
FROM booking_assignment s
CROSS JOIN LATERAL (SELECT * FROM booking_appointment WHERE id = s.appointment_id OFFSET 0) a
WHERE s.therapist_id = {whose}
  AND lower(s.occupied) >= %(since)s - interval '1 day' AND lower(s.occupied) < %(until)s""",
    "location": "FROM booking_appointment a WHERE a.location_id = {whose}",
    "client": "FROM booking_appointment a WHERE a.client_id = {whose}",
}
WITHIN = "AND a.start_at >= %(since)s AND a.start_at < %(until)s AND a.status <> %(held)s"
# From nothing but what the index on a location's starts holds. So it is of some more than are shown, and the day goes
# into the stamp: what was cancelled falls out at midnight. Another name of a client is another version of their visits.
STAMP = "SELECT concat_ws(',', count(*), sum(hashint8extended(a.id, a.version)), extract(epoch FROM max(a.changed_at)))"
STAMPS = {of: f"({STAMP} {way.format(whose=f'f.{of}_id')} {WITHIN})" for of, way in WAYS_IN.items()}
# Names of people, rooms, services and places change with the edition of the catalogue (ADR 12). Each CASE is a plan of
# its own, and one of them runs: a join of all three ways would read every visit.
STATE = f"""
SELECT f.id, f.names, f.therapist_id, f.location_id, f.client_id, c.language, b.catalogue_edition,
  CASE WHEN f.therapist_id IS NOT NULL THEN {STAMPS["therapist"]}
       WHEN f.location_id IS NOT NULL THEN {STAMPS["location"]} ELSE {STAMPS["client"]} END
FROM booking_calendarfeed f
LEFT JOIN booking_therapist t ON t.id = f.therapist_id
LEFT JOIN booking_location l ON l.id = f.location_id
LEFT JOIN booking_client c ON c.id = f.client_id
LEFT JOIN booking_studio b ON b.id = 1
WHERE f.digest = %(digest)s AND f.revoked_at IS NULL AND t.is_active IS NOT FALSE AND l.is_active IS NOT FALSE
"""  # noqa: S608 - of our own texts; what callers send goes in as parameters
IDS = {
    of: f"""
SELECT a.id {way.format(whose="%(whose)s")} {WITHIN}
AND (a.status <> %(cancelled)s OR coalesce(a.cancelled_at, a.changed_at) >= %(gone)s)
ORDER BY a.start_at, a.reference
"""
    for of, way in WAYS_IN.items()
}


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a calendar address stands for now: `stamp` is another whenever it would show something else.

    `of` is therapist, location or client, `whose` its key. `changed_at` is UTC: when one of its appointments last
    changed, at the earliest when its window last moved.
    """

    of: str
    whose: int
    names: bool
    stamp: str
    changed_at: datetime


def feed_state(digest: str, *, now: datetime) -> FeedState:
    """Return how the address with this SHA-256 stands, in one statement, whatever it shows.

    Raises errors.NotFound when there is none, it was revoked, or its therapist or location is no longer active.
    """
    day = _midnight(now)
    with connection.cursor() as cursor:
        cursor.execute(STATE, _window(day) | {"digest": digest})
        found = cursor.fetchone()
    if found is None:
        raise errors.NotFound(NOT_FOUND)
    of, whose = next((of, key) for of, key in zip(WAYS_IN, found[2:5], strict=True) if key is not None)
    changed = found[-1].split(",")[2:]  # none where there is nothing to show
    return FeedState(
        of=of,
        whose=whose,
        names=found[1],
        stamp=hashlib.sha256(repr((found, day)).encode()).hexdigest()[:32],
        changed_at=max(day, *(datetime.fromtimestamp(float(at), UTC) for at in changed)) if changed else day,
    )


def feed_shows(state: FeedState, *, now: datetime) -> list[AppointmentFacts]:
    """Return the appointments of the feed by start, then reference, in six statements at most."""
    with connection.cursor() as cursor:
        cursor.execute(IDS[state.of], _window(_midnight(now)) | {"whose": state.whose})
        ids = [key for (key,) in cursor.fetchall()]
    facts = facts_of(ids)
    return [facts[key] for key in ids if key in facts]


def feed_title(state: FeedState) -> str:
    """Return whose calendar it is, as its reader calls it; "" for a client's own."""
    if state.of == "therapist":
        return Therapist.objects.get(pk=state.whose).name
    return Location.objects.get(pk=state.whose).name if state.of == "location" else ""


def feeds() -> QuerySet[CalendarFeed]:
    """Return the addresses that open something, of therapists, locations and clients."""
    return CalendarFeed.objects.filter(revoked_at__isnull=True).select_related("therapist", "location", "client")


def feed(reference: str) -> CalendarFeed:
    """Return it by its public name. Raises errors.NotFound, also when it was revoked."""
    found = None if "\0" in reference else feeds().filter(reference=reference).first()
    if found is None:
        raise errors.NotFound(NOT_FOUND)
    return found


def feed_subject(of: str, name: str) -> Therapist | Location | Client:
    """Return the therapist or location with this slug, or the client with this reference, by the word `of`.

    Raises errors.UnknownValue.
    """
    found: Therapist | Location | Client | None
    if of == "therapist":
        found = Therapist.objects.filter(slug=name, is_active=True).first()
    elif of == "location":
        found = Location.objects.filter(slug=name, is_active=True).first()
    else:
        found = Client.objects.filter(reference=name, forgotten_at__isnull=True).first()
    if found is None:
        raise errors.UnknownValue(of, f"There is no {of} {name}.")
    return found


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _window(day: datetime) -> dict[str, Any]:
    return {
        "since": day - timedelta(days=settings.FEED_PAST_DAYS),
        "until": day + timedelta(days=settings.FEED_FUTURE_DAYS),
        "gone": day - timedelta(days=settings.FEED_CANCELLED_DAYS),
        "held": status.HELD,
        "cancelled": status.CANCELLED,
    }
