"""What the studio is made of, as the desk writes it down: places, rooms, people, hours, and the menu.

The same fields answer. A PATCH takes any of them; `present` in the context is then what it changes.
"""

from typing import Any

from rest_framework import serializers

from booking.api.desk_fields import ClockField, DayField, MoneyField, NewSlugField, SlugsField, WholeField
from booking.api.fields import LineField, ListOfField, NoteField, StrictSerializer, WordField, YesNoField, ZoneField
from booking.api.requests import LocationsQuery, SlugField
from booking.models import Gender, ServiceKind, StartMode

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
A_DAY, A_WEEK, A_YEAR = 24 * 60, 7 * 24 * 60, 366


class GeoField(StrictSerializer):
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)


class LocationFields(StrictSerializer):
    slug = NewSlugField()
    name = LineField(max_length=80)
    time_zone = ZoneField(max_length=64)
    address = NoteField(max_length=500)
    phone = LineField(required=False, allow_blank=True, max_length=32)
    geo = GeoField(required=False, allow_null=True)
    clean_up_within_hours = YesNoField(required=False)
    is_active = YesNoField(required=False)


class RoomFields(StrictSerializer):
    slug = NewSlugField()
    name = LineField(max_length=80)
    location = SlugField()
    features = ListOfField(child=NewSlugField(), required=False, max_length=20)
    usual_for = SlugsField(required=False)
    is_active = YesNoField(required=False)


class RoomsQuery(LocationsQuery):
    location = SlugField(required=False)


class TherapistFields(StrictSerializer):
    slug = NewSlugField()
    name = LineField(max_length=80)
    bio = NoteField(required=False, allow_blank=True, max_length=2000)
    languages = ListOfField(child=LineField(max_length=8), required=False, max_length=20)
    gender = WordField(Gender.choices)
    services = SlugsField(required=False)
    longest_stretch_minutes = WholeField(required=False, allow_null=True, min_value=1, max_value=A_DAY)
    rest_minutes = WholeField(required=False, min_value=0, max_value=A_DAY)
    daily_limit_minutes = WholeField(required=False, allow_null=True, min_value=1, max_value=A_DAY)
    weekly_limit_minutes = WholeField(required=False, allow_null=True, min_value=1, max_value=A_WEEK)
    is_active = YesNoField(required=False)


class HoursFields(StrictSerializer):
    """One span of a week by the clocks of the location; closing at or before opening is on the next day."""

    therapist = SlugField()
    location = SlugField()
    weekday = WordField(WEEKDAYS)
    opens = ClockField()
    closes = ClockField()
    valid_from = DayField()
    valid_until = DayField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        present = self.context.get("present")
        first = attrs.get("valid_from", getattr(present, "valid_from", None))
        last = attrs.get("valid_until", getattr(present, "valid_until", None))
        if last is not None and last <= first:
            raise serializers.ValidationError({"valid_until": ["This is not after “valid_from”."]})
        return attrs


class DateOverrideFields(StrictSerializer):
    """What holds on one date instead of the week; without times the therapist does not work there that day."""

    therapist = SlugField()
    location = SlugField()
    date = DayField()
    opens = ClockField(required=False, allow_null=True)
    closes = ClockField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        present = self.context.get("present")
        times = [attrs.get(name, getattr(present, name, None)) for name in ("opens", "closes")]
        if (times[0] is None) != (times[1] is None):
            raise serializers.ValidationError({"closes": ["Give both times, or neither for a day off."]})
        return attrs


class HoursQuery(LocationsQuery):
    therapist = SlugField(required=False)
    location = SlugField(required=False)


class VariationFields(StrictSerializer):
    slug = NewSlugField()
    duration_minutes = WholeField(min_value=1, max_value=12 * 60)
    clean_up_before_minutes = WholeField(required=False, min_value=0, max_value=A_DAY)
    clean_up_after_minutes = WholeField(required=False, min_value=0, max_value=A_DAY)
    price = MoneyField()


class AddOnFields(StrictSerializer):
    slug = NewSlugField()
    name = LineField(max_length=80)
    duration_minutes = WholeField(min_value=0, max_value=12 * 60)
    price = MoneyField()


class PolicyFields(StrictSerializer):
    notice_minutes = WholeField(required=False, min_value=0, max_value=A_YEAR * A_DAY)
    horizon_days = WholeField(required=False, min_value=1, max_value=2 * A_YEAR)
    change_deadline_minutes = WholeField(required=False, min_value=0, max_value=A_YEAR * A_DAY)
    late_cancel_percent = WholeField(required=False, min_value=0, max_value=100)


class ServiceFields(StrictSerializer):
    """`variations` and `add_ons` are all that the service has from then on."""

    slug = NewSlugField()
    name = LineField(max_length=80)
    description = NoteField(required=False, allow_blank=True, max_length=2000)
    category = LineField(required=False, allow_blank=True, max_length=40)
    kind = WordField(ServiceKind.choices)
    therapists_required = WholeField(required=False, min_value=1, max_value=2)
    needs_confirmation = YesNoField(required=False)
    needs_room = YesNoField(required=False)
    room_features = ListOfField(child=NewSlugField(), required=False, max_length=20)
    policy = PolicyFields(required=False)
    step_minutes = WholeField(required=False, min_value=1, max_value=A_DAY)
    start_mode = WordField(StartMode.choices, required=False)
    fewest_gaps = YesNoField(required=False)
    smallest_gap_minutes = WholeField(required=False, min_value=0, max_value=A_DAY)
    load_percent = WholeField(required=False, min_value=1, max_value=500)
    variations = ListOfField(child=VariationFields(), required=False, max_length=50)
    add_ons = ListOfField(child=AddOnFields(), required=False, max_length=50)
    is_active = YesNoField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("variations", "add_ons"):
            slugs = [one["slug"] for one in attrs.get(name, ())]
            if len(set(slugs)) < len(slugs):
                raise serializers.ValidationError({name: ["Name each once."]})
        return attrs


class HoursAnswer(HoursFields):
    reference = serializers.CharField()
    time_zone = serializers.CharField(help_text="Whose clocks these are: the location's.")


class DateOverrideAnswer(DateOverrideFields):
    reference = serializers.CharField()
    time_zone = serializers.CharField(help_text="Whose clocks these are: the location's.")
