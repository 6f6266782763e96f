"""What callers may say about visits that come again."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from booking.api.fields import StrictSerializer, YesNoField
from booking.api.requests import LAST_DATE, BookRequest, StaffBookRequest


class RepeatField(StrictSerializer):
    every_weeks = serializers.IntegerField(min_value=1, max_value=52)
    times = serializers.IntegerField(min_value=2, max_value=52)


class Repeated(StrictSerializer):
    repeat = RepeatField()
    skip_conflicts = YesNoField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = super().validate(attrs)
        repeat = found["repeat"]
        if found["start"].date() > LAST_DATE - timedelta(weeks=repeat["every_weeks"] * repeat["times"]):
            raise serializers.ValidationError({"repeat": ["The last visit is out of range."]})
        return found


class SeriesRequest(Repeated, BookRequest):
    pass


class StaffSeriesRequest(Repeated, StaffBookRequest):
    pass
