"""An entry of the waitlist as we answer with it, and what the schema says of that."""

from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers

from booking import queries
from booking.access import Caller
from booking.actions.waitlist.join import Joined
from booking.actions.waitlist.why import why_no_offer
from booking.api.responses import instant
from booking.models import EntryState, Gender, WaitlistEntry
from booking.queries.waitlist import REASONS


def entry(one: WaitlistEntry, *, caller: Caller, now: datetime) -> dict[str, Any]:
    """Return the entry with its place in line and why it has no offer yet; a link's holder gets the first name only."""
    waits = queries.entry_state(one, now=now) == EntryState.WAITING
    return {
        **listed(one, caller=caller, now=now),
        "position": queries.place_in_line(one) if waits else None,
        "reason": why_no_offer(one, now=now) if waits else None,
    }


def joined(done: Joined, *, caller: Caller, now: datetime) -> dict[str, Any]:
    """Return the answer to joining, the only one that carries the token."""
    known = entry(queries.whole_entry(done.entry), caller=caller, now=now)
    return known | {"token": done.token, "manage_url": f"{settings.PUBLIC_URL}/waitlist/{done.token}/"}


def listed(one: WaitlistEntry, *, caller: Caller, now: datetime) -> dict[str, Any]:
    zone = one.location.time_zone
    return {
        "reference": one.reference,
        "state": queries.entry_state(one, now=now),
        "location": one.location.slug,
        "service": one.variation.service.slug,
        "variation": one.variation.slug,
        "add_ons": sorted(add_on.slug for add_on in one.add_ons.all()),
        "therapist": one.therapist or None,
        "gender": one.gender or None,
        "partner_gender": one.partner_gender or None,
        "time_zone": zone,
        "windows": [
            {"from": instant(window.start_at, zone), "until": instant(window.end_at, zone)}
            for window in one.windows.all()
        ],
        "joined_at": instant(one.joined_at, zone),
        "offer": _offer(one, now=now),
        "client": _client(one, caller),
    } | ({"note": one.note} if caller.is_staff else {})


def _offer(one: WaitlistEntry, *, now: datetime) -> dict[str, Any] | None:
    offer, zone = queries.open_offer(one, now=now), one.location.time_zone
    if offer is None or offer.hold is None:
        return None
    return {
        "start": instant(offer.start_at, zone),
        "end": instant(offer.hold.end_at, zone),
        "therapists": sorted(offer.therapists),
        "expires_at": instant(offer.expires_at, zone),
    }


def _client(one: WaitlistEntry, caller: Caller) -> dict[str, str]:
    client = one.client
    if not caller.is_staff:
        return {"name": client.name.split()[0]}
    return {
        "reference": client.reference,
        "name": client.name,
        "email": client.email,
        "phone": client.phone,
        "language": client.language,
    }


class WindowAnswer(serializers.Serializer[Any]):
    until = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        return {"from": serializers.DateTimeField()} | fields


class OfferAnswer(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    therapists = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(help_text="Until then it can be accepted.")


class WaitingClient(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="The first name only, for the holder of a link.")
    reference = serializers.CharField(required=False, help_text="Staff only, like all below.")
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    language = serializers.CharField(required=False)


class ListedEntry(serializers.Serializer[Any]):
    reference = serializers.CharField()
    state = serializers.ChoiceField(EntryState.choices)
    location = serializers.CharField()
    service = serializers.CharField()
    variation = serializers.CharField()
    add_ons = serializers.ListField(child=serializers.CharField())
    therapist = serializers.CharField(allow_null=True)
    gender = serializers.ChoiceField(Gender.choices, allow_null=True)
    partner_gender = serializers.ChoiceField(Gender.choices, allow_null=True)
    time_zone = serializers.CharField(help_text="IANA name.")
    windows = WindowAnswer(many=True)
    joined_at = serializers.DateTimeField()
    offer = OfferAnswer(allow_null=True)
    client = WaitingClient()
    note = serializers.CharField(required=False, help_text="Staff only.")


class Entry(ListedEntry):
    position = serializers.IntegerField(
        allow_null=True, help_text="How many wait before you; null when you do not wait."
    )
    reason = serializers.ChoiceField(REASONS, allow_null=True, help_text="Why there is no offer yet.")


class JoinedEntry(Entry):
    token = serializers.CharField(help_text="Opens the entry; only here.")
    manage_url = serializers.URLField()
