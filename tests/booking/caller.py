"""Somebody who calls the API over HTTP, and ways to look at what came of it."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

BASE = "/api/v1/"


class Caller:
    """A client of the API with headers of its own, a link or a key for example."""

    def __init__(self, **headers: str) -> None:
        self.headers = headers
        self.browser = Client()

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return self.browser.get(BASE + path, query or {}, headers=self._with(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, {} if body is None else body, **headers)

    def send(self, method: str, path: str, body: Any = "", **headers: str) -> HttpResponse:
        """Send `body` as JSON; text and bytes go as they are."""
        request = getattr(self.browser, method.lower())
        return request(BASE + path, data=body, content_type="application/json", headers=self._with(headers))

    def _with(self, headers: dict[str, str]) -> dict[str, str]:
        return {name.replace("_", "-"): value for name, value in (self.headers | headers).items()}


def starts_of(answer: dict[str, Any]) -> list[str]:
    """Return each offered start of an answer to GET slots/, in its order."""
    return [slot["start"] for day in answer["days"] for slot in day["slots"]]


def clock_times(answer: dict[str, Any]) -> list[str]:
    return [start[11:16] for start in starts_of(answer)]


def row_counts() -> dict[str, int]:
    """Return how many rows each of our tables has."""
    ours = [
        model for name in ("booking", "notifications", "content") for model in apps.get_app_config(name).get_models()
    ]
    return {model._meta.label: model.objects.count() for model in ours}


def statements(run: Callable[[], object]) -> int:
    """Return how many SQL statements `run` costs, the transaction's own begin and end left out."""
    with CaptureQueriesContext(connection) as captured:
        run()
    return sum("SAVEPOINT" not in query["sql"] for query in captured)


def is_problem(answer: HttpResponse, status: int, code: str) -> bool:
    """Say whether it is this problem, in the form of RFC 9457. Fails with the answer when it is not."""
    body = answer.json()
    assert answer.status_code == status == body["status"], answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert body["code"] == code == body["type"].rsplit("/", 1)[1], body
    assert body["title"]
    assert body["detail"]
    return True
