"""From what a caller said, field by field, to what booking asks for."""

from typing import Any

from booking import errors, queries
from booking.actions.book import Wishes
from booking.actions.override import NOTHING, Override
from booking.actions.put_down import Person
from booking.models import Client
from booking.queries import Wanted


def wanted_in(asked: dict[str, Any], *, may_remember: bool = False) -> Wanted:
    """Return what a request to book names, see queries.wanted.

    Raises errors.UnknownValue with the field that names nothing.
    """
    # Whether it is for two is decided before anybody looks into the diaries, which is what proves a memory.
    for_two = bool(asked.get("partner") or asked.get("partner_gender"))
    wanted = queries.wanted(
        location=asked["location"],
        variation=asked["variation"],
        add_ons=asked.get("add_ons", ()),
        therapist=asked.get("therapist"),
        gender=asked.get("gender"),
        partner_gender=asked.get("partner_gender"),
        may_remember=may_remember and not for_two,
    )
    check_for_two(wanted, asked)
    return wanted


def check_for_two(wanted: Wanted, asked: dict[str, Any]) -> None:
    """Raise errors.UnknownValue when there is a second person in what is for one."""
    if wanted.service.therapists_required > 1:
        return
    for field in ("partner", "partner_gender"):
        if asked.get(field):
            raise errors.UnknownValue(field, f"{wanted.service.name} is for one person.")


def override_in(asked: dict[str, Any]) -> Override:
    wanted = asked.get("override")
    return Override(frozenset(wanted["rules"]), wanted["reason"]) if wanted else NOTHING


def wishes_in(asked: dict[str, Any]) -> Wishes:
    partner = asked.get("partner") or {}
    return Wishes(
        client=client_in(asked["client"]),
        partner_name=partner.get("name", ""),
        partner_email=partner.get("email", ""),
        note=asked.get("note", ""),
        tips=asked.get("tips"),
        source=asked.get("source", "online"),
        notify=asked.get("notify", True),
        alongside=asked.get("alongside", False),
    )


def mailed(asked: dict[str, Any]) -> list[str]:
    """Return the addresses that this booking would mail to, for the limit on each (S43)."""
    addresses = (asked["client"]["email"], asked.get("partner", {}).get("email", ""))
    return [address.lower() for address in addresses if address]


def client_in(asked: dict[str, Any] | None) -> Person | Client | None:
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
