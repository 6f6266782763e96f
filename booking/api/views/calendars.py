"""Addresses for calendar programs: the desk makes them, sees which there are, and ends one without the others."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import queries
from booking.actions.make_feed import end_feed, make_feed
from booking.api.fields import LineField, StrictSerializer, YesNoField
from booking.api.idempotency import Answer, Once
from booking.api.pagination import page
from booking.api.permissions import Staff
from booking.api.requests import LocationsQuery, SlugField
from booking.api.schema import documented
from booking.api.views.catalogue import parsed
from booking.models import CalendarFeed, Scope

WHOSE = ("therapist", "location", "client")


class FeedRequest(StrictSerializer):
    therapist = SlugField(required=False)
    location = SlugField(required=False)
    client = LineField(required=False, max_length=10, help_text="A client's reference.")
    names = YesNoField(required=False)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["label"] = LineField(required=False, allow_blank=True, max_length=80)  # a field has a label of its own
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in WHOSE) != 1:
            raise serializers.ValidationError("Name one therapist, one location or one client.")
        return attrs


class FeedAnswer(serializers.Serializer[Any]):
    reference = serializers.CharField()
    therapist = serializers.CharField(allow_null=True)
    location = serializers.CharField(allow_null=True)
    client = serializers.CharField(allow_null=True)
    names = serializers.BooleanField(help_text="Whether clients' first names stand in it.")
    created_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"label": serializers.CharField()}


class NewFeedAnswer(FeedAnswer):
    url = serializers.URLField(help_text="Opens the calendar; only here.")


def shown(one: CalendarFeed) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "therapist": one.therapist.slug if one.therapist is not None else None,
        "location": one.location.slug if one.location is not None else None,
        "client": one.client.reference if one.client is not None else None,
        "label": one.label,
        "names": one.names,
        "created_at": one.created_at.isoformat(),
    }


def address_of(secret: str) -> str:
    return f"{settings.PUBLIC_URL}/api/v1/calendars/{secret}.ics"


class CalendarsView(APIView):
    permission_classes = [Staff]
    scope = Scope.DESK

    @documented(FeedAnswer, operation="list_calendars", paged=True, query=LocationsQuery)
    def get(self, request: Request) -> Response:
        parsed(LocationsQuery, request.query_params.dict())
        return page(queries.feeds(), request, shown, ordering=("-created_at", "reference"))

    @documented(NewFeedAnswer, operation="make_calendar", body=FeedRequest, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked, now = parsed(FeedRequest, request.data), timezone.now()

        def make() -> Answer:
            [whose] = [name for name in WHOSE if name in asked]
            of = queries.feed_subject(whose, asked[whose])
            made = make_feed(of, label=asked.get("label", ""), names=asked.get("names", True), now=now)
            return 201, shown(made.feed) | {"url": address_of(made.secret)}

        (status, body), replayed = Once(request, now=now).answer(make)
        headers = {"Cache-Control": "no-store"} | ({"Idempotency-Replayed": "true"} if replayed else {})
        return Response(body, status=status, headers=headers)


class CalendarView(APIView):
    permission_classes = [Staff]
    scope = Scope.DESK

    @documented("nothing", operation="end_calendar", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        end_feed(queries.feed(reference), now=timezone.now())
        return Response(status=204)
