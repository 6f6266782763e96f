"""Keeping a time and then booking it, through the real web server, against booking at once."""

import http.client
import json
import sys
import time
from typing import Any

import django

django.setup()

from bench.http import bookings
from bench.load import Answers, Call, gunicorn
from bench.measure import Goal, heading, milliseconds, row

NUMBER = 40 if "--quick" in sys.argv else 300
WARM = 10


class Browser:
    """One caller, whose connection stays open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def post(self, path: str, body: dict[str, Any], answers: Answers) -> dict[str, Any]:
        self.connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        answers.statuses[response.status] = answers.statuses.get(response.status, 0) + 1
        found: dict[str, Any] = json.loads(response.read())
        return found

    def book(self, call: Call, answers: Answers) -> None:
        began = time.perf_counter()
        self.post(call[1], call[2] or {}, answers)
        answers.seconds.append(time.perf_counter() - began)

    def hold_and_book(self, call: Call, answers: Answers) -> None:
        """Two calls, timed as one."""
        asked = dict(call[2] or {})
        client = asked.pop("client")
        began = time.perf_counter()
        held = self.post("/api/v1/holds/", asked, answers)
        self.post(call[1], {"hold": held.get("token", ""), "client": client}, answers)
        answers.seconds.append(time.perf_counter() - began)


def main() -> None:
    posts = bookings(2 * (NUMBER + WARM))
    plain, held = Answers(), Answers()
    with gunicorn("config.settings") as port:
        browser = Browser(port)
        for post in posts[: 2 * WARM : 2]:
            browser.book(post, Answers())
        for post in posts[1 : 2 * WARM : 2]:
            browser.hold_and_book(post, Answers())
        for one, other in zip(posts[2 * WARM :: 2], posts[2 * WARM + 1 :: 2], strict=False):
            browser.book(one, plain)
            browser.hold_and_book(other, held)
    heading("A hold and the booking of it over HTTP, one caller, p50", "one POST")
    ratio = held.at(0.5) / plain.at(0.5)
    name = f"hold + book {held.statuses}, book {plain.statuses}"
    row(name, milliseconds(held.at(0.5)), milliseconds(plain.at(0.5)), ratio, Goal(most=1.8))


if __name__ == "__main__":
    main()
