"""What callers say to the waitlist, field by field."""

from typing import Any

from rest_framework import serializers

from booking.api.fields import InstantField, LineField, ListOfField, NoteField, StrictSerializer, WordField, YesNoField
from booking.api.requests import GuestField, PartnerField, SlugField, StaffClientField
from booking.models import EntryState, Gender

MOST_WINDOWS = 5


class WindowField(StrictSerializer):
    """From one instant until another, each with its offset."""

    until = InstantField()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        return {"from": InstantField()} | fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["until"] <= attrs["from"]:
            raise serializers.ValidationError({"until": ["This is not after “from”."]})
        return attrs


class JoinRequest(StrictSerializer):
    location = SlugField()
    variation = SlugField()
    therapist = SlugField(required=False)
    gender = WordField(Gender.choices, required=False)
    partner_gender = WordField(Gender.choices, required=False)
    add_ons = ListOfField(child=SlugField(), required=False, max_length=10)
    windows = ListOfField(child=WindowField(), min_length=1, max_length=MOST_WINDOWS)
    client = GuestField()
    partner = PartnerField(required=False)
    note = NoteField(required=False, allow_blank=True, max_length=1000)
    tips = YesNoField(required=False)


class StaffJoinRequest(JoinRequest):
    client = StaffClientField()  # type: ignore[assignment]  # the desk's form of the same field


class NothingRequest(StrictSerializer):
    """An answer that says all by its address."""


class WaitlistQuery(StrictSerializer):
    location = SlugField(required=False)
    state = WordField(EntryState.choices, required=False)
    cursor = LineField(required=False, max_length=200)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)
