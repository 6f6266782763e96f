"""Clients as the desk knows them."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.actions.forget_client import forget_client
from booking.actions.write_client import write_client
from booking.api.fields import AddressField, LineField, NameField, PhoneField, StrictSerializer, WordField, ZoneField
from booking.api.pagination import page
from booking.api.permissions import Staff
from booking.api.requests import LANGUAGES, LocationsQuery
from booking.api.rows import changes, created, one_of
from booking.api.schema import documented
from booking.api.views.catalogue import parsed
from booking.api.views.staffing import DESK_WRITES
from booking.models import Client


class ClientFields(StrictSerializer):
    """A telephone client may have no address."""

    name = NameField()
    email = AddressField(required=False, allow_blank=True, max_length=254)
    phone = PhoneField(required=False, allow_blank=True, max_length=40)
    time_zone = ZoneField(required=False, allow_blank=True, max_length=64)
    language = WordField(LANGUAGES, required=False)


class ClientsQuery(LocationsQuery):
    query = LineField(required=False, max_length=100)


class ClientAnswer(ClientFields):
    reference = serializers.CharField()
    created_at = serializers.DateTimeField()


def shown(one: Client) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "name": one.name,
        "email": one.email,
        "phone": one.phone,
        "time_zone": one.time_zone,
        "language": one.language,
        "created_at": one.created_at.isoformat(),
    }


def _known() -> Any:
    return Client.objects.filter(forgotten_at=None)


class ClientsView(APIView):
    permission_classes = [Staff]
    scopes = DESK_WRITES

    @documented(ClientAnswer, operation="list_clients", paged=True, query=ClientsQuery)
    def get(self, request: Request) -> Response:
        asked = parsed(ClientsQuery, request.query_params.dict())
        found = _known()
        for word in asked.get("query", "").split():
            found = found.filter(
                Q(name__icontains=word) | Q(email__icontains=word) | Q(phone__contains=word) | Q(reference=word.upper())
            )
        return page(found, request, shown, ordering=("-created_at", "reference"))

    @documented(ClientAnswer, operation="add_client", body=ClientFields, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked, now = parsed(ClientFields, request.data), timezone.now()
        return created(request, lambda: _new(asked, now=now), at="clients", name="reference", now=now)


def _new(asked: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    return shown(write_client(Client(created_at=now), asked, now=now))


class ClientView(APIView):
    permission_classes = [Staff]
    scopes = DESK_WRITES

    @documented(ClientAnswer, operation="read_client")
    def get(self, request: Request, reference: str) -> Response:
        return Response(shown(one_of(_known(), reference=reference)))

    @documented(ClientAnswer, operation="change_client", body=ClientFields)
    def patch(self, request: Request, reference: str) -> Response:
        client: Client = one_of(_known(), reference=reference)
        asked = changes(ClientFields, request.data, present=client)
        return Response(shown(write_client(client, asked, now=timezone.now())))

    @documented("nothing", operation="forget_client", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        forget_client(one_of(_known(), reference=reference), now=timezone.now())
        return Response(status=204)
