"""When somebody is away or a place is shut, and what becomes of the visits it lies over."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.actions.absence import lift, put_down
from booking.actions.move_affected import Move, Moved, move_affected, move_what_can_be_moved
from booking.api import absence_responses as responses
from booking.api.absence_requests import (
    AffectedList,
    ClosureAndAffected,
    ClosureAnswer,
    ClosureRequest,
    ClosuresQuery,
    MoveRequest,
    MovesAnswer,
    TimeOffAndAffected,
    TimeOffAnswer,
    TimeOffQuery,
    TimeOffRequest,
)
from booking.api.authentication import caller_of
from booking.api.pagination import page
from booking.api.permissions import Staff
from booking.api.rows import changes, created, named, one_of
from booking.api.schema import documented
from booking.api.views.catalogue import parsed
from booking.models import Closure, Location, Scope, Therapist, TimeOff
from booking.queries.absence import Absence

ORDER = ("start_at", "reference")
READ_AND_WRITE = {"GET": Scope.READ, "POST": Scope.DESK, "PATCH": Scope.DESK, "DELETE": Scope.DESK}


def _time_off(reference: str) -> TimeOff:
    return one_of(TimeOff.objects.select_related("therapist"), reference=reference)


def _closure(reference: str) -> Closure:
    return one_of(Closure.objects.select_related("location"), reference=reference)


def _touching(found: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
    if "from" in asked:
        found = found.filter(end_at__gt=asked["from"])
    return found.filter(start_at__lt=asked["until"]) if "until" in asked else found


def _set(absence: Absence, asked: dict[str, Any]) -> Absence:
    """Put what was said onto the row."""
    for word, column in (("from", "start_at"), ("until", "end_at")):
        if word in asked:
            setattr(absence, column, asked[word].astimezone(UTC))
    absence.reason = asked.get("reason", absence.reason)
    if "therapist" in asked and isinstance(absence, TimeOff):
        absence.therapist = named(Therapist, asked["therapist"], "therapist")
    if "location" in asked and isinstance(absence, Closure):
        absence.location = named(Location, asked["location"], "location")
    return absence


class TimesOffView(APIView):
    permission_classes = [Staff]
    scopes = READ_AND_WRITE

    @documented(TimeOffAnswer, operation="list_time_off", paged=True, query=TimeOffQuery)
    def get(self, request: Request) -> Response:
        asked = parsed(TimeOffQuery, request.query_params.dict())
        found = _touching(TimeOff.objects.select_related("therapist"), asked)
        if "therapist" in asked:
            found = found.filter(therapist=named(Therapist, asked["therapist"], "therapist"))
        return page(found, request, responses.time_off, ordering=ORDER)

    @documented(TimeOffAndAffected, operation="add_time_off", body=TimeOffRequest, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(TimeOffRequest, request.data)
        now = timezone.now()

        def run() -> dict[str, Any]:
            away = TimeOff()
            put_down(_set(away, asked), now=now)
            return responses.time_off(away)

        answer = created(request, run, at="time-off", name="reference", now=now)
        return _with_affected(answer, TimeOff.objects.filter(reference=answer.data["reference"]).first(), now=now)


class TimeOffView(APIView):
    permission_classes = [Staff]
    scopes = READ_AND_WRITE

    @documented(TimeOffAnswer, operation="read_time_off")
    def get(self, request: Request, reference: str) -> Response:
        return Response(responses.time_off(_time_off(reference)))

    @documented(TimeOffAndAffected, operation="change_time_off", body=TimeOffRequest)
    def patch(self, request: Request, reference: str) -> Response:
        away, now = _time_off(reference), timezone.now()
        put_down(_set(away, changes(TimeOffRequest, request.data, present=away)), now=now)
        return _with_affected(Response(responses.time_off(away)), away, now=now)

    @documented("nothing", operation="remove_time_off", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        lift(_time_off(reference), now=timezone.now())
        return Response(status=204)


class ClosuresView(APIView):
    permission_classes = [Staff]
    scopes = READ_AND_WRITE

    @documented(ClosureAnswer, operation="list_closures", paged=True, query=ClosuresQuery)
    def get(self, request: Request) -> Response:
        asked = parsed(ClosuresQuery, request.query_params.dict())
        found = _touching(Closure.objects.select_related("location"), asked)
        if "location" in asked:
            found = found.filter(location=named(Location, asked["location"], "location"))
        return page(found, request, responses.closure, ordering=ORDER)

    @documented(ClosureAndAffected, operation="add_closure", body=ClosureRequest, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(ClosureRequest, request.data)
        now = timezone.now()

        def run() -> dict[str, Any]:
            shut = Closure()
            put_down(_set(shut, asked), now=now)
            return responses.closure(shut)

        answer = created(request, run, at="closures", name="reference", now=now)
        return _with_affected(answer, Closure.objects.filter(reference=answer.data["reference"]).first(), now=now)


class ClosureView(APIView):
    permission_classes = [Staff]
    scopes = READ_AND_WRITE

    @documented(ClosureAnswer, operation="read_closure")
    def get(self, request: Request, reference: str) -> Response:
        return Response(responses.closure(_closure(reference)))

    @documented(ClosureAndAffected, operation="change_closure", body=ClosureRequest)
    def patch(self, request: Request, reference: str) -> Response:
        shut, now = _closure(reference), timezone.now()
        put_down(_set(shut, changes(ClosureRequest, request.data, present=shut)), now=now)
        return _with_affected(Response(responses.closure(shut)), shut, now=now)

    @documented("nothing", operation="remove_closure", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        lift(_closure(reference), now=timezone.now())
        return Response(status=204)


def _with_affected(answer: Response, absence: Absence | None, *, now: datetime) -> Response:
    """Add the appointments affected, as they are now: looked for when nobody waits for our locks any more."""
    answer.data["affected"] = responses.who_is_affected(absence, now=now) if absence else []
    return answer


class TimeOffAffectedView(APIView):
    permission_classes = [Staff]
    scope = Scope.READ

    @documented(AffectedList, operation="list_affected_by_time_off")
    def get(self, request: Request, reference: str) -> Response:
        return Response({"affected": responses.where_they_could_go(_time_off(reference), now=timezone.now())})


class ClosureAffectedView(APIView):
    permission_classes = [Staff]
    scope = Scope.READ

    @documented(AffectedList, operation="list_affected_by_closure")
    def get(self, request: Request, reference: str) -> Response:
        return Response({"affected": responses.where_they_could_go(_closure(reference), now=timezone.now())})


class TimeOffMoveView(APIView):
    permission_classes = [Staff]
    scope = Scope.DESK

    @documented(MovesAnswer, operation="move_affected_by_time_off", body=MoveRequest)
    def post(self, request: Request, reference: str) -> Response:
        return Response(responses.moved(_move(request, _time_off(reference))))


class ClosureMoveView(APIView):
    permission_classes = [Staff]
    scope = Scope.DESK

    @documented(MovesAnswer, operation="move_affected_by_closure", body=MoveRequest)
    def post(self, request: Request, reference: str) -> Response:
        return Response(responses.moved(_move(request, _closure(reference))))


def _move(request: Request, absence: Absence) -> Moved:
    asked = parsed(MoveRequest, request.data)
    by, now = caller_of(request), timezone.now()
    if asked.get("automatic"):
        return move_what_can_be_moved(absence, by=by, now=now)
    moves = [
        Move(one["appointment"], one["start"].astimezone(UTC) if "start" in one else None, one.get("therapist"))
        for one in asked["moves"]
    ]
    return move_affected(absence, moves, by=by, now=now)
