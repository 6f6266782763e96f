from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from booking import errors
from booking.actions.locks import in_one_transaction
from booking.models import AddOn, Service, Variation


def write_service(
    service: Service,
    *,
    variations: Iterable[Mapping[str, Any]] | None = None,
    add_ons: Iterable[Mapping[str, Any]] | None = None,
) -> Service:
    """Save the service, and with it the variations and add-ons it has from now on; None leaves them as they are.

    A variation that is left out is not offered any more, and stays for the visits that were booked with it. An
    add-on is known by its slug, also to other services: it changes for all of them.
    Raises errors.UnknownValue for the slug of another service or of another's variation; then nothing is written.
    """

    def run() -> Service:
        if Service.objects.filter(slug=service.slug).exclude(pk=service.pk).exists():
            raise errors.UnknownValue("slug", f"There is a service “{service.slug}” already.")
        service.save()
        if variations is not None:
            _write_variations(service, list(variations))
        if add_ons is not None:
            service.add_ons.set([_write_add_on(entry) for entry in add_ons])
        return service

    return in_one_transaction(run)


def _write_variations(service: Service, entries: list[Mapping[str, Any]]) -> None:
    slugs = [entry["slug"] for entry in entries]
    known = {one.slug: one for one in Variation.objects.filter(slug__in=slugs)}
    for entry in entries:
        one = known.get(entry["slug"]) or Variation(slug=entry["slug"], service=service)
        if one.service_id != service.pk:
            raise errors.UnknownValue("variations", f"“{one.slug}” is a variation of another service.")
        _put(one, entry)
        one.is_active = True
        one.save()
    service.variations.exclude(slug__in=slugs).update(is_active=False)


def _write_add_on(entry: Mapping[str, Any]) -> AddOn:
    one = AddOn.objects.filter(slug=entry["slug"]).first() or AddOn(slug=entry["slug"])
    _put(one, entry)
    one.save()
    return one


def _put(one: Variation | AddOn, entry: Mapping[str, Any]) -> None:
    price: Decimal = entry["price"]["amount"]
    for name, value in {**entry, "price_amount": price}.items():
        if name != "price":
            setattr(one, name, value)
