from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import access, errors, queries
from booking.access import Caller
from booking.api import responses
from booking.api.authentication import caller_of
from booking.api.fields import StrictSerializer
from booking.api.pagination import page
from booking.api.permissions import Anyone
from booking.api.requests import LocationsQuery, ServicesQuery, SlotsQuery, TherapistsQuery
from booking.api.schema import documented


@lru_cache
def _reader(serializer: type[StrictSerializer]) -> StrictSerializer:
    """Return the one that reads every request: DRF copies all its fields for each that is made."""
    return serializer()


def parsed(serializer: type[StrictSerializer], values: Any) -> dict[str, Any]:
    """Return the validated values. Raises ValidationError, which names each field."""
    found: dict[str, Any] = _reader(serializer).run_validation(values)
    return found


class LocationsView(APIView):
    permission_classes = [Anyone]
    scope = "public"

    @documented("locations", operation="list_locations", paged=True, query=LocationsQuery)
    def get(self, request: Request) -> Response:
        parsed(LocationsQuery, request.query_params.dict())
        return page(queries.locations(), request, responses.location, ordering=("slug",))


class ServicesView(APIView):
    permission_classes = [Anyone]
    scope = "public"

    @documented("services", operation="list_services", paged=True, query=ServicesQuery)
    def get(self, request: Request) -> Response:
        wanted = parsed(ServicesQuery, request.query_params.dict())
        queries.check_known(wanted)
        currency = queries.studio().currency
        found = queries.services(location=wanted.get("location"))
        return page(found, request, lambda one: responses.service(one, currency=currency), ordering=("slug",))


class TherapistsView(APIView):
    permission_classes = [Anyone]
    scope = "public"

    @documented("therapists", operation="list_therapists", paged=True, query=TherapistsQuery)
    def get(self, request: Request) -> Response:
        wanted = parsed(TherapistsQuery, request.query_params.dict())
        queries.check_known(wanted)
        found = queries.therapists(location=wanted.get("location"), service=wanted.get("service"))
        return page(found, request, responses.therapist, ordering=("slug",))


class SlotsView(APIView):
    permission_classes = [Anyone]
    scope = "public"
    limit = "slots"

    @documented("slots", operation="list_slots", query=SlotsQuery)
    def get(self, request: Request) -> Response:
        asked = parsed(SlotsQuery, request.query_params.dict())
        now = timezone.now()
        dates: dict[str, Any] = {"first_on": asked["from"], "last_on": asked["until"], "now": now}
        if "instead_of" in asked:
            wanted, found = _to_move_to(asked, dates, caller=caller_of(request))
        else:
            wanted = queries.wanted(
                location=asked["location"],
                variation=asked["variation"],
                add_ons=asked.get("add_ons", ()),
                therapist=asked.get("therapist"),
                gender=asked.get("gender"),
                partner_gender=asked.get("partner_gender"),
            )
            own = queries.held_by(access.digest(asked["hold"]), now=now) if "hold" in asked else 0
            found = queries.slots(wanted, **dates, zone=asked.get("time_zone"), instead_of=own)
        return Response(
            {
                "location": asked["location"],
                "variation": asked["variation"],
                "time_zone": asked.get("time_zone") or wanted.location.time_zone,
                "days": found.days,
                "reason": found.reason,
            }
        )


def _to_move_to(
    asked: dict[str, Any], dates: dict[str, Any], *, caller: Caller
) -> tuple[queries.Wanted, queries.Slots]:
    """Return the slots that an appointment can be moved to, by the rules its move will be held to."""
    appointment = access.appointment_for(caller, asked["instead_of"])
    wanted = queries.wanted_again(appointment, therapist=asked.get("therapist"))
    for field, slug in (("location", wanted.location.slug), ("variation", wanted.variation.slug)):
        if asked[field] != slug:
            raise errors.UnknownValue(field, f"The appointment is for “{slug}”; moving it does not change that.")
    found = queries.slots(
        wanted,
        **dates,
        zone=asked.get("time_zone"),
        instead_of=appointment.pk,
        duration=int((appointment.end_at - appointment.start_at) / timedelta(minutes=1)),
        rules=not caller.is_staff,
    )
    return wanted, found
