"""Whom the studio does not give time to online."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import queries
from booking.actions.block import block_contact
from booking.api.desk_requests import BlockedQuery, BlockRequest
from booking.api.idempotency import Once
from booking.api.pagination import page
from booking.api.permissions import Staff
from booking.api.schema import documented
from booking.api.views.catalogue import parsed
from booking.models import BlockedContact, Contact, Scope


class Blocked(serializers.Serializer[Any]):
    reference = serializers.CharField()
    kind = serializers.ChoiceField(Contact.choices)
    value = serializers.CharField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


def shown(one: BlockedContact) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "kind": str(one.kind),
        "value": one.value,
        "reason": one.reason,
        "created_at": one.created_at.isoformat(),
    }


class BlockedView(APIView):
    permission_classes = [Staff]
    scope = Scope.DESK

    @documented(Blocked, operation="list_blocked", paged=True, query=BlockedQuery)
    def get(self, request: Request) -> Response:
        parsed(BlockedQuery, request.query_params.dict())
        return page(queries.blocked_contacts(), request, shown, ordering=("-created_at", "reference"))

    @documented(Blocked, operation="block_contact", body=BlockRequest, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked, now = parsed(BlockRequest, request.data), timezone.now()
        (status, body), replayed = Once(request, now=now).answer(lambda: (201, shown(block_contact(**asked, now=now))))
        return Response(body, status=status, headers={"Idempotency-Replayed": "true"} if replayed else None)


class OneBlockedView(APIView):
    permission_classes = [Staff]
    scope = Scope.DESK

    @documented("nothing", operation="unblock_contact", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        queries.blocked_contact(reference).delete()
        return Response(status=204)
