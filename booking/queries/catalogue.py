"""What can be booked, and what a caller asks for, found by its slugs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Prefetch, QuerySet

from booking import errors
from booking.domain import status
from booking.models import AddOn, Appointment, Location, Service, Studio, Therapist, Variation
from booking.queries.memory import Place, Premises, recall, remember

# What is wanted in one statement: the variation, its service, and the location with its rooms and the studio's rules.
# Written out, because the ORM took longer to put it together than PostgreSQL to run it, and it stands before every slot
# and every booking.
Row = TypeVar("Row", Variation, Service, Location)
COLUMNS: dict[type[Any], list[str]] = {
    model: [field.attname for field in model._meta.concrete_fields] for model in (Variation, Service, Location)
}
# The names are our own models' columns; what callers send goes in as parameters.
READ = f"""
SELECT {", ".join(f"v.{name}" for name in COLUMNS[Variation])}, {", ".join(f"s.{name}" for name in COLUMNS[Service])},
  {", ".join(f"l.{name}" for name in COLUMNS[Location])}, b.currency, b.tips_by_default,
  b.requests_block, b.request_hours, b.hold_minutes, b.holds_per_caller, b.catalogue_edition::text,
  EXISTS (SELECT FROM booking_therapist t WHERE t.is_active AND (t.longest_stretch_minutes IS NOT NULL
          OR t.daily_limit_minutes IS NOT NULL OR t.weekly_limit_minutes IS NOT NULL)),
  (SELECT json_agg(json_build_object('id', r.id, 'slug', r.slug, 'name', r.name, 'features', r.features, 'usual',
     (SELECT json_agg(u.therapist_id) FROM booking_room_usual_for u WHERE u.room_id = r.id)) ORDER BY r.slug)
   FROM booking_room r WHERE r.location_id = l.id AND r.is_active)
FROM booking_variation v JOIN booking_service s ON s.id = v.service_id CROSS JOIN booking_location l
LEFT JOIN booking_studio b ON b.id = 1
"""  # noqa: S608 - see above
FOR_SALE = "WHERE l.slug = %s AND l.is_active AND v.slug = %s AND v.is_active AND s.is_active"
AS_BOOKED = "WHERE l.id = %s AND v.id = %s"
AS_HELD = """WHERE (l.id, v.id) = (SELECT h.location_id, h.variation_id FROM booking_appointment h
                      WHERE h.hold_digest = %s AND h.status = 'held' AND h.expires_at > %s)"""
HELD = """
SELECT l.slug, v.slug, b.catalogue_edition::text FROM booking_appointment h
JOIN booking_location l ON l.id = h.location_id JOIN booking_variation v ON v.id = h.variation_id
LEFT JOIN booking_studio b ON b.id = 1 WHERE h.hold_digest = %s AND h.status = 'held' AND h.expires_at > %s
"""
NOT_SET_UP = "The studio is not set up yet: its owner begins at /admin/."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants to book, resolved.

    `therapist`, `gender` and `partner_gender` are wishes; None is "anyone". `gender` is the client's own wish: of a
    pair, the partner's is theirs. `remembered` says that the rest may be of an old edition of the catalogue.
    """

    location: Location
    variation: Variation
    add_ons: tuple[AddOn, ...] = ()
    therapist: str | None = None
    gender: str | None = None
    premises: Premises = field(default_factory=Premises)
    partner_gender: str | None = None
    remembered: bool = False

    @property
    def service(self) -> Service:
        return self.variation.service

    @property
    def suitable_rooms(self) -> list[dict[str, Any]]:
        """Return the rooms that have what the service needs, by slug."""
        needed = set(self.service.room_features)
        return [room for room in self.premises.rooms if needed <= set(room["features"])]


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
    partner_gender: str | None = None,
    may_remember: bool = False,
) -> Wanted:
    """Return what the slugs name, in one SQL statement, two with add-ons.

    With `may_remember` without the one when this process has read it before: for who goes on to look into the
    diaries inside locks.in_one_transaction, which begins anew when the catalogue has changed (ADR 12).
    Raises errors.UnknownValue naming the field when a slug names nothing that can be booked. An unknown
    therapist is not told here but by who is found to be free: see agenda().
    """
    known = recall(location, variation) if may_remember else None
    found = known or _read(FOR_SALE, [location, variation])
    if found is None:
        raise _unknown(location, variation)
    place, what, premises = found
    if not premises.currency:
        raise errors.StudioBusy(NOT_SET_UP)
    if may_remember and known is None:
        remember(found)
    extras = _add_ons(what.service, add_ons)
    return Wanted(place, what, extras, therapist, gender, premises, partner_gender, remembered=known is not None)


def _read(which: str, values: Sequence[str | int | datetime]) -> Place | None:
    with connection.cursor() as cursor:
        cursor.execute(READ + which, values)
        row = cursor.fetchone()
    if row is None:
        return None
    values_left = iter(row)
    what = _row_of(Variation, values_left)
    what.service = _row_of(Service, values_left)
    place = _row_of(Location, values_left)
    currency, tips_by_default, *rules, rooms = values_left
    premises = Premises(rooms or [], currency or "", bool(tips_by_default), *rules)
    return place, what, premises


def _row_of(model: type[Row], values: Iterator[Any]) -> Row:
    """Return the row made of the next values, as the ORM would have read it."""
    names = COLUMNS[model]
    return model.from_db(connection.alias, names, list(islice(values, len(names))))


def _unknown(location: str, variation: str) -> errors.Refusal:
    """Return the refusal that names the field at fault, the location first."""
    if not locations().filter(slug=location).exists():
        return errors.UnknownValue("location", f"There is no location “{location}”. See /api/v1/locations/.")
    return errors.UnknownValue("variation", f"There is no variation “{variation}”. See /api/v1/services/.")


def wanted_again(appointment: Appointment, *, therapist: str | None = None) -> Wanted:
    """Return what an appointment was for, to find another time for it; retired variations included.

    The wishes it was made with still hold: the gender, and the therapist asked for by name unless `therapist`
    names another. Two SQL statements at most.
    """
    found = _read(AS_BOOKED, [appointment.location_id, appointment.variation_id])
    if found is None:
        raise errors.NotFound("There is no such appointment.")
    place, what, premises = found
    if therapist is None and appointment.requested_therapist:
        present = [one.therapist.slug for one in appointment.assignments.select_related("therapist")]
        therapist = present[0] if len(present) == 1 else None
    return Wanted(
        place,
        what,
        (),
        therapist,
        appointment.requested_gender or None,
        premises,
        appointment.partner_gender or None,
    )


def wanted_in_hold(hold_digest: str, *, now: datetime) -> Wanted:
    """Return what the live hold is for, but for wishes and add-ons, which it keeps itself.

    One SQL statement, two when this process has not read it before. Raises errors.HoldExpired when it has ended or
    never was.
    """
    with connection.cursor() as cursor:
        cursor.execute(HELD, [hold_digest, now])
        held = cursor.fetchone()
    found = held and (recall(held[0], held[1], edition=held[2]) or _read(AS_HELD, [hold_digest, now]))
    if not found:
        raise errors.HoldExpired("This hold has ended. Please choose a time again; the same one may still be free.")
    place, what, premises = found
    return Wanted(place, what, premises=premises)


def held_by(token_digest: str, *, now: datetime) -> int:
    """Return the key of the live hold that the token opens, 0 when there is none: then nothing is kept by it."""
    found = Appointment.objects.filter(hold_digest=token_digest, status=status.HELD, expires_at__gt=now)
    return found.values_list("pk", flat=True).first() or 0


def _add_ons(service: Service, slugs: Sequence[str]) -> tuple[AddOn, ...]:
    if not slugs:
        return ()
    found = {add_on.slug: add_on for add_on in service.add_ons.filter(slug__in=slugs)}
    for slug in slugs:
        if slug not in found:
            raise errors.UnknownValue("add_ons", f"“{slug}” is not an add-on of {service.name}.")
    return tuple(found[slug] for slug in dict.fromkeys(slugs))
