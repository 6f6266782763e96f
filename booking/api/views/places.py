"""Locations and their rooms, for staff to keep; the list of locations stays everybody's."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import errors
from booking.access import Caller
from booking.actions.locks import in_one_transaction
from booking.actions.relocate import change_address
from booking.api import catalogue_responses as responses
from booking.api.authentication import caller_of
from booking.api.catalogue_requests import LocationFields, RoomFields, RoomsQuery
from booking.api.pagination import page
from booking.api.permissions import AnyoneReads, Staff
from booking.api.rows import all_named, changes, created, named, one_of, save
from booking.api.schema import documented
from booking.api.views import catalogue
from booking.api.views.catalogue import parsed
from booking.domain import status
from booking.models import Appointment, Location, Room, Scope, Therapist

ADMIN_WRITES = {"GET": Scope.READ, "POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN}


class LocationsView(catalogue.LocationsView):
    permission_classes = [AnyoneReads]
    scopes = {"GET": "public", "POST": Scope.ADMIN}

    @documented(LocationFields, operation="add_location", body=LocationFields, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(LocationFields, request.data)

        def run() -> dict[str, Any]:
            place = Location()
            save(place, _spread(asked))
            return responses.location(place)

        return created(request, run, at="locations", name="slug", now=timezone.now())


class LocationView(APIView):
    permission_classes = [Staff]
    scopes = ADMIN_WRITES

    @documented(LocationFields, operation="read_location")
    def get(self, request: Request, slug: str) -> Response:
        return Response(responses.location(one_of(Location.objects.all(), slug=slug)))

    @documented(LocationFields, operation="change_location", body=LocationFields)
    def patch(self, request: Request, slug: str) -> Response:
        place = one_of(Location.objects.all(), slug=slug)
        asked = changes(LocationFields, request.data, present=place)
        by = caller_of(request)
        return Response(responses.location(in_one_transaction(lambda: _change(place, asked, by=by))))

    @documented("nothing", operation="close_location", status=204)
    def delete(self, request: Request, slug: str) -> Response:
        save(one_of(Location.objects.all(), slug=slug), {"is_active": False})
        return Response(status=204)


def _spread(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the values by column."""
    values = {name: value for name, value in asked.items() if name != "geo"}
    if "geo" in asked:
        geo = asked["geo"] or {}
        values |= {name: geo.get(name) for name in ("latitude", "longitude")}
    return values


def _change(place: Location, asked: dict[str, Any], *, by: Caller) -> Location:
    """Save what was asked; a new address goes through its action, which tells everybody who is to come."""
    now = timezone.now()
    values = _spread(asked)
    address = values.pop("address", place.address)
    moves = values.get("time_zone", place.time_zone) != place.time_zone
    to_come = Appointment.objects.filter(location=place, status__in=status.CHANGEABLE, end_at__gt=now)
    if moves and to_come.exists():
        raise errors.UnknownValue("time_zone", "Visits to come were agreed by the clocks of this zone.")
    save(place, values)
    if address != place.address:
        change_address(place, address=address, by=by, now=now)
        place.refresh_from_db()
    return place


class RoomsView(APIView):
    permission_classes = [Staff]
    scopes = ADMIN_WRITES

    @documented(RoomFields, operation="list_rooms", paged=True, query=RoomsQuery)
    def get(self, request: Request) -> Response:
        asked = parsed(RoomsQuery, request.query_params.dict())
        found = Room.objects.select_related("location").prefetch_related("usual_for")
        if "location" in asked:
            found = found.filter(location=named(Location, asked["location"], "location"))
        return page(found, request, responses.room, ordering=("slug",))

    @documented(RoomFields, operation="add_room", body=RoomFields, status=201, creates=True)
    def post(self, request: Request) -> Response:
        asked = parsed(RoomFields, request.data)
        return created(request, lambda: _put_room(Room(), asked), at="rooms", name="slug", now=timezone.now())


class RoomView(APIView):
    permission_classes = [Staff]
    scopes = ADMIN_WRITES

    @documented(RoomFields, operation="read_room")
    def get(self, request: Request, slug: str) -> Response:
        return Response(responses.room(_room(slug)))

    @documented(RoomFields, operation="change_room", body=RoomFields)
    def patch(self, request: Request, slug: str) -> Response:
        room = _room(slug)
        asked = changes(RoomFields, request.data, present=room)
        return Response(in_one_transaction(lambda: _put_room(room, asked)))

    @documented("nothing", operation="close_room", status=204)
    def delete(self, request: Request, slug: str) -> Response:
        save(_room(slug), {"is_active": False})
        return Response(status=204)


def _room(slug: str) -> Room:
    return one_of(Room.objects.select_related("location"), slug=slug)


def _put_room(room: Room, asked: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in asked.items() if name != "usual_for"}
    usual = all_named(Therapist, asked.get("usual_for", []), "usual_for")
    if "location" in values:
        values["location"] = named(Location, values["location"], "location")
        if room.pk and room.location_id != values["location"].pk and room.appointments.exists():
            raise errors.UnknownValue("location", "Visits were booked into this room, and rooms do not travel.")
    save(room, values)
    if "usual_for" in asked:
        room.usual_for.set(usual)
    return responses.room(room)
