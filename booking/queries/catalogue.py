"""What can be booked, and what a caller asks for, found by its slugs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import JSONObject

from booking import errors
from booking.models import AddOn, Appointment, Closure, Location, Room, Service, Studio, Therapist, Variation


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants to book, resolved: the location carries its rooms, closures and the studio's rules.

    `therapist` and `gender` are wishes; None is "anyone".
    """

    location: Location
    variation: Variation
    add_ons: tuple[AddOn, ...] = ()
    therapist: str | None = None
    gender: str | None = None

    @property
    def service(self) -> Service:
        return self.variation.service


def locations() -> QuerySet[Location]:
    return Location.objects.filter(is_active=True)


def services(location: str | None = None) -> QuerySet[Service]:
    """Return active services with their variations and add-ons; with a location, those its therapists do."""
    found = Service.objects.filter(is_active=True).prefetch_related(
        Prefetch("variations", queryset=Variation.objects.filter(is_active=True)), "add_ons"
    )
    if location is not None:
        found = found.filter(therapists__is_active=True, therapists__weekly_hours__location__slug=location).distinct()
    return found


def therapists(location: str | None = None, service: str | None = None) -> QuerySet[Therapist]:
    found = Therapist.objects.filter(is_active=True).prefetch_related("skills")
    if location is not None:
        found = found.filter(weekly_hours__location__slug=location)
    if service is not None:
        found = found.filter(skills__slug=service)
    return found.distinct()


def studio() -> Studio:
    """Return the business. Raises Studio.DoesNotExist before the first set-up."""
    return Studio.objects.get(pk=1)


def wanted(
    *,
    location: str,
    variation: str,
    add_ons: Sequence[str] = (),
    therapist: str | None = None,
    gender: str | None = None,
) -> Wanted:
    """Return what the slugs name, in two SQL statements, three with add-ons.

    Raises errors.UnknownValue naming the field when a slug names nothing that can be booked. An unknown
    therapist is not told here but by who is found to be free: see agenda().
    """
    place = _location(location)
    what = Variation.objects.select_related("service").filter(slug=variation, is_active=True, service__is_active=True)
    found = what.first()
    if found is None:
        raise errors.UnknownValue("variation", f"There is no variation “{variation}”. See /api/v1/services/.")
    return Wanted(place, found, _add_ons(found.service, add_ons), therapist, gender)


def wanted_again(appointment: Appointment, *, therapist: str | None = None) -> Wanted:
    """Return what an appointment was for, to find another time for it; retired variations included.

    The wishes it was made with still hold: the gender, and the therapist asked for by name unless `therapist`
    names another. Three SQL statements.
    """
    place = _with_rooms(Location.objects.filter(pk=appointment.location_id)).get()
    what = Variation.objects.select_related("service").get(pk=appointment.variation_id)
    if therapist is None and appointment.requested_therapist:
        present = [one.therapist.slug for one in appointment.assignments.select_related("therapist")]
        therapist = present[0] if len(present) == 1 else None
    return Wanted(place, what, (), therapist, appointment.requested_gender or None)


def _location(slug: str) -> Location:
    found = _with_rooms(Location.objects.filter(slug=slug, is_active=True)).first()
    if found is None:
        raise errors.UnknownValue("location", f"There is no location “{slug}”. See /api/v1/locations/.")
    return found


def _with_rooms(found: QuerySet[Location]) -> QuerySet[Location]:
    """Add the rooms, the closures and the studio's rules, so that slots need no statement for each."""
    rooms = Room.objects.filter(location=OuterRef("pk"), is_active=True).order_by("slug")
    closures = Closure.objects.filter(location=OuterRef("pk"))
    return found.annotate(
        open_rooms=ArraySubquery(rooms.values(json=JSONObject(id="id", slug="slug", features="features"))),
        shut=ArraySubquery(closures.values(json=JSONObject(start=F("start_at"), end=F("end_at")))),
        currency=Subquery(Studio.objects.values("currency")[:1]),
        tips_by_default=Subquery(Studio.objects.values("tips_by_default")[:1]),
    )


def _add_ons(service: Service, slugs: Sequence[str]) -> tuple[AddOn, ...]:
    if not slugs:
        return ()
    found = {add_on.slug: add_on for add_on in service.add_ons.filter(slug__in=slugs)}
    for slug in slugs:
        if slug not in found:
            raise errors.UnknownValue("add_ons", f"“{slug}” is not an add-on of {service.name}.")
    return tuple(found[slug] for slug in dict.fromkeys(slugs))
