"""Every address has somebody who may use it, said where it is defined (reliability S09, S14)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import BasePermission
from rest_framework.views import APIView

from booking.api.permissions import Nobody
from tests.house.tree import documents

# Django's own: the admin asks for staff by itself, and the schema pages are drf-spectacular's.
NOT_OURS = ("admin/",)


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if address.startswith(NOT_OURS):
            continue
        if isinstance(entry, URLResolver):
            yield from patterns(entry, address)
        elif isinstance(entry, URLPattern):
            yield address, entry.callback


DOORS = dict(patterns(get_resolver()))


@pytest.mark.parametrize("address", sorted(DOORS))
class TestAnAddress:
    def test_says_who_may_use_it(self, address: str) -> None:
        view = getattr(DOORS[address], "view_class", None) or getattr(DOORS[address], "cls", None)
        if view is None or not issubclass(view, APIView):
            assert getattr(DOORS[address], "scope", None), "a plain view needs @open_to(…)"
            return

        permissions: list[type[BasePermission]] = list(view.permission_classes)
        own_choice = "get_permissions" in vars(view)
        assert own_choice or (permissions and Nobody not in permissions)

    def test_has_a_scope_when_it_is_ours(self, address: str) -> None:
        view = getattr(DOORS[address], "view_class", None) or getattr(DOORS[address], "cls", None)
        if view is not None and not view.__module__.startswith("drf_spectacular"):
            assert getattr(view, "scope", None) or getattr(view, "scopes", None)

    def test_is_in_the_documents(self, address: str) -> None:
        written = "\n".join(documents().values())
        stem = "/" + address.split("<")[0].lstrip("^").rstrip("$")

        assert stem in written
