"""Fields that refuse what has no business in them, and say so."""

import re
import unicodedata
from typing import Any

from rest_framework import serializers

from booking.addresses import bare_address
from booking.contacts import e164
from booking.domain.hours import known_zone

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
LINK = re.compile(r"https?:|www\.|://", re.IGNORECASE)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a typing mistake or an attempt should be seen, not swallowed."""

    default_error_messages = {"invalid": "Give an object with its fields in braces."}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({str(name)[:64]: ["There is no such field."] for name in unknown})
        return super().to_internal_value(data)


class LineField(serializers.CharField):
    """One line of a person's text: no control characters, no line breaks of any kind."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Give a text.")
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if any(unicodedata.category(character) in FORBIDDEN and character != "\u200d" for character in text):
            raise serializers.ValidationError("Remove line breaks and invisible characters.")
        return text


class NameField(LineField):
    """A person's name, which our mails repeat: at most 100 characters and no address of a web page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100, **options)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if LINK.search(name):
            raise serializers.ValidationError("A name cannot contain a web address.")
        return name


class NoteField(serializers.CharField):
    """A few lines for the studio; line breaks stay, other control characters are refused."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Give a text.")
        text = super().to_internal_value(data).replace("\r\n", "\n")
        if any(unicodedata.category(character) in FORBIDDEN - {"Cf"} and character != "\n" for character in text):
            raise serializers.ValidationError("Remove invisible characters.")
        return text


class AddressField(LineField):
    """An e-mail address that mail can be sent to; domains are kept in ASCII (punycode)."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return bare_address(text)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class PhoneField(LineField):
    """A telephone number with its country code, kept as E.164."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return e164(text)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class ZoneField(LineField):
    def to_internal_value(self, data: Any) -> str:
        zone = super().to_internal_value(data)
        if not known_zone(zone):
            raise serializers.ValidationError("Give an IANA time zone such as Europe/Berlin.")
        return zone


class InstantField(serializers.DateTimeField):
    """An RFC 3339 instant with its offset. Without one it would be a guess, so it is refused."""

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not re.search(r"(Z|z|[+-]\d\d:\d\d)$", value):
            raise serializers.ValidationError("Give an instant with its offset, like 2026-12-01T09:00:00+01:00.")
        try:
            found = super().to_internal_value(value)
        except (OverflowError, ValueError) as error:
            raise serializers.ValidationError("This instant is out of range.") from error
        # A day's margin at each end of what dates and the epoch can hold.
        if not 1970 < found.year < 9990:
            raise serializers.ValidationError("This instant is out of range.")
        return found


class YesNoField(serializers.BooleanField):
    default_error_messages = {"invalid": "Give true or false."}


class WordField(serializers.ChoiceField):
    """One of a few words; the refusal lists them."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(f"Give one of: {', '.join(map(str, self.choices))}.")
        return data


class ListOfField(serializers.ListField):
    default_error_messages = {"not_a_list": "Give a list in brackets."}
