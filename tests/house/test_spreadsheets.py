"""S48: a cell that begins with = + - @ runs in a spreadsheet. Nothing of ours is made for one: no export, no cell.

Whoever adds an export changes this page, and begins each cell of typed text with an apostrophe.
"""

import ast
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from rest_framework.settings import api_settings

from tests.booking.caller import Caller
from tests.factories import api_key
from tests.house.tree import ROOT, python_files

WRITERS = {"csv", "openpyxl", "xlsxwriter", "xlwt", "tablib", "pandas", "odf", "import_export"}
NAMED = re.compile(r"text/csv|\.csv\b|spreadsheetml|ms-excel")
OURS = [path for path in python_files() if path.parts[0] not in {"tests", "bench", "tools"}]


@pytest.mark.parametrize("path", OURS, ids=str)
def test_no_code_writes_a_spreadsheet(path) -> None:
    """S48."""
    source = (ROOT / path).read_text()
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])

    assert imported.isdisjoint(WRITERS)
    assert not NAMED.search(source)


@pytest.mark.parametrize("path", ["appointments", "clients", "messages", "waitlist", "webhooks", "services", "blocked"])
def test_a_list_is_json_whatever_is_asked_for(db, path: str) -> None:
    """S48."""
    desk = Caller(Authorization=f"Bearer {api_key('read', 'desk', 'admin')}")

    for answer in (desk.get(f"{path}/", Accept="text/csv"), desk.get(f"{path}/?format=csv")):
        assert answer["Content-Type"] in {"application/json", "application/problem+json"}


def test_the_api_speaks_nothing_but_json() -> None:
    assert [renderer.media_type for renderer in api_settings.DEFAULT_RENDERER_CLASSES] == ["application/json"]


def test_no_page_of_the_admin_exports(db) -> None:
    """S48."""
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)

    actions = {name for page in admin.site._registry.values() for name in page.get_actions(request)}

    assert actions
    assert not [name for name in actions if re.search("export|csv|excel|download", name)]
