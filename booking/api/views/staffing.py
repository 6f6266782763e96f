"""Therapists and when they work, for staff to keep; the list of therapists stays everybody's."""

from typing import Any

from django.db.models import F
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.actions.locks import in_one_transaction
from booking.api import catalogue_responses as responses
from booking.api.catalogue_requests import (
    WEEKDAYS,
    DateOverrideAnswer,
    DateOverrideFields,
    HoursAnswer,
    HoursFields,
    HoursQuery,
    TherapistFields,
)
from booking.api.pagination import page
from booking.api.permissions import AnyoneReads, Staff
from booking.api.rows import Row, all_named, changes, created, named, one_of, save
from booking.api.schema import documented
from booking.api.views import catalogue
from booking.api.views.catalogue import parsed
from booking.api.views.places import ADMIN_WRITES
from booking.models import DateOverride, Location, Scope, Service, Therapist, WeeklyHours

DESK_WRITES = {"GET": Scope.READ, "POST": Scope.DESK, "PATCH": Scope.DESK, "DELETE": Scope.DESK}


class TherapistsView(catalogue.TherapistsView):
    permission_classes = [AnyoneReads]
    scopes = {"GET": "public", "POST": Scope.ADMIN}

    @documented(TherapistFields, operation="add_therapist", body=TherapistFields, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(TherapistFields, request.data)
        now = timezone.now()
        return created(request, lambda: _put_therapist(Therapist(), asked), at="therapists", name="slug", now=now)


class TherapistView(APIView):
    permission_classes = [Staff]
    scopes = ADMIN_WRITES

    @documented(TherapistFields, operation="read_therapist")
    def get(self, request: Request, slug: str) -> Response:
        return Response(responses.therapist(one_of(Therapist.objects.all(), slug=slug)))

    @documented(TherapistFields, operation="change_therapist", body=TherapistFields)
    def patch(self, request: Request, slug: str) -> Response:
        who = one_of(Therapist.objects.all(), slug=slug)
        asked = changes(TherapistFields, request.data, present=who)
        return Response(in_one_transaction(lambda: _put_therapist(who, asked)))

    @documented("nothing", operation="retire_therapist", status=204)
    def delete(self, request: Request, slug: str) -> Response:
        save(one_of(Therapist.objects.all(), slug=slug), {"is_active": False})
        return Response(status=204)


def _put_therapist(who: Therapist, asked: dict[str, Any]) -> dict[str, Any]:
    skills = all_named(Service, asked.get("services", []), "services")
    save(who, {name: value for name, value in asked.items() if name != "services"})
    if "services" in asked:
        who.skills.set(skills)
    return responses.therapist(who)


class HoursView(APIView):
    permission_classes = [Staff]
    scopes = DESK_WRITES

    @documented(HoursAnswer, operation="list_hours", paged=True, query=HoursQuery)
    def get(self, request: Request) -> Response:
        found = WeeklyHours.objects.annotate(who=F("therapist__slug")).select_related("therapist", "location")
        found = found.filter(**_filters(parsed(HoursQuery, request.query_params.dict())))
        order = ("who", "valid_from", "weekday", "opens", "reference")
        return page(found, request, responses.hours, ordering=order)

    @documented(HoursAnswer, operation="add_hours", body=HoursFields, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(HoursFields, request.data)

        def run() -> dict[str, Any]:
            return responses.hours(_put_span(WeeklyHours(), asked))

        return created(request, run, at="hours", name="reference", now=timezone.now())


class OneHoursView(APIView):
    permission_classes = [Staff]
    scopes = DESK_WRITES

    @documented(HoursAnswer, operation="read_hours")
    def get(self, request: Request, reference: str) -> Response:
        return Response(responses.hours(_hours(reference)))

    @documented(HoursAnswer, operation="change_hours", body=HoursFields)
    def patch(self, request: Request, reference: str) -> Response:
        span = _hours(reference)
        return Response(responses.hours(_put_span(span, changes(HoursFields, request.data, present=span))))

    @documented("nothing", operation="remove_hours", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        _hours(reference).delete()
        return Response(status=204)


class DateOverridesView(APIView):
    permission_classes = [Staff]
    scopes = DESK_WRITES

    @documented(DateOverrideAnswer, operation="list_date_overrides", paged=True, query=HoursQuery)
    def get(self, request: Request) -> Response:
        found = DateOverride.objects.select_related("therapist", "location")
        found = found.filter(**_filters(parsed(HoursQuery, request.query_params.dict())))
        return page(found, request, responses.date_override, ordering=("on", "opens", "reference"))

    @documented(DateOverrideAnswer, operation="add_date_override", body=DateOverrideFields, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(DateOverrideFields, request.data)

        def run() -> dict[str, Any]:
            return responses.date_override(_put_span(DateOverride(), asked))

        return created(request, run, at="date-overrides", name="reference", now=timezone.now())


class DateOverrideView(APIView):
    permission_classes = [Staff]
    scopes = DESK_WRITES

    @documented(DateOverrideAnswer, operation="read_date_override")
    def get(self, request: Request, reference: str) -> Response:
        return Response(responses.date_override(_date_override(reference)))

    @documented(DateOverrideAnswer, operation="change_date_override", body=DateOverrideFields)
    def patch(self, request: Request, reference: str) -> Response:
        span = _date_override(reference)
        asked = changes(DateOverrideFields, request.data, present=span)
        return Response(responses.date_override(_put_span(span, asked)))

    @documented("nothing", operation="remove_date_override", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        _date_override(reference).delete()
        return Response(status=204)


def _hours(reference: str) -> WeeklyHours:
    return one_of(WeeklyHours.objects.select_related("therapist", "location"), reference=reference)


def _date_override(reference: str) -> DateOverride:
    return one_of(DateOverride.objects.select_related("therapist", "location"), reference=reference)


def _filters(asked: dict[str, Any]) -> dict[str, Any]:
    kinds: dict[str, Any] = {"therapist": Therapist, "location": Location}
    return {name: named(kind, asked[name], name) for name, kind in kinds.items() if name in asked}


def _put_span(span: Row, asked: dict[str, Any]) -> Row:
    """Put hours onto the row as the clocks of the location show them, whatever zone the caller is in, and save."""
    values = asked | _filters(asked)
    if "weekday" in values:
        values["weekday"] = WEEKDAYS.index(values["weekday"])
    if "date" in values:
        values["on"] = values.pop("date")
    save(span, values)
    return span
