"""What we answer about visits that come again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rest_framework import serializers

from booking import errors
from booking.access import Caller
from booking.actions.series_book import BookedSeries, Occurrence
from booking.api import responses, schema
from booking.api.problems import PROBLEMS
from booking.models import Appointment, Series


class OccurrenceAnswer(serializers.Serializer[Any]):
    """Either `problem`, or the other three."""

    start = serializers.DateTimeField()
    reference = serializers.CharField(required=False)
    token = serializers.CharField(required=False, help_text="Opens this visit; only here and in mails.")
    manage_url = serializers.URLField(required=False)
    problem = schema.OccurrenceProblem(required=False)


class BookedSeriesAnswer(serializers.Serializer[Any]):
    reference = serializers.CharField(help_text="Of the series.")
    occurrences = OccurrenceAnswer(many=True)


class SeriesAnswer(serializers.Serializer[Any]):
    reference = serializers.CharField(help_text="Of the series.")
    every_weeks = serializers.IntegerField()
    times = serializers.IntegerField(help_text="As many as were asked for.")
    occurrences = schema.Appointment(many=True)


def booked_series(done: BookedSeries, *, zone: str, caller: Caller, now: datetime) -> dict[str, Any]:
    """Return one entry an occurrence, ascending, with its token or its problem."""
    return {
        "reference": done.series.reference,
        "occurrences": [_entry(one, zone=zone, caller=caller, now=now) for one in done.occurrences],
    }


def _entry(one: Occurrence, *, zone: str, caller: Caller, now: datetime) -> dict[str, Any]:
    start = responses.instant(one.start_at, zone)
    if isinstance(one.outcome, errors.Refusal):
        return {"start": start, "problem": problem(one.outcome)}
    told = responses.booked(one.outcome, caller=caller, now=now)
    return {name: told[name] for name in ("start", "reference", "token", "manage_url")}


def problem(refusal: errors.Refusal) -> dict[str, Any]:
    """Return why one visit of a series cannot be had: the code and words it would be refused with by itself."""
    told = PROBLEMS[type(refusal)]
    known: dict[str, Any] = {"code": told.code, "detail": refusal.detail or told.title}
    if isinstance(refusal, errors.NotOffered):
        known["reasons"] = refusal.reasons
    if isinstance(refusal, errors.NotOffered | errors.SlotTaken):
        known["nearest"] = [at.isoformat() for at in refusal.nearest]
    return known


def conflicts(refusal: errors.Refusal) -> list[dict[str, Any]]:
    """Return each visit of a series that stands in the way of it; empty when it is about no series."""
    return [{"start": start.isoformat(), "problem": problem(other)} for start, other in refusal.occurrences]


def series(one: Series, visits: Iterable[Appointment], *, caller: Caller, now: datetime) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "every_weeks": one.every_weeks,
        "times": one.times,
        "occurrences": [responses.appointment(visit, caller=caller, now=now) for visit in visits],
    }
