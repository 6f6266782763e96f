import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import access, ical, queries
from booking.access import Caller
from booking.actions.book import Booked, book_appointment, book_held
from booking.actions.cancel import cancel_appointment
from booking.actions.reschedule import reschedule_appointment
from booking.actions.series_cancel import cancel_series
from booking.actions.series_move import move_series
from booking.api import responses
from booking.api.asked import check_for_two, mailed, override_in, wanted_in, wishes_in
from booking.api.authentication import caller_of
from booking.api.fields import StrictSerializer
from booking.api.idempotency import Answer, Once
from booking.api.pagination import page
from booking.api.permissions import Anyone, HolderOrStaff, Staff
from booking.api.requests import (
    THIS_AND_LATER,
    AppointmentsQuery,
    BookRequest,
    CancelRequest,
    HeldRequest,
    RescheduleRequest,
    StaffBookRequest,
    StaffHeldRequest,
    StaffRescheduleRequest,
)
from booking.api.schema import documented
from booking.api.throttling import check_room_for_one_more, count_one
from booking.api.views.catalogue import parsed
from booking.models import Appointment, Scope

BOOK_OR_TAKE_UP = PolymorphicProxySerializer("Booking", [BookRequest, HeldRequest], resource_type_field_name=None)
IF_MATCH = re.compile(r'\s*(?:W/)?"(\d{1,9})"\s*')


def version_of(request: Request) -> int | None:
    """Return the version that If-Match names, None when it names none or any; -1 matches nothing."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    match = IF_MATCH.fullmatch(header)
    return int(match[1]) if match else -1


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"', "Cache-Control": "no-store"}


def shown(appointment: Appointment, request: Request) -> Response:
    body = responses.one_appointment(appointment, caller=caller_of(request), now=timezone.now())
    return Response(body, headers=etag(appointment.version))


class AppointmentsView(APIView):
    """POST is for anyone, the list is for staff."""

    scopes = {"GET": Scope.READ, "POST": "public"}
    limits = {"POST": "book"}

    def get_permissions(self) -> list[Any]:
        return [Anyone()] if self.request.method in {"POST", "OPTIONS"} else [Staff()]

    @documented("appointments", operation="list_appointments", paged=True, query=AppointmentsQuery)
    def get(self, request: Request) -> Response:
        wanted = parsed(AppointmentsQuery, request.query_params.dict())
        caller, now = caller_of(request), timezone.now()
        found = queries.appointments(access.visible_to(caller), wanted)
        return page(
            found,
            request,
            lambda one: responses.appointment(one, caller=caller, now=now),
            ordering=("start_at", "reference"),
        )

    @documented("booked", operation="book_appointment", body=BOOK_OR_TAKE_UP, status=201)
    def post(self, request: Request) -> Response:
        caller = caller_of(request)
        by_staff = caller.may(Scope.DESK)
        asked = parsed(_request_of(request.data, by_staff=by_staff), request.data)
        now = timezone.now()
        once = Once(request, now=now)
        addresses = [] if by_staff or once.first is not None else mailed(asked)
        for address in addresses:
            check_room_for_one_more("book-address", address)
        (status, body), replayed = once.answer(lambda: _book(asked, caller=caller, now=now))
        for address in addresses:
            count_one("book-address", address)
        headers = etag(body["version"]) | {"Location": f"/api/v1/appointments/{body['reference']}/"}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(body, status=status, headers=headers)


def _request_of(data: Any, *, by_staff: bool) -> type[StrictSerializer]:
    """Return what the body is to be read as: to book what a hold keeps needs other words than to book afresh."""
    if isinstance(data, dict) and "hold" in data:
        return StaffHeldRequest if by_staff else HeldRequest
    return StaffBookRequest if by_staff else BookRequest


def _book(asked: dict[str, Any], *, caller: Caller, now: datetime) -> Answer:
    if "hold" in asked:
        return 201, responses.booked(_book_held(asked, caller=caller, now=now), caller=caller, now=now)
    done = book_appointment(
        wanted_in(asked, may_remember=True),
        start_at=asked["start"].astimezone(UTC),
        wishes=wishes_in(asked),
        by=caller,
        now=now,
        override=override_in(asked),
    )
    return 201, responses.booked(done, caller=caller, now=now)


def _book_held(asked: dict[str, Any], *, caller: Caller, now: datetime) -> Booked:
    digest = access.digest(asked["hold"])
    wanted = queries.wanted_in_hold(digest, now=now)
    check_for_two(wanted, asked)
    return book_held(digest, wanted, wishes=wishes_in(asked), by=caller, now=now)


class AppointmentView(APIView):
    permission_classes = [HolderOrStaff]
    scope = Scope.READ

    @documented("appointment", operation="read_appointment")
    def get(self, request: Request, reference: str) -> Response:
        return shown(queries.whole(access.appointment_for(caller_of(request), reference)), request)


class RescheduleView(APIView):
    permission_classes = [HolderOrStaff]
    scope = Scope.DESK

    @documented("appointment", operation="reschedule_appointment", body=RescheduleRequest)
    def post(self, request: Request, reference: str) -> Response:
        caller = caller_of(request)
        appointment = access.appointment_for(caller, reference)
        asked = parsed(StaffRescheduleRequest if caller.may(Scope.DESK) else RescheduleRequest, request.data)
        move = move_series if asked.get("scope") == THIS_AND_LATER else reschedule_appointment
        moved = move(
            appointment,
            start_at=asked["start"].astimezone(UTC),
            therapist=asked.get("therapist"),
            override=override_in(asked),
            by=caller,
            now=timezone.now(),
            version=version_of(request),
        )
        return shown(queries.whole(moved), request)


class CancelView(APIView):
    permission_classes = [HolderOrStaff]
    scope = Scope.DESK

    @documented("appointment", operation="cancel_appointment", body=CancelRequest)
    def post(self, request: Request, reference: str) -> Response:
        caller = caller_of(request)
        appointment = access.appointment_for(caller, reference)
        asked = parsed(CancelRequest, request.data)
        cancel = cancel_series if asked.get("scope") == THIS_AND_LATER else cancel_appointment
        cancelled = cancel(
            appointment,
            by=caller,
            now=timezone.now(),
            reason=asked.get("reason", ""),
            version=version_of(request),
        )
        return shown(queries.whole(cancelled), request)


class CalendarRenderer(JSONRenderer):
    """Lets programs ask for a calendar by name; what it renders itself are problems, which stay JSON."""

    media_type = "text/calendar"
    format = "ics"


class InviteView(APIView):
    permission_classes = [HolderOrStaff]
    renderer_classes = [JSONRenderer, CalendarRenderer]
    scope = Scope.READ

    @documented("invite", operation="download_invite")
    def get(self, request: Request, reference: str) -> HttpResponse:
        appointment = access.appointment_for(caller_of(request), reference)
        facts = queries.facts_of([appointment.pk])[appointment.pk]
        return HttpResponse(
            ical.download(facts),
            content_type="text/calendar; charset=utf-8; method=PUBLISH",
            headers={
                "Content-Disposition": 'attachment; filename="appointment.ics"',
                "Cache-Control": "no-store",
            },
        )
