"""Slots and bookings through the real web server, against bare DRF views on the same database."""

import random
import sys
from datetime import UTC, date, datetime, timedelta

import django

django.setup()

from django.utils import timezone

from bench.load import Answers, Call, call, gunicorn
from bench.measure import Goal, heading, milliseconds, row
from booking import queries
from booking.models import Room, Therapist

QUICK = "--quick" in sys.argv
FAR = datetime(2040, 1, 1, tzinfo=UTC)
LOCATION = queries.locations()[0].slug


def bookings(number: int) -> list[Call]:
    """Return distinct offered bookings, far enough apart to be independent, in random order."""
    today = date.today()
    wanted = queries.wanted(location=LOCATION, variation="swedish-60")
    book = queries.slots(
        wanted, first_on=today + timedelta(days=2), last_on=today + timedelta(days=60), now=timezone.now()
    )
    free: list[tuple[str, str]] = []
    taken: dict[str, datetime] = {}
    for day in book.days:
        for slot in day["slots"]:
            start = datetime.fromisoformat(slot["start"])
            for who in slot["therapists"]:
                if who not in taken or start - taken[who] >= timedelta(minutes=150):
                    taken[who] = start
                    free.append((slot["start"], who))
    random.Random(7).shuffle(free)
    return [("POST", "/api/v1/appointments/", _body(start, who, n)) for n, (start, who) in enumerate(free[:number])]


def _body(start: str, who: str, number: int) -> dict[str, object]:
    guest = {"name": f"Guest {number}", "email": f"guest{number}@example.com"}
    return {"location": LOCATION, "variation": "swedish-60", "start": start, "therapist": who, "client": guest}


def bare_bookings(number: int) -> list[Call]:
    therapists = list(Therapist.objects.values_list("pk", flat=True))
    rooms = list(Room.objects.values_list("pk", flat=True))
    calls: list[Call] = []
    for n in range(number):
        start = (FAR + timedelta(hours=2 * n)).isoformat()
        body: dict[str, object] = {"start": start, "name": f"Guest {n}", "email": f"guest{n}@example.com"}
        body |= {"therapist": therapists[n % len(therapists)], "room": rooms[n % len(rooms)]}
        calls.append(("POST", "/book/", body))
    return calls


def slots_calls(days: int, number: int, therapist: str = "") -> list[Call]:
    first = date.today() + timedelta(days=3)
    who = f"&therapist={therapist}" if therapist else ""
    address = f"/api/v1/slots/?location={LOCATION}&variation=swedish-60&from={first}"
    return [("GET", f"{address}&until={first + timedelta(days=days - 1)}{who}", None)] * number


def rows_calls(days: int, number: int, therapist: str = "") -> list[Call]:
    """Return calls of the bare view for the rows that the same slots are made of."""
    wanted = queries.wanted(location=LOCATION, variation="swedish-60", therapist=therapist or None)
    first = date.today() + timedelta(days=3)
    book = queries.agenda(wanted, first_on=first, last_on=first + timedelta(days=days - 1), now=timezone.now())
    therapists, rooms = (",".join(map(str, found)) for found in (book.therapist_ids, book.room_ids))
    until = first + timedelta(days=days)
    address = f"/rows/?therapists={therapists}&rooms={rooms}&since={first}T00:00Z&until={until}T00:00Z"
    return [("GET", address, None)] * number


def compare(name: str, ours: Answers, limit: Answers, goal: Goal) -> None:
    row(name, milliseconds(ours.at(0.5)), milliseconds(limit.at(0.5)), ours.at(0.5) / limit.at(0.5), goal)


def main() -> None:
    share = 10 if QUICK else 1
    posts = bookings(1200 // share)
    with gunicorn("config.settings") as ours, gunicorn("bench.bare_settings") as bare:
        for port, calls in ((ours, slots_calls(1, 40)), (bare, [("GET", "/raw/", None)] * 40)):
            call(port, calls, callers=8)  # warm both
        heading("Slots over HTTP, one caller, p50", "bare DRF")
        number = 300 // share
        orm = call(bare, [("GET", "/select/", None)] * number, callers=1)
        anna = queries.therapists(location=LOCATION, service="swedish")[0].slug
        day, month = call(bare, rows_calls(1, number), callers=1), call(bare, rows_calls(31, number, anna), callers=1)
        compare("a day, any of 50", call(ours, slots_calls(1, number), callers=1), day, Goal(most=3))
        compare("a month, one therapist", call(ours, slots_calls(31, number, anna), callers=1), month, Goal(most=3))
        compare("a day, one therapist", call(ours, slots_calls(1, number, anna), callers=1), orm, Goal(most=3))
        heading("POST /appointments/, mail on", "bare DRF")
        _posts(ours, bare, posts)


def _posts(ours: int, bare: int, posts: list[Call]) -> None:
    third = len(posts) // 3
    plain = bare_bookings(len(posts))
    one, bare_one = call(ours, posts[:third], callers=1), call(bare, plain[:third], callers=1)
    compare(f"one caller, p50 {one.statuses}", one, bare_one, Goal(most=3))
    eight, bare_eight = call(ours, posts[third:], callers=8), call(bare, plain[third:], callers=8)
    ratio = eight.rate / bare_eight.rate
    name = f"eight callers, per second {eight.statuses}"
    row(name, f"{eight.rate:.0f}/s", f"{bare_eight.rate:.0f}/s", ratio, Goal(least=0.5))
    print(f"  bare statuses {bare_one.statuses} {bare_eight.statuses}")


if __name__ == "__main__":
    main()
