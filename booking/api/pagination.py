"""Cursor pages: `{"next", "previous", "results"}`, 50 a page unless asked otherwise, at most 200."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

# A slug, or an instant: what our lists are ordered by. DRF alone would hand anything to PostgreSQL.
WRITTEN_BY_US = re.compile(r"[a-z0-9_-]+|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?\+\d\d:\d\d")
Row = TypeVar("Row", bound=Model)


class Pages(CursorPagination):
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins. Raises NotFound for a cursor that no answer of ours held."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position and not WRITTEN_BY_US.fullmatch(str(cursor.position)):
            raise NotFound("This cursor is not one of ours.")
        return cursor


def page(
    found: QuerySet[Row], request: Request, show: Callable[[Row], dict[str, Any]], *, ordering: tuple[str, ...]
) -> Response:
    """Answer with the page of `found` that the request's cursor names, each row as `show` gives it."""
    pages = Pages()
    pages.ordering = ordering
    try:
        rows = pages.paginate_queryset(found, request) or []
    except (NotFound, InvalidValue) as error:
        message = "This is not a cursor of ours. Follow `next` and `previous` as they are."
        raise ValidationError({"cursor": [message]}) from error
    return pages.get_paginated_response([show(row) for row in rows])
