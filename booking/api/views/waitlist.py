"""The waitlist: POST is for anyone, an entry for who holds its link, the list for staff."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import access, queries
from booking.access import Caller
from booking.actions.waitlist.accept import accept_offer
from booking.actions.waitlist.decline import decline_offer
from booking.actions.waitlist.join import join_waitlist
from booking.actions.waitlist.withdraw import withdraw_entry
from booking.api import responses, waitlist_responses
from booking.api.asked import wanted_in, wishes_in
from booking.api.authentication import caller_of
from booking.api.idempotency import Answer, Once
from booking.api.pagination import page
from booking.api.permissions import Anyone, HolderOrStaff, Staff
from booking.api.schema import Booked, documented
from booking.api.throttling import check_room_for_one_more, count_one
from booking.api.views.appointments import etag
from booking.api.views.catalogue import parsed
from booking.api.waitlist_requests import JoinRequest, NothingRequest, StaffJoinRequest, WaitlistQuery
from booking.api.waitlist_responses import Entry, JoinedEntry, ListedEntry
from booking.models import Scope, WaitlistEntry

NO_STORE = {"Cache-Control": "no-store"}


def shown(entry: WaitlistEntry, *, caller: Caller, now: datetime) -> Response:
    body = waitlist_responses.entry(queries.whole_entry(entry), caller=caller, now=now)
    return Response(body, headers=NO_STORE)


class WaitlistView(APIView):
    scopes = {"GET": Scope.READ, "POST": "public"}
    limits = {"POST": "book"}

    def get_permissions(self) -> list[Any]:
        return [Anyone()] if self.request.method in {"POST", "OPTIONS"} else [Staff()]

    @documented(ListedEntry, operation="list_waitlist", paged=True, query=WaitlistQuery)
    def get(self, request: Request) -> Response:
        wanted = parsed(WaitlistQuery, request.query_params.dict())
        queries.check_known(wanted)
        caller, now = caller_of(request), timezone.now()
        found = queries.waitlist_entries(access.entries_visible_to(caller), wanted)
        return page(
            found,
            request,
            lambda one: waitlist_responses.listed(one, caller=caller, now=now),
            ordering=("joined_at", "reference"),
        )

    @documented(JoinedEntry, operation="join_waitlist", body=JoinRequest, status=201, creates=True)
    def post(self, request: Request) -> Response:
        caller, now = caller_of(request), timezone.now()
        by_desk = caller.may(Scope.DESK)
        asked = parsed(StaffJoinRequest if by_desk else JoinRequest, request.data)
        once = Once(request, now=now)
        mailed = "" if by_desk or once.first is not None else asked["client"]["email"].lower()
        if mailed:
            check_room_for_one_more("book-address", mailed)
        (status, body), replayed = once.answer(lambda: _join(asked, caller=caller, now=now))
        if mailed:
            count_one("book-address", mailed)
        headers = NO_STORE | {"Location": f"/api/v1/waitlist/{body['reference']}/"}
        return Response(body, status=status, headers=headers | _replay(replayed))


def _replay(replayed: bool) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if replayed else {}


def _join(asked: dict[str, Any], *, caller: Caller, now: datetime) -> Answer:
    windows = [(window["from"], window["until"]) for window in asked["windows"]]
    done = join_waitlist(wanted_in(asked), windows=windows, wishes=wishes_in(asked), by=caller, now=now)
    return 201, waitlist_responses.joined(done, caller=caller, now=now)


class EntryView(APIView):
    permission_classes = [HolderOrStaff]
    scopes = {"GET": Scope.READ, "DELETE": Scope.DESK}

    @documented(Entry, operation="read_waitlist_entry")
    def get(self, request: Request, reference: str) -> Response:
        caller = caller_of(request)
        return shown(access.entry_for(caller, reference), caller=caller, now=timezone.now())

    @documented("nothing", operation="leave_waitlist", status=204)
    def delete(self, request: Request, reference: str) -> Response:
        withdraw_entry(access.entry_for(caller_of(request), reference), now=timezone.now())
        return Response(status=204, headers=NO_STORE)


class AcceptView(APIView):
    permission_classes = [HolderOrStaff]
    scope = Scope.DESK

    @documented(Booked, operation="accept_offer", body=NothingRequest, status=201, creates=True)
    def post(self, request: Request, reference: str) -> Response:
        caller, now = caller_of(request), timezone.now()
        entry = access.entry_for(caller, reference)
        parsed(NothingRequest, request.data)
        (status, body), replayed = Once(request, now=now).answer(lambda: _accept(entry, caller=caller, now=now))
        headers = etag(body["version"]) | {"Location": f"/api/v1/appointments/{body['reference']}/"}
        return Response(body, status=status, headers=headers | _replay(replayed))


def _accept(entry: WaitlistEntry, *, caller: Caller, now: datetime) -> Answer:
    done = accept_offer(entry, by=caller, now=now)
    return 201, responses.booked(done, caller=caller, now=now)


class DeclineView(APIView):
    permission_classes = [HolderOrStaff]
    scope = Scope.DESK

    @documented(Entry, operation="decline_offer", body=NothingRequest)
    def post(self, request: Request, reference: str) -> Response:
        caller, now = caller_of(request), timezone.now()
        entry = access.entry_for(caller, reference)
        parsed(NothingRequest, request.data)
        return shown(decline_offer(entry, now=now), caller=caller, now=now)
