import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import access, errors, ical, queries
from booking.access import Caller
from booking.actions.book import Person, Wishes, book_appointment
from booking.actions.cancel import cancel_appointment
from booking.actions.reschedule import reschedule_appointment
from booking.api import responses
from booking.api.authentication import caller_of
from booking.api.idempotency import Answer, Once
from booking.api.pagination import page
from booking.api.permissions import Anyone, HolderOrStaff, Staff
from booking.api.requests import (
    AppointmentsQuery,
    BookRequest,
    CancelRequest,
    RescheduleRequest,
    StaffBookRequest,
)
from booking.api.schema import documented
from booking.api.throttling import check_room_for_one_more, count_one
from booking.api.views.catalogue import parsed
from booking.models import Appointment, Client, Scope

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
    body = responses.appointment(appointment, caller=caller_of(request), now=timezone.now())
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

    @documented("booked", operation="book_appointment", body=BookRequest, status=201)
    def post(self, request: Request) -> Response:
        caller = caller_of(request)
        by_staff = caller.may(Scope.DESK)
        asked = parsed(StaffBookRequest if by_staff else BookRequest, request.data)
        now = timezone.now()
        once = Once(request, now=now)
        mailed = [] if by_staff or once.first is not None else _mailed(asked)
        for address in mailed:
            check_room_for_one_more("book-address", address)
        (status, body), replayed = once.answer(lambda: _book(asked, caller=caller, now=now))
        for address in mailed:
            count_one("book-address", address)
        headers = etag(body["version"]) | {"Location": f"/api/v1/appointments/{body['reference']}/"}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(body, status=status, headers=headers)


def _book(asked: dict[str, Any], *, caller: Caller, now: datetime) -> Answer:
    wanted = queries.wanted(
        location=asked["location"],
        variation=asked["variation"],
        add_ons=asked.get("add_ons", ()),
        therapist=asked.get("therapist"),
        gender=asked.get("gender"),
    )
    partner = asked.get("partner") or {}
    if partner and wanted.service.therapists_required < 2:
        raise errors.UnknownValue("partner", f"{wanted.service.name} is for one person.")
    wishes = Wishes(
        client=_client(asked["client"]),
        partner_name=partner.get("name", ""),
        partner_email=partner.get("email", ""),
        note=asked.get("note", ""),
        tips=asked.get("tips"),
        source=asked.get("source", "online"),
        notify=asked.get("notify", True),
    )
    done = book_appointment(wanted, start_at=asked["start"].astimezone(UTC), wishes=wishes, by=caller, now=now)
    return 201, responses.booked(done, caller=caller, now=now)


def _mailed(asked: dict[str, Any]) -> list[str]:
    """Return the addresses that this booking would mail to, for the limit on each (S43)."""
    addresses = (asked["client"]["email"], asked.get("partner", {}).get("email", ""))
    return [address.lower() for address in addresses if address]


def _client(asked: dict[str, Any] | None) -> Person | Client | None:
    if asked is None:
        return None
    if "reference" in asked:
        return queries.client(asked["reference"])
    return Person(
        name=asked["name"],
        email=asked.get("email", ""),
        phone=asked.get("phone", ""),
        time_zone=asked.get("time_zone", ""),
        language=asked.get("language", "en"),
    )


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
        asked = parsed(RescheduleRequest, request.data)
        moved = reschedule_appointment(
            appointment,
            start_at=asked["start"].astimezone(UTC),
            therapist=asked.get("therapist"),
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
        cancelled = cancel_appointment(
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
