"""Why a start is offered or not, for the desk."""

from dataclasses import asdict
from datetime import UTC
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import access, queries
from booking.api.authentication import caller_of
from booking.api.permissions import Staff
from booking.api.requests import ExplainQuery
from booking.api.responses import instant
from booking.api.schema import documented
from booking.api.views.catalogue import parsed
from booking.domain import reasons
from booking.models import Scope


class VerdictAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    reason = serializers.ChoiceField(reasons.ALL, allow_null=True, help_text="What keeps them out; null lets them in.")


class ExplanationAnswer(serializers.Serializer[Any]):
    location = serializers.CharField()
    variation = serializers.CharField()
    start = serializers.DateTimeField()
    offered = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    therapists = VerdictAnswer(many=True)
    rooms = VerdictAnswer(many=True)


class ExplainView(APIView):
    permission_classes = [Staff]
    scope = Scope.READ

    @documented(ExplanationAnswer, operation="explain_slot", query=ExplainQuery)
    def get(self, request: Request) -> Response:
        asked = parsed(ExplainQuery, request.query_params.dict())
        wanted = queries.wanted(
            location=asked["location"], variation=asked["variation"], add_ons=asked.get("add_ons", ())
        )
        moved = asked.get("instead_of")
        own = access.appointment_for(caller_of(request), moved).pk if moved else 0
        start_at = asked["start"].astimezone(UTC)
        found = queries.explain(wanted, start_at, now=timezone.now(), instead_of=own)
        zone = wanted.location.time_zone
        about = {"location": asked["location"], "variation": asked["variation"], "start": instant(start_at, zone)}
        return Response(about | asdict(found))
