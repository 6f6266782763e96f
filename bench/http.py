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
TURNS = 10
FAR = datetime(2040, 1, 1, tzinfo=UTC)
RAW: list[Call] = [("GET", "/raw/", None)] * 40
LOCATION = queries.locations()[0].slug


def bookings(number: int, *, location: str = LOCATION) -> list[Call]:
    """Return distinct offered bookings, far enough apart to be independent, in random order."""
    today = date.today()
    wanted = queries.wanted(location=location, variation="swedish-60")
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
    chosen = enumerate(free[:number])
    return [("POST", "/api/v1/appointments/", _body(location, start, who, n)) for n, (start, who) in chosen]


def _body(location: str, start: str, who: str, number: int) -> dict[str, object]:
    guest = {"name": f"Guest {number}", "email": f"guest{number}@example.com"}
    return {"location": location, "variation": "swedish-60", "start": start, "therapist": who, "client": guest}


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
    with (
        gunicorn("config.settings") as ours,
        gunicorn("bench.bare_settings") as bare,
        gunicorn("bench.tuned_settings") as tuned,
    ):
        for port, calls in ((ours, slots_calls(1, 40)), *((other, RAW) for other in (bare, tuned))):
            call(port, calls, callers=8)  # warm both
        heading("Slots over HTTP, one caller, p50", "bare DRF")
        number = 300 // share
        anna = queries.therapists(location=LOCATION, service="swedish")[0].slug
        orm: list[Call] = [("GET", "/select/", None)] * number
        for name, calls, limit in (
            ("a day, any of 50", slots_calls(1, number), rows_calls(1, number)),
            ("a month, one therapist", slots_calls(31, number, anna), rows_calls(31, number, anna)),
            ("a day, one therapist", slots_calls(1, number, anna), orm),
        ):
            compare(name, *in_turn((ours, calls), (bare, limit), callers=1), Goal(most=3))
        heading("POST /appointments/, mail on", "bare DRF")
        _posts(ours, bare, tuned, posts)


def in_turn(*work: tuple[int, list[Call]], callers: int) -> list[Answers]:
    """Make each port's list of calls in ten turns, so that a noisy moment hits all of them."""
    found = [Answers() for _ in work]
    for turn in range(TURNS):
        for (port, calls), answers in zip(work, found, strict=True):
            answers.add(call(port, calls[turn::TURNS], callers=callers))
    return found


def _posts(ours: int, bare: int, tuned: int, posts: list[Call]) -> None:
    """Compare with a minimal DRF view as it comes, and with the same view on our connection to the database."""
    third = len(posts) // 3
    plain = bare_bookings(2 * len(posts))
    once, again = plain[: len(posts)], plain[len(posts) :]
    one, bare_one, tuned_one = in_turn((ours, posts[:third]), (bare, once[:third]), (tuned, again[:third]), callers=1)
    compare(f"one caller, p50 {one.statuses}", one, bare_one, Goal(most=3))
    compare("the same, bare with prepared statements", one, tuned_one, Goal(most=3))
    eight, bare_eight, tuned_eight = in_turn(
        (ours, posts[third:]), (bare, once[third:]), (tuned, again[third:]), callers=8
    )
    name = f"eight callers, per second {eight.statuses}"
    for title, limit in ((name, bare_eight), ("the same, bare with prepared statements", tuned_eight)):
        row(title, f"{eight.rate:.0f}/s", f"{limit.rate:.0f}/s", eight.rate / limit.rate, Goal(least=0.5))
    print(f"  bare statuses {bare_one.statuses} {bare_eight.statuses}, {tuned_one.statuses} {tuned_eight.statuses}")


if __name__ == "__main__":
    main()
