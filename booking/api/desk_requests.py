"""What the desk says about an appointment of today, and about whom it does not give time to online."""

from typing import Any

from rest_framework import serializers

from booking.api.fields import LineField, StrictSerializer, WordField
from booking.api.requests import LocationsQuery
from booking.contacts import spelt
from booking.models import Contact


class StepRequest(StrictSerializer):
    """Nothing: the address says it all."""


class DeclineRequest(StrictSerializer):
    reason = LineField(required=False, allow_blank=True, max_length=200)


class BlockRequest(StrictSerializer):
    kind = WordField(Contact.choices)
    value = LineField(max_length=254)
    reason = LineField(required=False, allow_blank=True, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            spelt(attrs["kind"], attrs["value"])
        except ValueError as error:
            raise serializers.ValidationError({"value": [str(error)]}) from error
        return attrs


class BlockedQuery(LocationsQuery):
    pass
