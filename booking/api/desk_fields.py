"""Fields of what the desk writes down: new slugs, whole numbers, clock times, days, money."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from booking.api.fields import LineField, ListOfField, StrictSerializer
from booking.api.requests import FIRST_DATE, LAST_DATE, SLUG_LENGTH, SlugField

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class NewSlugField(LineField):
    """What something will be called in addresses: it stays, so it is plain from the start."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=SLUG_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        slug = super().to_internal_value(data)
        if not SLUG.fullmatch(slug):
            raise serializers.ValidationError("Use small letters and digits, with single hyphens between: deep-tissue.")
        return slug


class SlugsField(ListOfField):
    """Slugs in brackets, each once, in the order given."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=SlugField(), max_length=100, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class WholeField(serializers.IntegerField):
    """A whole number within bounds, written as one: no text, no fraction."""

    default_error_messages = {"invalid": "Give a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class ClockField(LineField):
    """A time as the clocks of the location show it. An offset is refused: hours are wall-clock time (T-11)."""

    def to_internal_value(self, data: Any) -> Any:
        found = CLOCK.fullmatch(super().to_internal_value(data))
        if found is None:
            raise serializers.ValidationError("Give a time by the location's clocks, from 00:00 to 23:59.")
        return time(int(found[1]), int(found[2]))

    def to_representation(self, value: Any) -> str:
        return f"{value:%H:%M}"


class DayField(serializers.DateField):
    """A date by the location's calendar."""

    default_error_messages = {"invalid": "Give a date like 2026-12-24."}

    def to_internal_value(self, value: Any) -> date:
        found: date = super().to_internal_value(value)
        if not FIRST_DATE < found < LAST_DATE:
            raise serializers.ValidationError("This date is out of range.")
        return found


class MoneyField(StrictSerializer):
    """An amount as our answers write it. The currency is the studio's and may be left out."""

    amount = serializers.DecimalField(max_digits=8, decimal_places=2, min_value=Decimal(0))
    currency = LineField(required=False, max_length=3)
