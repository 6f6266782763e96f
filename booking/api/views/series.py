"""Visits that come again. Each is an appointment, and is moved and cancelled where appointments are."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import access, queries
from booking.access import Caller
from booking.actions.series_book import Repeat, book_series
from booking.api import series_responses
from booking.api.asked import mailed, override_in, wanted_in, wishes_in
from booking.api.authentication import caller_of
from booking.api.idempotency import Answer, Once
from booking.api.permissions import Anyone, HolderOrStaff
from booking.api.schema import documented
from booking.api.series_requests import SeriesRequest, StaffSeriesRequest
from booking.api.throttling import check_room_for_one_more, count_one
from booking.api.views.catalogue import parsed
from booking.models import Scope, Series


class SeriesListView(APIView):
    permission_classes = [Anyone]
    scope = "public"
    limits = {"POST": "book"}

    @documented(
        series_responses.BookedSeriesAnswer, operation="book_series", body=SeriesRequest, status=201, creates=True
    )
    def post(self, request: Request) -> Response:
        caller = caller_of(request)
        by_staff = caller.may(Scope.DESK)
        asked = parsed(StaffSeriesRequest if by_staff else SeriesRequest, request.data)
        now = timezone.now()
        once = Once(request, now=now)
        # One mail tells all dates, so the whole counts as one.
        addresses = [] if by_staff or once.first is not None else mailed(asked)
        for address in addresses:
            check_room_for_one_more("book-address", address)
        (status, body), replayed = once.answer(lambda: _book(asked, caller=caller, now=now))
        for address in addresses:
            count_one("book-address", address)
        headers = {"Cache-Control": "no-store", "Location": f"/api/v1/series/{body['reference']}/"}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(body, status=status, headers=headers)


def _book(asked: dict[str, Any], *, caller: Caller, now: datetime) -> Answer:
    wanted = wanted_in(asked)
    done = book_series(
        wanted,
        start_at=asked["start"].astimezone(UTC),
        repeat=Repeat(**asked["repeat"]),
        wishes=wishes_in(asked),
        by=caller,
        now=now,
        skip_conflicts=asked.get("skip_conflicts", False),
        override=override_in(asked),
    )
    return 201, series_responses.booked_series(done, zone=wanted.location.time_zone, caller=caller, now=now)


class SeriesView(APIView):
    permission_classes = [HolderOrStaff]
    scope = Scope.READ

    @documented(series_responses.SeriesAnswer, operation="read_series")
    def get(self, request: Request, reference: str) -> Response:
        caller = caller_of(request)
        visits = queries.appointments(access.series_for(caller, reference), {}).order_by("start_at", "reference")
        series = Series.objects.get(reference=reference)
        body = series_responses.series(series, visits, caller=caller, now=timezone.now())
        return Response(body, headers={"Cache-Control": "no-store"})
