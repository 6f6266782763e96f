from typing import Any

from django.http import HttpResponseRedirect
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications import preferences
from notifications.models import Preference


class Wishes(serializers.Serializer[Any]):
    tips = serializers.BooleanField(required=False)
    follow_ups = serializers.BooleanField(required=False)
    reminders = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, bool]) -> dict[str, bool]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name[:64]: ["There is no such field."] for name in unknown})
        return attrs


def shown(preference: Preference) -> dict[str, bool]:
    return {
        "tips": preference.tips,
        "follow_ups": preference.follow_ups,
        "reminders": preference.reminders,
    }


class PreferencesView(APIView):
    """Whoever holds the token from a mail; it names nobody."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    scope = "link"

    @extend_schema(responses=Wishes)
    def get(self, request: Request, token: str) -> Response:
        return Response(shown(preferences.find(token)), headers={"Cache-Control": "no-store"})

    @extend_schema(request=Wishes, responses=Wishes)
    def patch(self, request: Request, token: str) -> Response:
        wanted = Wishes(data=request.data)
        wanted.is_valid(raise_exception=True)
        changed = preferences.change(token, wanted.validated_data, now=timezone.now())
        return Response(shown(changed), headers={"Cache-Control": "no-store"})


class OneClickView(APIView):
    """RFC 8058: a mail program's own button. POST without cookies acts; GET leads to the page and changes nothing."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    parser_classes: list[type[BaseParser]] = [FormParser, MultiPartParser]
    scope = "link"

    @extend_schema(exclude=True)
    def get(self, request: Request, token: str) -> HttpResponseRedirect:
        preferences.find(token)
        return HttpResponseRedirect(f"/preferences/{token}/")

    @extend_schema(request=None, responses=Wishes)
    def post(self, request: Request, token: str) -> Response:
        return Response(shown(preferences.one_click(token, now=timezone.now())))
