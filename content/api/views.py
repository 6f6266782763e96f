"""GET /snippets/ and /snippets/{slug}/: what may be said about massage, open to everybody."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from content import queries
from content.api.pages import SnippetPages
from content.api.requests import SnippetFilter, refuse_strangers
from content.api.responses import SnippetBody
from content.models import Snippet


class SnippetList(ListAPIView[Snippet]):
    permission_classes = [AllowAny]
    scope = "public"
    serializer_class = SnippetBody
    pagination_class = SnippetPages

    @extend_schema(
        operation_id="snippets_list",
        summary="Approved notes on massage research",
        parameters=[SnippetFilter],
        tags=["snippets"],
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Snippet]:
        given = self.request.query_params
        refuse_strangers(given, known={"topic", "grade", "limit", "cursor"})
        wanted = SnippetFilter(data=given)
        wanted.is_valid(raise_exception=True)
        return queries.published().filter(**wanted.validated_data)


class SnippetDetail(RetrieveAPIView[Snippet]):
    permission_classes = [AllowAny]
    scope = "public"
    serializer_class = SnippetBody
    lookup_field = "slug"

    @extend_schema(operation_id="snippets_retrieve", summary="One approved note", tags=["snippets"])
    def get(self, request: Request, slug: str) -> Response:
        refuse_strangers(request.query_params, known=set())
        return self.retrieve(request, slug=slug)

    def get_queryset(self) -> QuerySet[Snippet]:
        return queries.published()
