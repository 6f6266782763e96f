"""Cursor pages of snippets; nonsense in the address is a 400 that names the parameter."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

WRITTEN_BY_US = re.compile(r"[A-Za-z0-9+/]+=*")
SLUG = re.compile(r"[-\w]+", re.ASCII)


class SnippetPages(CursorPagination):
    """50 a page by slug; `limit` asks for 1 to 200."""

    ordering = "slug"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    page_size_query_description = "Snippets a page, 1 to 200."

    def get_page_size(self, request: Request) -> int:
        raw = request.query_params.get("limit", str(self.page_size))
        if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= self.max_page_size):
            raise ValidationError({"limit": [f"Give a whole number from 1 to {self.max_page_size}."]})
        return int(raw)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins, None for the beginning; DRF alone would send NUL bytes to PostgreSQL."""
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        cursor = super().decode_cursor(request) if WRITTEN_BY_US.fullmatch(given) else None
        if cursor is None or not SLUG.fullmatch(str(cursor.position)):
            raise NotFound
        return cursor

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound as error:
            raise ValidationError({"cursor": ["Use the cursor of a next or previous address."]}) from error
