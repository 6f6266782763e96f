"""What we answer about absences, as plain dictionaries."""

from datetime import datetime
from typing import Any

from booking.actions.move_affected import Moved
from booking.api.problems import PROBLEMS
from booking.api.responses import instant
from booking.models import Appointment, Closure, Location, TimeOff
from booking.queries.absence import Absence, Alternatives, affected, alternatives


def time_off(one: TimeOff) -> dict[str, Any]:
    """Return it by the clocks of the first location the therapist has hours at."""
    place = Location.objects.filter(weekly_hours__therapist=one.therapist_id).first()
    return {"therapist": one.therapist.slug, **_stretch(one, place.time_zone if place else "UTC")}


def closure(one: Closure) -> dict[str, Any]:
    return {"location": one.location.slug, **_stretch(one, one.location.time_zone)}


def _stretch(one: Absence, zone: str) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "from": instant(one.start_at, zone),
        "until": instant(one.end_at, zone),
        "time_zone": zone,
        "reason": one.reason,
    }


def who_is_affected(absence: Absence, *, now: datetime) -> list[dict[str, Any]]:
    """Return each appointment the absence lies over, by start."""
    return [_affected(one) for one in affected(absence, now=now)]


def where_they_could_go(absence: Absence, *, now: datetime) -> list[dict[str, Any]]:
    """Return the same, each with what could become of it. That takes looking for: some milliseconds a visit."""
    visits = affected(absence, now=now)
    found = alternatives(visits, now=now)
    return [_affected(one) | {"alternatives": _places(one, of)} for one, of in zip(visits, found, strict=True)]


def _affected(one: Appointment) -> dict[str, Any]:
    client = one.client
    return {
        **_visit(one),
        "status": one.status,
        "service": one.service.slug,
        "variation": one.variation.slug,
        "location": one.location.slug,
        "requested_therapist": one.requested_therapist,
        "client": client
        and {"reference": client.reference, "name": client.name, "email": client.email, "phone": client.phone},
    }


def _places(one: Appointment, found: Alternatives) -> dict[str, Any]:
    zone = one.time_zone
    return {
        "therapists": found.therapists,
        "starts": [instant(at, zone) for at in found.starts],
        "starts_with_anyone": [{"start": instant(at, zone), "therapists": who} for at, who in found.starts_with_anyone],
    }


def _visit(one: Appointment) -> dict[str, Any]:
    return {
        "appointment": one.reference,
        "therapists": sorted(assignment.therapist.slug for assignment in one.assignments.all()),
        "start": instant(one.start_at, one.time_zone),
        "end": instant(one.end_at, one.time_zone),
        "time_zone": one.time_zone,
    }


def moved(done: Moved) -> dict[str, Any]:
    return {
        "moved": [_visit(one) for one in done.moved],
        "left": [
            {"appointment": one.reference, "code": PROBLEMS[type(no)].code, "detail": no.detail}
            for one, no in done.left
        ],
    }
