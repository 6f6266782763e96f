"""Webhooks, kept by staff with the scope `admin`; what became of each call, for all staff."""

from functools import partial
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import errors
from booking.api.fields import LineField, ListOfField, StrictSerializer, WordField, YesNoField
from booking.api.pagination import page
from booking.api.permissions import Staff
from booking.api.requests import LocationsQuery
from booking.api.rows import changes, created, one_of
from booking.api.schema import documented
from booking.api.views.catalogue import parsed
from notifications import queue
from notifications.webhooks import keeping, signing
from notifications.webhooks.models import TEST, DeliveryState, Event, Webhook, WebhookDelivery

SECRET_ONCE = "Shown in this answer only. Verify `webhook-signature` with it (Standard Webhooks)."  # noqa: S105 - words
NEWEST_FIRST = ("-created_at", "event_id")


class WebhookRequest(StrictSerializer):
    url = LineField(max_length=500)
    events = ListOfField(child=WordField(Event.choices), min_length=1, max_length=len(Event))
    include_client = YesNoField(required=False)
    is_active = YesNoField(required=False)

    def validate_events(self, events: list[str]) -> list[str]:
        return sorted(set(events))


class NothingRequest(StrictSerializer):
    """Nothing: the address says it all."""


class PageQuery(LocationsQuery):
    pass


class DeliveriesQuery(PageQuery):
    state = WordField(DeliveryState.choices, required=False)


class WebhookAnswer(serializers.Serializer[Any]):
    reference = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(Event.choices))
    include_client = serializers.BooleanField(help_text="Whether the client's name and mail address are sent along.")
    is_active = serializers.BooleanField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField()
    failing_since = serializers.DateTimeField(allow_null=True, help_text="The first failure after the last success.")
    created_at = serializers.DateTimeField()


class WebhookAndSecret(WebhookAnswer):
    secret = serializers.CharField(help_text=SECRET_ONCE)


class DeliveryAnswer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="The event's: the header `webhook-id` of every try.")
    event = serializers.ChoiceField([*Event.values, TEST])
    state = serializers.ChoiceField(DeliveryState.choices)
    tries = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)
    status_code = serializers.IntegerField(allow_null=True, help_text="Null when there was no answer.")
    answer = serializers.CharField(help_text="How the answer began: at most 500 characters.")
    words = serializers.CharField(help_text="Why it did not arrive.")
    payload = serializers.DictField(help_text="What is sent, without the client.")


def shown(webhook: Webhook) -> dict[str, Any]:
    return dict(WebhookAnswer(webhook).data)


def _with_secret(webhook: Webhook) -> dict[str, Any]:
    return shown(webhook) | {"secret": signing.shown_secret(webhook)}


def delivery_shown(delivery: WebhookDelivery) -> dict[str, Any]:
    waits = delivery.state == DeliveryState.PENDING
    rows = {"id": delivery.event_id, "next_try_at": delivery.due_at if waits else None, "payload": delivery.payload}
    plain = ("event", "state", "tries", "created_at", "tried_at", "status_code", "answer", "words")
    return dict(DeliveryAnswer(rows | {name: getattr(delivery, name) for name in plain}).data)


def _webhook(reference: str) -> Webhook:
    return one_of(Webhook.objects.all(), reference=reference)


class WebhooksView(APIView):
    permission_classes = [Staff]
    scope = "admin"

    @documented(WebhookAnswer, operation="list_webhooks", paged=True, query=PageQuery)
    def get(self, request: Request) -> Response:
        parsed(PageQuery, request.query_params.dict())
        return page(Webhook.objects.all(), request, shown, ordering=("created_at", "reference"))

    @documented(WebhookAndSecret, operation="add_webhook", body=WebhookRequest, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked, now = parsed(WebhookRequest, request.data), timezone.now()
        host = keeping.host_of(asked["url"])  # asks a name server, so it is done before the transaction begins
        made = partial(keeping.make, host=host, now=now, **asked)
        return created(request, lambda: _with_secret(made()), at="webhooks", name="reference", now=now)


class WebhookView(APIView):
    permission_classes = [Staff]
    scope = "admin"

    @documented(WebhookAnswer, operation="read_webhook")
    def get(self, request: Request, reference: str) -> Response:
        return Response(shown(_webhook(reference)))

    @documented(WebhookAnswer, operation="change_webhook", body=WebhookRequest)
    def patch(self, request: Request, reference: str) -> Response:
        present = _webhook(reference)
        asked = changes(WebhookRequest, request.data, present=present)
        return Response(shown(keeping.change(present, asked)))

    @documented("nothing", operation="delete_webhook", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        _webhook(reference).delete()
        return Response(status=204)


class SecretView(APIView):
    permission_classes = [Staff]
    scope = "admin"

    @documented(WebhookAndSecret, operation="new_webhook_secret", body=NothingRequest)
    def post(self, request: Request, reference: str) -> Response:
        parsed(NothingRequest, request.data)
        webhook = keeping.new_secret(_webhook(reference), now=timezone.now())
        return Response(_with_secret(webhook), headers={"Cache-Control": "no-store"})


class TestView(APIView):
    permission_classes = [Staff]
    scope = "admin"

    @documented(DeliveryAnswer, operation="test_webhook", body=NothingRequest, status=202)
    def post(self, request: Request, reference: str) -> Response:
        parsed(NothingRequest, request.data)
        return Response(delivery_shown(keeping.test(_webhook(reference), now=timezone.now())), status=202)


class DeliveriesView(APIView):
    permission_classes = [Staff]
    scope = "read"

    @documented(DeliveryAnswer, operation="list_webhook_deliveries", paged=True, query=DeliveriesQuery)
    def get(self, request: Request, reference: str) -> Response:
        asked = parsed(DeliveriesQuery, request.query_params.dict())
        found = WebhookDelivery.objects.filter(webhook=_webhook(reference))
        if "state" in asked:
            found = found.filter(state=asked["state"])
        return page(found, request, delivery_shown, ordering=NEWEST_FIRST)


class RetryView(APIView):
    permission_classes = [Staff]
    scope = "admin"

    @documented(DeliveryAnswer, operation="retry_webhook_delivery", body=NothingRequest, status=202)
    def post(self, request: Request, reference: str, event_id: str) -> Response:
        parsed(NothingRequest, request.data)
        delivery = one_of(WebhookDelivery.objects.filter(webhook=_webhook(reference)), event_id=event_id)
        if not keeping.send_again([delivery.pk], now=queue.database_now()):
            raise errors.WrongState("It has not ended yet: it is sent by itself.")
        delivery.refresh_from_db()
        return Response(delivery_shown(delivery), status=202)
