"""What a caller may ask for. Anything else is refused by name, never ignored."""

from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from rest_framework import serializers

from content.vocabulary import SENDABLE_GRADES, Topic

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _one_of(words: list[str]) -> dict[str, "StrOrPromise"]:
    return {"invalid_choice": f"“{{input}}” is not one of: {', '.join(words)}."}


class SnippetFilter(serializers.Serializer[Any]):
    topic = serializers.ChoiceField(choices=Topic.choices, required=False, error_messages=_one_of(Topic.values))
    grade = serializers.ChoiceField(
        choices=[(grade.value, grade.label) for grade in SENDABLE_GRADES],
        required=False,
        error_messages=_one_of([grade.value for grade in SENDABLE_GRADES]),
    )


def refuse_strangers(given: QueryDict, *, known: set[str]) -> None:
    """Raise ValidationError naming each query parameter that is unknown or given twice."""
    errors = {name: ["There is no such parameter."] for name in given if name not in known}
    errors |= {name: ["Give it once."] for name in given if name in known and len(given.getlist(name)) > 1}
    if errors:
        raise serializers.ValidationError(errors)
