"""Services with their variations and add-ons, for staff to keep; the list stays everybody's."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import errors, queries
from booking.actions.write_service import write_service
from booking.api import catalogue_responses as responses
from booking.api.catalogue_requests import ServiceFields
from booking.api.permissions import AnyoneReads, Staff
from booking.api.rows import changes, created, one_of, save
from booking.api.schema import documented
from booking.api.views import catalogue
from booking.api.views.catalogue import parsed
from booking.api.views.places import ADMIN_WRITES
from booking.models import Scope, Service


class ServicesView(catalogue.ServicesView):
    permission_classes = [AnyoneReads]
    scopes = {"GET": "public", "POST": Scope.ADMIN}

    @documented(ServiceFields, operation="add_service", body=ServiceFields, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(ServiceFields, request.data)
        return created(request, lambda: _put(Service(), asked), at="services", name="slug", now=timezone.now())


class ServiceView(APIView):
    permission_classes = [Staff]
    scopes = ADMIN_WRITES

    @documented(ServiceFields, operation="read_service")
    def get(self, request: Request, slug: str) -> Response:
        return Response(responses.service(one_of(Service.objects.all(), slug=slug)))

    @documented(ServiceFields, operation="change_service", body=ServiceFields)
    def patch(self, request: Request, slug: str) -> Response:
        service = one_of(Service.objects.all(), slug=slug)
        return Response(_put(service, changes(ServiceFields, request.data, present=service)))

    @documented("nothing", operation="retire_service", status=204)
    def delete(self, request: Request, slug: str) -> Response:
        save(one_of(Service.objects.all(), slug=slug), {"is_active": False})
        return Response(status=204)


def _put(service: Service, asked: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in asked.items() if name not in {"variations", "add_ons", "policy"}}
    for name, value in (values | asked.get("policy", {})).items():
        setattr(service, name, value)
    _check_currency(asked)
    write_service(service, variations=asked.get("variations"), add_ons=asked.get("add_ons"))
    return responses.service(service)


def _check_currency(asked: dict[str, Any]) -> None:
    """Raise errors.UnknownValue for a price in another currency than the studio's."""
    ours = queries.studio().currency
    for field in ("variations", "add_ons"):
        for entry in asked.get(field, ()):
            if entry["price"].get("currency", ours) != ours:
                raise errors.UnknownValue(field, f"Prices of this studio are in {ours}.")
