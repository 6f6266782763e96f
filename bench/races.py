"""A hundred callers at once, each race the issue of two who cannot both have it: one wins, nobody waits for long."""

import http.client
import io
import json
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone

from bench.http import bookings
from bench.load import call, gunicorn
from bench.measure import Goal, heading, milliseconds, row
from booking.actions.waitlist.fill import fill_every_gap
from booking.models import Service

CALLERS = 100
ROUNDS = 1 if "--quick" in sys.argv else 3
ALLOWED_SECONDS = 2.0
WARM = 40
API = "/api/v1"
LOCATION = "riverside"  # what is measured over HTTP takes the times of the other one


@dataclass(frozen=True)
class Post:
    path: str
    body: dict[str, Any]
    headers: dict[str, str]


def post(path: str, body: dict[str, Any] | None = None, authorization: str = "", **headers: str) -> Post:
    who = {"Authorization": authorization} if authorization else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Post(f"{API}/{path}", body or {}, {"Content-Type": "application/json"} | who | named)


class Caller:
    """A connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def connect(self) -> None:
        self._connection.connect()

    def send(self, one: Post) -> tuple[int, Any]:
        self._connection.request("POST", one.path, json.dumps(one.body), one.headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def race(name: str, port: int, rounds: list[list[Post]]) -> None:
    """Let all posts of each round go at one instant, and print what became of them.

    The first round warms up and is not counted: a process that has just begun plans its statements.
    """
    seconds: list[float] = []
    outcomes: Counter[str] = Counter()
    for number, posts in enumerate(rounds):
        if number == 1:
            seconds.clear()
            outcomes.clear()
        start = threading.Barrier(len(posts))

        def run(one: Post, start: threading.Barrier = start) -> None:
            caller = Caller(port)
            caller.connect()
            start.wait()
            began = time.perf_counter()
            status, body = caller.send(one)
            seconds.append(time.perf_counter() - began)
            outcomes[f"{one.path.split('/')[-2]} {body['code'] if status >= 400 else status}"] += 1

        threads = [threading.Thread(target=run, args=[one]) for one in posts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    p99 = sorted(seconds)[int(len(seconds) * 0.99) - 1]
    row(name, milliseconds(p99), "2 s", p99 / ALLOWED_SECONDS, Goal(most=1))
    print("    " + ", ".join(f"{what}: {number}" for what, number in sorted(outcomes.items())), flush=True)


def guest(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {**body, "client": {"name": name, "email": f"{name.lower().replace(' ', '.')}@example.com"}}


def halves(one: list[Post], other: list[Post]) -> list[Post]:
    """Return the two lists in turn, so that neither side stands first in the queue."""
    return [post for pair in zip(one, other, strict=True) for post in pair]


def staff_key() -> str:
    said = io.StringIO()
    call_command("create_api_key", "Races", scope=["read", "desk"], stdout=said, stderr=io.StringIO())
    return f"Bearer {said.getvalue().strip()}"


class Races:
    """Each method returns the posts of one round; every round has a free time of its own."""

    def __init__(self, port: int) -> None:
        self._times = iter([body or {} for _, _, body in bookings(WARM + 40, location=LOCATION)][WARM:])
        self._desk = staff_key()
        self._caller = Caller(port)

    def _made(self, one: Post) -> dict[str, Any]:
        status, body = self._caller.send(one)
        if status != 201:
            raise RuntimeError(f"{one.path} answered {status}: {body}")
        return dict(body)

    def hold_against_book(self) -> list[Post]:
        wish = next(self._times)
        hold = {key: value for key, value in wish.items() if key != "client"}
        books = [post("appointments/", guest(wish, f"Holder {n}")) for n in range(CALLERS // 2)]
        return halves([post("holds/", hold)] * (CALLERS // 2), books)

    def confirms_of_one_request(self) -> list[Post]:
        Service.objects.filter(slug="swedish").update(needs_confirmation=True)
        made = self._made(post("appointments/", next(self._times)))
        Service.objects.filter(slug="swedish").update(needs_confirmation=False)
        return [post(f"appointments/{made['reference']}/confirm/", authorization=self._desk)] * CALLERS

    def accepts_of_one_offer(self) -> list[Post]:
        wish = next(self._times)
        window = {"from": wish["start"], "until": wish["start"][:11] + "23:59:00" + wish["start"][19:]}
        entry = {key: value for key, value in wish.items() if key != "start"}
        joined = self._made(post("waitlist/", {**entry, "windows": [window]}))
        if not fill_every_gap(now=timezone.now()):
            raise RuntimeError("there was nothing to offer")
        return [post(f"waitlist/{joined['reference']}/accept/", authorization=f"Link {joined['token']}")] * CALLERS

    def move_against_cancel(self) -> list[Post]:
        made = self._made(post("appointments/", next(self._times)))
        path, link = f"appointments/{made['reference']}", f"Link {made['token']}"
        move = post(f"{path}/reschedule/", {"start": next(self._times)["start"]}, link, If_Match='"1"')
        return halves([move] * (CALLERS // 2), [post(f"{path}/cancel/", {}, link, If_Match='"1"')] * (CALLERS // 2))

    def time_off_against_book(self) -> list[Post]:
        away, books = self._a_day_off_and_bookings(CALLERS // 2)
        return halves([away] * (CALLERS // 2), books)

    def one_time_off_against_many_bookings(self) -> list[Post]:
        away, books = self._a_day_off_and_bookings(CALLERS - 1)
        return [*books[: CALLERS // 2], away, *books[CALLERS // 2 :]]

    def _a_day_off_and_bookings(self, number: int) -> tuple[Post, list[Post]]:
        wish = next(self._times)
        day, zone = wish["start"][:10], wish["start"][19:]
        away = {"therapist": wish["therapist"], "from": f"{day}T00:00:00{zone}", "until": f"{day}T23:30:00{zone}"}
        books = [post("appointments/", guest(wish, f"Late {n}")) for n in range(number)]
        return post("time-off/", away, self._desk), books


def main() -> None:
    warm = [("POST", f"{API}/appointments/", body) for _, _, body in bookings(WARM, location=LOCATION)]
    with gunicorn("config.settings") as port:
        call(port, warm * 10, callers=32)
        races = Races(port)
        heading(f"{CALLERS} callers at once at {LOCATION}, p99, {ROUNDS} rounds", "goal")
        for one in (
            races.hold_against_book,
            races.confirms_of_one_request,
            races.accepts_of_one_offer,
            races.move_against_cancel,
            races.time_off_against_book,
            races.one_time_off_against_many_bookings,
        ):
            race(one.__name__.replace("_", " "), port, [one() for _ in range(ROUNDS + 1)])


if __name__ == "__main__":
    main()
