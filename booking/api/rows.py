"""Writing what the desk keeps: finding a row by its public name, changing it, answering that it is there."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from booking import errors
from booking.api.idempotency import Once

Row = TypeVar("Row", bound=Model)


def one_of(found: QuerySet[Row], **name: str) -> Row:
    """Return the row of that slug or reference. Raises errors.NotFound."""
    [value] = name.values()
    # PostgreSQL's texts hold no NUL, so nothing is called that.
    row = None if "\0" in value else found.filter(**name).first()
    if row is None:
        raise errors.NotFound("There is nothing of that name.")
    return row


def named(kind: type[Row], slug: str, field: str) -> Row:
    """Return the row that a field of the request names. Raises errors.UnknownValue with the field."""
    row = kind._default_manager.filter(slug=slug).first()
    if row is None:
        raise errors.UnknownValue(field, f"There is no {kind._meta.verbose_name} “{slug}”.")
    return row


def all_named(kind: type[Row], slugs: list[str], field: str) -> list[Row]:
    """Return the rows that a field names, in its order. Raises errors.UnknownValue with the field."""
    return [named(kind, slug, field) for slug in slugs]


def changes(serializer: type[Any], values: Any, *, present: Model) -> dict[str, Any]:
    """Return the validated values of a PATCH: any of the fields. Raises ValidationError, which names each field."""
    asked = serializer(data=values, partial=True, context={"present": present})
    asked.is_valid(raise_exception=True)
    found: dict[str, Any] = asked.validated_data
    if found.get("slug", slug := getattr(present, "slug", "")) != slug:
        raise errors.UnknownValue("slug", "A slug stays: links and programs know it. Make a new one instead.")
    return found


def save(row: Model, values: dict[str, Any], *, taken: tuple[str, str] = ("slug", "This slug is taken.")) -> None:
    """Put the values on the row and save it. Raises errors.UnknownValue, by `taken`, when its name is another's."""
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") != "23505":
            raise
        raise errors.UnknownValue(*taken) from error


def created(request: Request, run: Callable[[], dict[str, Any]], *, at: str, name: str, now: datetime) -> Response:
    """Answer 201 with what `run` has made, once for each Idempotency-Key, and say where it is."""
    (status, body), replayed = Once(request, now=now).answer(lambda: (201, run()))
    headers = {"Location": f"/api/v1/{at}/{body[name]}/"} | ({"Idempotency-Replayed": "true"} if replayed else {})
    return Response(body, status=status, headers=headers)
