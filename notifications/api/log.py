"""The delivery log over the API: GET /messages/ and POST /messages/{id}/retry/."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import errors
from booking.api.authentication import caller_of
from booking.api.fields import LineField, WordField
from booking.api.pagination import page
from booking.api.permissions import Staff
from booking.api.requests import LocationsQuery
from booking.api.rows import one_of
from booking.api.schema import documented
from booking.api.views.catalogue import parsed
from notifications import log, queue
from notifications.models import Kind, Message


class MessagesQuery(LocationsQuery):
    appointment = LineField(required=False, max_length=16)
    state = WordField([(state, state) for state in log.STATES], required=False)
    kind = WordField(Kind.choices, required=False)


@extend_schema_serializer(component_name="Message")
class MessageAnswer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Its Message-ID up to the @.")
    appointment = serializers.CharField(allow_null=True, help_text="Null for a summary, which is for the studio.")
    kind = serializers.ChoiceField(Kind.choices)
    recipient = serializers.CharField(help_text="client, partner or studio: a role, never an address.")
    state = serializers.ChoiceField(log.STATES)
    reason = serializers.CharField(help_text="Why it is in that state, in plain words.")
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="When it goes, or was to go.")
    sent_at = serializers.DateTimeField(allow_null=True)
    tries = serializers.IntegerField(help_text="How often the mail server put it off.")
    can_be_retried = serializers.BooleanField()


def shown(message: Message) -> dict[str, Any]:
    appointment = message.appointment.reference if message.appointment is not None else None
    known = {
        "id": message.name,
        "appointment": appointment,
        "state": log.shown_state(message),
        "reason": log.reason(message),
        "can_be_retried": message.state in log.CAN_BE_SENT_AGAIN,
    }
    plain = ("kind", "recipient", "created_at", "due_at", "sent_at", "tries")
    return dict(MessageAnswer(known | {name: getattr(message, name) for name in plain}).data)


class MessagesView(APIView):
    permission_classes = [Staff]
    scope = "read"

    @documented(MessageAnswer, operation="list_messages", paged=True, query=MessagesQuery)
    def get(self, request: Request) -> Response:
        wanted = parsed(MessagesQuery, request.query_params.dict())
        return page(log.messages(wanted), request, shown, ordering=log.NEWEST_FIRST)


class RetryView(APIView):
    permission_classes = [Staff]
    scope = "desk"

    @documented(MessageAnswer, operation="retry_message")
    def post(self, request: Request, name: str) -> Response:
        message = one_of(log.messages({}), name=name)
        again = log.retry(message, by=caller_of(request).name, now=queue.database_now())
        if again is None:
            raise errors.WrongState("Only what failed, came back or is unknown can be sent again.")
        return Response(shown(again))
