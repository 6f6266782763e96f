"""What a caller sends to keep a time, and what they get."""

from typing import Any

from rest_framework import serializers

from booking.api.fields import InstantField, LineField, ListOfField, StrictSerializer, WordField
from booking.api.requests import SlugField
from booking.models import Gender


class HoldRequest(StrictSerializer):
    location = SlugField()
    variation = SlugField()
    start = InstantField()
    therapist = SlugField(required=False)
    gender = WordField(Gender.choices, required=False)
    partner_gender = WordField(Gender.choices, required=False)
    add_ons = ListOfField(child=SlugField(), required=False, max_length=10)
    replaces = LineField(required=False, max_length=64)


class HoldAnswer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Opens the hold; only here.")
    expires_at = serializers.DateTimeField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    therapists = serializers.ListField(child=serializers.CharField())
    room = serializers.CharField(allow_null=True)
