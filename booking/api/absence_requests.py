"""What the desk says about absences: when somebody is away or a place is shut, and where its visits go."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from booking.actions.absence import MOST_DAYS
from booking.api.fields import InstantField, LineField, ListOfField, StrictSerializer, YesNoField
from booking.api.requests import LocationsQuery, SlugField
from booking.domain import status


class StretchRequest(StrictSerializer):
    """`from` and `until` are instants; `until` is not included. `present` in the context is what a change changes."""

    reason = LineField(required=False, allow_blank=True, max_length=120)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        return fields | {"from": InstantField(), "until": InstantField()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        present = self.context.get("present")
        first: Any = attrs.get("from", getattr(present, "start_at", None))
        last: Any = attrs.get("until", getattr(present, "end_at", None))
        if last <= first:
            raise serializers.ValidationError({"until": ["This is not after “from”."]})
        if last - first > timedelta(days=MOST_DAYS):
            raise serializers.ValidationError({"until": [f"At most {MOST_DAYS} days. Enter the rest as another one."]})
        return attrs


class TimeOffRequest(StretchRequest):
    therapist = SlugField()


class ClosureRequest(StretchRequest):
    location = SlugField()


class StretchQuery(LocationsQuery):
    """Those that touch the time between two instants; either end may be open."""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        return fields | {"from": InstantField(required=False), "until": InstantField(required=False)}


class TimeOffQuery(StretchQuery):
    therapist = SlugField(required=False)


class ClosuresQuery(StretchQuery):
    location = SlugField(required=False)


class MoveField(StrictSerializer):
    appointment = SlugField()
    therapist = SlugField(required=False)
    start = InstantField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "therapist" not in attrs and "start" not in attrs:
            raise serializers.ValidationError({"start": ["Give a start, a therapist, or both."]})
        return attrs


class MoveRequest(StrictSerializer):
    moves = ListOfField(child=MoveField(), required=False, allow_empty=False, max_length=100)
    automatic = YesNoField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("moves" in attrs) == attrs.get("automatic", False):
            raise serializers.ValidationError({"moves": ["Give either “moves”, or “automatic”: true."]})
        named = [move["appointment"] for move in attrs.get("moves", ())]
        if len(set(named)) < len(named):
            raise serializers.ValidationError({"moves": ["Name each appointment once."]})
        return attrs


class AffectedClient(serializers.Serializer[Any]):
    reference = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()


class StartWithAnyone(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    therapists = serializers.ListField(child=serializers.CharField(), help_text="Who is free then.")


class Alternatives(serializers.Serializer[Any]):
    therapists = serializers.ListField(child=serializers.CharField(), help_text="Who could take it at the same time.")
    starts = serializers.ListField(child=serializers.DateTimeField(), help_text="The nearest with the same therapist.")
    starts_with_anyone = StartWithAnyone(many=True)


class Affected(serializers.Serializer[Any]):
    appointment = serializers.CharField()
    status = serializers.ChoiceField(status.ALL)
    service = serializers.CharField()
    variation = serializers.CharField()
    location = serializers.CharField()
    therapists = serializers.ListField(child=serializers.CharField())
    requested_therapist = serializers.BooleanField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    time_zone = serializers.CharField()
    client = AffectedClient(allow_null=True)


class AffectedAndAlternatives(Affected):
    alternatives = Alternatives()


class AffectedList(serializers.Serializer[Any]):
    affected = AffectedAndAlternatives(many=True)


class Stretch(serializers.Serializer[Any]):
    reference = serializers.CharField()
    time_zone = serializers.CharField()
    reason = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        return fields | {"from": serializers.DateTimeField(), "until": serializers.DateTimeField()}


class TimeOffAnswer(Stretch):
    therapist = serializers.CharField()


class ClosureAnswer(Stretch):
    location = serializers.CharField()


class TimeOffAndAffected(TimeOffAnswer):
    affected = Affected(many=True)


class ClosureAndAffected(ClosureAnswer):
    affected = Affected(many=True)


class MovedVisit(serializers.Serializer[Any]):
    appointment = serializers.CharField()
    therapists = serializers.ListField(child=serializers.CharField())
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    time_zone = serializers.CharField()


class LeftVisit(serializers.Serializer[Any]):
    appointment = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class MovesAnswer(serializers.Serializer[Any]):
    moved = MovedVisit(many=True)
    left = LeftVisit(many=True)
