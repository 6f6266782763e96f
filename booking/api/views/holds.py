"""Times kept for somebody while they type. Public: the token is all there is to a hold."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.access import Caller
from booking.actions.hold import Held, give_back, hold_time
from booking.api.asked import wanted_in
from booking.api.authentication import caller_of
from booking.api.hold_requests import HoldAnswer, HoldRequest
from booking.api.idempotency import Answer, Once
from booking.api.permissions import Anyone
from booking.api.responses import instant
from booking.api.schema import documented
from booking.api.throttling import client_address
from booking.api.views.catalogue import parsed


class HoldsView(APIView):
    permission_classes = [Anyone]
    scope = "public"
    limit = "book"

    @documented(HoldAnswer, operation="hold_time", body=HoldRequest, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(HoldRequest, request.data)
        caller, now = caller_of(request), timezone.now()
        holder = f"{caller.kind} {caller.name}" if caller.is_desk else client_address(request)
        once = Once(request, now=now)
        (status, body), replayed = once.answer(lambda: _hold(asked, holder=holder, by=caller, now=now))
        headers = {"Cache-Control": "no-store"} | ({"Idempotency-Replayed": "true"} if replayed else {})
        return Response(body, status=status, headers=headers)


def _hold(asked: dict[str, Any], *, holder: str, by: Caller, now: datetime) -> Answer:
    wanted = wanted_in(asked, may_remember=True)
    start_at = asked["start"].astimezone(UTC)
    held = hold_time(wanted, start_at=start_at, holder=holder, by=by, now=now, replaces=asked.get("replaces", ""))
    return 201, shown(held)


def shown(held: Held) -> dict[str, Any]:
    row = held.appointment
    return {
        "token": held.token,
        "expires_at": instant(held.expires_at, row.time_zone),
        "start": instant(row.start_at, row.time_zone),
        "end": instant(row.end_at, row.time_zone),
        "therapists": sorted(held.therapists),
        "room": held.room,
    }


class HoldView(APIView):
    permission_classes = [Anyone]
    scope = "public"

    @documented("nothing", operation="give_back_hold", status=204)
    def delete(self, request: Request, token: str) -> Response:
        give_back(token, now=timezone.now())
        return Response(status=204)
