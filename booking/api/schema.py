"""What the OpenAPI schema says of each answer. Clients are generated from it, so tests hold answers to it."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from booking.api.problems import EVERY
from booking.domain import status
from booking.models import Gender, PartStat
from booking.queries.blocked import WARNINGS

View = TypeVar("View", bound=Callable[..., Any])
Answer = serializers.Serializer[Any]


class Money(serializers.Serializer[Any]):
    amount = serializers.CharField(help_text="Two decimals, as text.")
    currency = serializers.CharField()


class Geo(serializers.Serializer[Any]):
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()


class Location(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField(help_text="IANA name.")
    address = serializers.CharField()
    phone = serializers.CharField()
    geo = Geo(allow_null=True)


class VariationAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    price = Money()


class AddOnAnswer(VariationAnswer):
    name = serializers.CharField()


class ServicePolicy(serializers.Serializer[Any]):
    notice_minutes = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    change_deadline_minutes = serializers.IntegerField()


class Service(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField()
    therapists_required = serializers.IntegerField()
    needs_confirmation = serializers.BooleanField()
    variations = VariationAnswer(many=True)
    add_ons = AddOnAnswer(many=True)
    policy = ServicePolicy()


class Therapist(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    bio = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    gender = serializers.ChoiceField(Gender.choices)
    services = serializers.ListField(child=serializers.CharField())


class Slot(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    therapists = serializers.ListField(child=serializers.CharField())


class Day(serializers.Serializer[Any]):
    date = serializers.DateField()
    slots = Slot(many=True)


class Slots(serializers.Serializer[Any]):
    location = serializers.CharField()
    variation = serializers.CharField()
    time_zone = serializers.CharField()
    days = Day(many=True)
    reason = serializers.ChoiceField(
        ["closed", "fully-booked", "too-soon", "too-far", "no-therapist", "no-room"], allow_null=True
    )


class AppointmentPolicy(serializers.Serializer[Any]):
    change_deadline = serializers.DateTimeField()
    can_change = serializers.BooleanField()
    late_cancel_percent = serializers.IntegerField(help_text="Share of the price due for a late cancel.")


class Client(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="The first name only, for the holder of a link.")
    reference = serializers.CharField(required=False, help_text="Staff only, like all below.")
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    language = serializers.CharField(required=False)


class HistoryLine(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    action = serializers.CharField()
    by = serializers.CharField()
    channel = serializers.CharField()
    before = serializers.DictField()
    after = serializers.DictField()


class ReplyLine(serializers.Serializer[Any]):
    """What a guest's calendar answered to an invite; a mail said so, and anybody can forge one."""

    guest = serializers.ChoiceField(["client", "partner"])
    answer = serializers.ChoiceField(PartStat.choices)
    sequence = serializers.IntegerField(help_text="The revision of the invite that was answered.")
    received_at = serializers.DateTimeField()


class Appointment(serializers.Serializer[Any]):
    reference = serializers.CharField()
    status = serializers.ChoiceField(status.ALL)
    late = serializers.BooleanField()
    version = serializers.IntegerField()
    service = serializers.CharField()
    variation = serializers.CharField()
    add_ons = serializers.ListField(child=serializers.CharField())
    location = serializers.CharField()
    series = serializers.CharField(allow_null=True, help_text="Reference of the series it belongs to.")
    room = serializers.CharField(allow_null=True)
    therapists = serializers.ListField(child=serializers.CharField())
    requested_therapist = serializers.BooleanField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    time_zone = serializers.CharField()
    price = Money()
    policy = AppointmentPolicy()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When a request ends that nobody answers.")
    client = Client(allow_null=True)
    note = serializers.CharField(required=False, help_text="Staff only, like all below.")
    overridden = serializers.ListField(child=serializers.CharField(), required=False)
    alongside = serializers.BooleanField(required=False)
    message_failed = serializers.BooleanField(required=False, help_text="A mail about it, as it is, did not arrive.")
    history = HistoryLine(many=True, required=False)
    warnings = serializers.ListField(
        child=serializers.ChoiceField(WARNINGS), required=False, help_text="In answers about one appointment."
    )
    replies = ReplyLine(many=True, required=False, help_text="In answers about one appointment.")

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["source"] = serializers.CharField(required=False, help_text="Staff only.")
        return fields


class Booked(Appointment):
    token = serializers.CharField(help_text="Opens the appointment; only here and in mails.")
    manage_url = serializers.URLField()


class OccurrenceProblem(serializers.Serializer[Any]):
    code = serializers.ChoiceField(sorted(EVERY))
    detail = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField(), required=False)
    nearest = serializers.ListField(child=serializers.DateTimeField(), required=False)


class Conflict(serializers.Serializer[Any]):
    """A visit of a series that cannot be had."""

    start = serializers.DateTimeField()
    problem = OccurrenceProblem()


class Problem(serializers.Serializer[Any]):
    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.ChoiceField(sorted(EVERY))
    reasons = serializers.ListField(child=serializers.CharField(), required=False)
    nearest = serializers.ListField(child=serializers.DateTimeField(), required=False)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        messages = serializers.ListField(child=serializers.CharField())
        fields["errors"] = serializers.DictField(child=messages, required=False)
        fields["occurrences"] = Conflict(many=True, required=False, help_text="Of a series: what stands in its way.")
        return fields


ANSWERS: dict[str, Any] = {
    "locations": Location,
    "services": Service,
    "therapists": Therapist,
    "slots": Slots,
    "appointments": Appointment,
    "appointment": Appointment,
    "booked": Booked,
}
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, description="1 to 255 characters, kept 24 hours."
)
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag you read; 412 when it is stale."
)


def page_of(answer: type[Answer]) -> type[Answer]:
    """Return the serializer of a cursor page whose results are of the answer."""
    fields = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": answer(many=True),
    }
    return type(f"{answer.__name__}Page", (serializers.Serializer,), fields)


def documented(
    name: str | type[Answer],
    *,
    operation: str,
    paged: bool = False,
    query: type[Any] | None = None,
    body: Any = None,
    status: int = 200,
    creates: bool = False,
) -> Callable[[View], View]:
    """Describe a view: what it takes, its answer (a serializer, or one by name), and that any refusal is a problem.

    `creates` says that the call takes an Idempotency-Key; without it a call with a body takes If-Match.
    """
    known: Any = ANSWERS.get(name) if isinstance(name, str) else name
    answer: Any = page_of(known) if paged else known
    if status == 204:
        answer = OpenApiResponse(description="Done; there is nothing to say.")
    elif answer is None:
        answer = OpenApiResponse(OpenApiTypes.STR, description="text/calendar, METHOD:PUBLISH")
    headers = [IDEMPOTENCY] if creates or name == "booked" else [IF_MATCH] if body else []
    problem = OpenApiResponse(Problem, description="A problem (RFC 9457).")
    return extend_schema(
        operation_id=operation,
        parameters=[*([query] if query else []), *headers],
        request=body,
        responses={status: answer, "4XX": problem, "5XX": problem},
    )


class LinkScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's metaclass
    target_class = "booking.api.authentication.LinkAuthentication"
    name = "link"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Link <token>`, from the answer to a booking or from a mail.",
        }


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's metaclass
    target_class = "booking.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A staff member's API key."}
