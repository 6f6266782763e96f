"""What a guest's calendar answered to an invite, handed over by whoever reads the studio's mailbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any, cast

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.actions.take_reply import take_reply
from booking.api.idempotency import Answer, Once
from booking.api.permissions import Staff
from booking.api.responses import reply_of
from booking.api.schema import ReplyLine, documented
from booking.itip import MOST_BYTES, CalendarReply, NotAReply, reply_in_calendar, reply_in_mail
from booking.models import Scope


class ReplyAnswer(ReplyLine):
    appointment = serializers.CharField()


class MailParser(BaseParser):
    """Keeps the octets as they came, a character each; the view reads them."""

    media_type = "message/rfc822"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        return {self.media_type: stream.read(MOST_BYTES + 1).decode("latin-1")}


class CalendarParser(MailParser):
    media_type = "text/calendar"


def reply_in(body: Mapping[str, Any]) -> CalendarReply:
    """Return the answer that was sent. Raises ParseError with a sentence that says why there is none."""
    try:
        if MailParser.media_type in body:
            return reply_in_mail(body[MailParser.media_type].encode("latin-1"))
        return reply_in_calendar(body.get(CalendarParser.media_type, "").encode("latin-1"))
    except NotAReply as error:
        raise ParseError(str(error)) from error


class RepliesView(APIView):
    permission_classes = [Staff]
    parser_classes = [MailParser, CalendarParser]
    scope = Scope.DESK

    @documented(
        ReplyAnswer,
        operation="take_reply",
        body={parser.media_type: OpenApiTypes.BINARY for parser in (MailParser, CalendarParser)},
        status=201,
        creates=True,
    )
    def post(self, request: Request) -> Response:
        reply, now = reply_in(cast(Mapping[str, Any], request.data)), timezone.now()
        (status, body), replayed = Once(request, now=now).answer(lambda: _taken(reply, now=now))
        return Response(body, status=status, headers={"Idempotency-Replayed": "true"} if replayed else None)


def _taken(reply: CalendarReply, *, now: datetime) -> Answer:
    taken = take_reply(reply, now=now)
    body = {"appointment": taken.reply.appointment.reference} | reply_of(taken.reply)
    return (201 if taken.first else 200), body
