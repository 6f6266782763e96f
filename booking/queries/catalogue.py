"""What can be booked, and what a caller asks for, found by its slugs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from booking import errors
from booking.models import AddOn, Appointment, Location, Service, Studio, Therapist, Variation

# A location with its rooms, its closures in minutes since the epoch, and the studio's rules, so that a slot needs no
# statement for each. Written out, because putting it together from expressions took longer than running it.
LOCATION = """
SELECT l.*, s.currency, s.tips_by_default,
  ARRAY(SELECT json_build_object('id', r.id, 'slug', r.slug, 'features', r.features)
        FROM booking_room r WHERE r.location_id = l.id AND r.is_active ORDER BY r.slug) AS open_rooms,
  ARRAY(SELECT json_build_array(floor(date_part('epoch', c.start_at) / 60), ceil(date_part('epoch', c.end_at) / 60))
        FROM booking_closure c WHERE c.location_id = l.id) AS shut
FROM booking_location l LEFT JOIN booking_studio s ON s.id = 1
"""
NOT_SET_UP = "The studio is not set up yet: its owner begins at /admin/."


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


def check_known(wanted: Mapping[str, str]) -> None:
    """Raise errors.UnknownValue when `location` or `service` names none: an empty list would hide the mistake."""
    if "location" in wanted and not locations().filter(slug=wanted["location"]).exists():
        raise errors.UnknownValue("location", f"There is no location “{wanted['location']}”.")
    if "service" in wanted and not Service.objects.filter(slug=wanted["service"], is_active=True).exists():
        raise errors.UnknownValue("service", f"There is no service “{wanted['service']}”.")


def studio() -> Studio:
    """Return the business. Raises errors.StudioBusy before it is set up."""
    found = Studio.objects.filter(pk=1).first()
    if found is None:
        raise errors.StudioBusy(NOT_SET_UP)
    return found


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
    place = Location.objects.raw(f"{LOCATION} WHERE l.id = %s", [appointment.location_id])[0]
    what = Variation.objects.select_related("service").get(pk=appointment.variation_id)
    if therapist is None and appointment.requested_therapist:
        present = [one.therapist.slug for one in appointment.assignments.select_related("therapist")]
        therapist = present[0] if len(present) == 1 else None
    return Wanted(place, what, (), therapist, appointment.requested_gender or None)


def _location(slug: str) -> Location:
    found = next(iter(Location.objects.raw(f"{LOCATION} WHERE l.slug = %s AND l.is_active", [slug])), None)
    if found is None:
        raise errors.UnknownValue("location", f"There is no location “{slug}”. See /api/v1/locations/.")
    if found.currency is None:  # type: ignore[attr-defined]  # read by LOCATION
        raise errors.StudioBusy(NOT_SET_UP)
    return found


def _add_ons(service: Service, slugs: Sequence[str]) -> tuple[AddOn, ...]:
    if not slugs:
        return ()
    found = {add_on.slug: add_on for add_on in service.add_ons.filter(slug__in=slugs)}
    for slug in slugs:
        if slug not in found:
            raise errors.UnknownValue("add_ons", f"“{slug}” is not an add-on of {service.name}.")
    return tuple(found[slug] for slug in dict.fromkeys(slugs))
