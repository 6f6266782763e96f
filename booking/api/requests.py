"""What callers may say, field by field. Sizes and shapes are checked here; whether it can be had, by actions."""

from datetime import date
from typing import Any

from rest_framework import serializers

from booking.actions.override import RULES
from booking.api.fields import (
    AddressField,
    InstantField,
    LineField,
    ListOfField,
    NameField,
    NoteField,
    PhoneField,
    StrictSerializer,
    WordField,
    YesNoField,
    ZoneField,
)
from booking.domain import status
from booking.models import Gender, Source
from booking.queries import MAX_DAYS

SLUG_LENGTH = 50
# Which visits of a series a change is for.
THIS, THIS_AND_LATER = SCOPES = ("this", "this-and-later")
LANGUAGES = ("en", "de")
FIRST_DATE, LAST_DATE = date(1970, 1, 3), date(9990, 1, 1)


class SlugField(LineField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=SLUG_LENGTH, **options)


class SlugListField(SlugField):
    """Slugs with commas between them, as query parameters have it; kept as a list."""

    def to_internal_value(self, data: Any) -> Any:
        return [part.strip() for part in LineField.to_internal_value(self, data).split(",") if part.strip()]


class LocationsQuery(StrictSerializer):
    cursor = LineField(required=False, max_length=200)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class ServicesQuery(LocationsQuery):
    location = SlugField(required=False)


class TherapistsQuery(ServicesQuery):
    service = SlugField(required=False)


class SlotsQuery(StrictSerializer):
    location = SlugField()
    variation = SlugField()
    therapist = SlugField(required=False)
    gender = WordField(Gender.choices, required=False)
    add_ons = SlugListField(required=False)
    time_zone = ZoneField(required=False)
    instead_of = SlugField(required=False)
    hold = LineField(required=False, max_length=64)
    partner_gender = WordField(Gender.choices, required=False)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["from"] = serializers.DateField()
        fields["until"] = serializers.DateField()
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs["from"], attrs["until"]
        if not FIRST_DATE < first < LAST_DATE:
            raise serializers.ValidationError({"from": ["This date is out of range."]})
        if last < first:
            raise serializers.ValidationError({"until": ["This is before “from”."]})
        if (last - first).days >= MAX_DAYS:
            raise serializers.ValidationError({"until": [f"Ask for at most {MAX_DAYS} days at once."]})
        if "hold" in attrs and "instead_of" in attrs:
            raise serializers.ValidationError({"hold": ["Give either a hold or “instead_of”."]})
        return attrs


class GuestField(StrictSerializer):
    name = NameField()
    email = AddressField(max_length=254)
    phone = PhoneField(required=False, allow_blank=True, max_length=40)
    time_zone = ZoneField(required=False, allow_blank=True, max_length=64)
    language = WordField(LANGUAGES, required=False)


class StaffClientField(StrictSerializer):
    """The desk names a client it knows, or introduces one; a telephone client may have no address."""

    reference = SlugField(required=False)
    name = NameField(required=False)
    email = AddressField(required=False, allow_blank=True, max_length=254)
    phone = PhoneField(required=False, allow_blank=True, max_length=40)
    time_zone = ZoneField(required=False, allow_blank=True, max_length=64)
    language = WordField(LANGUAGES, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("reference" in attrs) == ("name" in attrs):
            raise serializers.ValidationError({"name": ["Give either a reference or a name."]})
        if "reference" in attrs and len(attrs) > 1:
            raise serializers.ValidationError({"reference": ["A client we know needs no other field."]})
        return attrs


class PartnerField(StrictSerializer):
    name = NameField()
    email = AddressField(required=False, allow_blank=True, max_length=254)


class BookRequest(StrictSerializer):
    location = SlugField()
    variation = SlugField()
    start = InstantField()
    therapist = SlugField(required=False)
    gender = WordField(Gender.choices, required=False)
    partner_gender = WordField(Gender.choices, required=False)
    add_ons = ListOfField(child=SlugField(), required=False, max_length=10)
    client = GuestField()
    partner = PartnerField(required=False)
    note = NoteField(required=False, allow_blank=True, max_length=1000)
    tips = YesNoField(required=False)


class HeldRequest(StrictSerializer):
    """To book what a hold keeps: when, where and what, the hold says."""

    hold = LineField(max_length=64)
    client = GuestField()
    partner = PartnerField(required=False)
    note = NoteField(required=False, allow_blank=True, max_length=1000)
    tips = YesNoField(required=False)


class OverrideField(StrictSerializer):
    rules = ListOfField(child=WordField(RULES), min_length=1, max_length=len(RULES))
    reason = LineField(max_length=200)


class ByStaff(StrictSerializer):
    """What the desk may say besides; its form of `client`, too, stands where this is mixed in."""

    source = WordField(Source.choices, required=False)  # type: ignore[assignment]  # a field of the contract; DRF has an attribute of that name
    notify = YesNoField(required=False)
    alongside = YesNoField(required=False)


class StaffBookRequest(ByStaff, BookRequest):
    client = StaffClientField(allow_null=True)  # type: ignore[assignment]  # the desk's form of the same field
    override = OverrideField(required=False)


class StaffHeldRequest(ByStaff, HeldRequest):
    client = StaffClientField(allow_null=True)  # type: ignore[assignment]  # the desk's form of the same field


class RescheduleRequest(StrictSerializer):
    start = InstantField()
    therapist = SlugField(required=False)
    scope = WordField(SCOPES, required=False)


class StaffRescheduleRequest(RescheduleRequest):
    override = OverrideField(required=False)


class ExplainQuery(StrictSerializer):
    location = SlugField()
    variation = SlugField()
    start = InstantField()
    add_ons = SlugListField(required=False)
    instead_of = SlugField(required=False)


class CancelRequest(StrictSerializer):
    reason = LineField(required=False, allow_blank=True, max_length=200)
    scope = WordField(SCOPES, required=False)


class AppointmentsQuery(StrictSerializer):
    until = serializers.DateField(required=False)
    location = SlugField(required=False)
    therapist = SlugField(required=False)
    status = WordField(status.ALL, required=False)
    client = SlugField(required=False)
    cursor = LineField(required=False, max_length=200)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["from"] = serializers.DateField(required=False)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("from", "until"):
            if name in attrs and not FIRST_DATE < attrs[name] < LAST_DATE:
                raise serializers.ValidationError({name: ["This date is out of range."]})
        return attrs
