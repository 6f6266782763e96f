"""What grows with the studio and what does not: more history, more therapists, limits on all, couples in twenty rooms.

Each studio is made of the demo one in a transaction and measured in it, beside the demo one as it was; then it is
rolled back. The one with the history stands in a database of its own, so that the two can be measured in turn.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import django

django.setup()

from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.measure import Goal, heading, interleaved, milliseconds, row, seconds
from bench.slots import bare
from booking import queries
from booking.access import ANYONE
from booking.actions.book import Person, Wishes, book_appointment
from booking.models import Location, Room, Service, Therapist

QUICK = "--quick" in sys.argv
ROUNDS = 5 if QUICK else 30
COPY_NAME = "bench_history"
COPIES = 9  # beside what is there: ten times as much
LOCATION = queries.locations()[0].slug
PLAIN = "swedish-60"
FIRST = date.today() + timedelta(days=2)
MONTH, DAY = 31, 1

# The same visits again, so many days earlier: the history of a studio that has been open for years. What keys and
# tokens are unique is made anew.
COPY = """
WITH new AS (
  SELECT nextval(pg_get_serial_sequence('booking_appointment', 'id')) AS key, a.id AS old
  FROM booking_appointment a WHERE a.id <= %(newest)s
), again AS (
  INSERT INTO booking_appointment
  SELECT (json_populate_record(a, json_build_object(
    'id', n.key, 'reference', 'H' || lpad(to_hex(n.key), 9, '0'), 'uid', gen_random_uuid(),
    'start_at', a.start_at - s.shift, 'end_at', a.end_at - s.shift, 'client_id', NULL, 'series_id', NULL,
    'occupied', tstzrange(lower(a.occupied) - s.shift, upper(a.occupied) - s.shift),
    'status', CASE WHEN a.blocks THEN 'fulfilled' ELSE a.status END, 'expires_at', NULL))).*
  FROM new n JOIN booking_appointment a ON a.id = n.old CROSS JOIN (SELECT make_interval(days => %(days)s) AS shift) s
  RETURNING id, occupied, blocks
)
INSERT INTO booking_assignment
  (appointment_id, therapist_id, occupied, blocks, before_minutes, after_minutes, load_minutes)
SELECT g.id, t.therapist_id, g.occupied, g.blocks, t.before_minutes, t.after_minutes, t.load_minutes
FROM again g JOIN new n ON n.key = g.id JOIN booking_assignment t ON t.appointment_id = n.old
"""
SPAN = """
SELECT extract(day FROM max(upper(occupied)) - min(lower(occupied)))::int + 2, max(id) FROM booking_appointment
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """`seconds` of the quickest round, and how many SQL statements it took.

    Two studios in transactions cannot be measured in turn, and a noisy moment is not to hit one of them: growth shows
    in the quickest round as well.
    """

    seconds: float
    statements: int


@contextmanager
def another_studio(change: Callable[[], None]) -> Iterator[None]:
    """Make a studio of this one that nobody will see, and let PostgreSQL know what it is like."""
    with transaction.atomic():
        change()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE booking_appointment, booking_assignment, booking_therapist_skills")
        yield
        transaction.set_rollback(True)


def slots(days: int, variation: str = PLAIN) -> str:
    wanted = queries.wanted(location=LOCATION, variation=variation)
    last_on = FIRST + timedelta(days=days - 1)
    return json.dumps(queries.slots(wanted, first_on=FIRST, last_on=last_on, now=timezone.now()).days)


def booking() -> None:
    """Book a slot that nobody has and take it back."""
    wanted, now = queries.wanted(location=LOCATION, variation=PLAIN), timezone.now()
    found = queries.slots(wanted, first_on=FIRST, last_on=FIRST + timedelta(days=9), now=now)
    start_at = next(day["slots"][0]["start"] for day in found.days if day["slots"])
    guest = Wishes(client=Person(name="Guest", email="guest@example.com"))
    with transaction.atomic():
        book_appointment(wanted, start_at=datetime.fromisoformat(start_at), wishes=guest, by=ANYONE, now=now)
        transaction.set_rollback(True)


PATHS: dict[str, Callable[[], object]] = {
    "a month of slots": lambda: slots(MONTH),
    "a day of slots": lambda: slots(DAY),
    "a day of slots and a booking": booking,
}


def figures(run: Callable[[], object]) -> Figures:
    asked = statements(run)
    return Figures(min(seconds(run) for _ in range(ROUNDS)), asked)


def statements(run: Callable[[], object], database: BaseDatabaseWrapper | None = None) -> int:
    """Return how many SQL statements it takes, once it is warm."""
    run()
    with CaptureQueriesContext(database or connection) as captured:
        run()
    return len(captured)


def compare(title: str, beside: str, small: dict[str, Figures], large: dict[str, Figures], goal: Goal) -> None:
    heading(title, beside)
    for name, one in large.items():
        other = small[name]
        label = f"{name}, {one.statements} SQL, was {other.statements}"
        row(label, milliseconds(one.seconds), milliseconds(other.seconds), one.seconds / other.seconds, goal)


def all_paths() -> dict[str, Figures]:
    return {name: figures(run) for name, run in PATHS.items()}


@contextmanager
def the_other_database(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Let everything in here ask the database of that connection."""
    usual = connections["default"]
    connections["default"] = other
    try:
        yield
    finally:
        connections["default"] = usual


@contextmanager
def ten_times_the_history() -> Iterator[BaseDatabaseWrapper]:
    """Yield a connection to a copy of this database that has it; the copy is gone afterwards."""
    _alone(f"CREATE DATABASE {COPY_NAME} TEMPLATE {connection.settings_dict['NAME']}")
    other = connections["default"].copy()
    other.settings_dict["NAME"] = COPY_NAME
    try:
        with the_other_database(other), connection.cursor() as cursor:
            cursor.execute(SPAN)
            span, newest = cursor.fetchone()
            for number in range(1, COPIES + 1):
                cursor.execute(COPY, {"days": span * number, "newest": newest})
            cursor.execute("VACUUM (ANALYZE)")
        yield other
    finally:
        other.close()
        _alone(f"DROP DATABASE {COPY_NAME}")


def _alone(statement: str) -> None:
    """Run it while we are connected to neither of the two databases."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def history() -> None:
    heading("Ten times the history, measured in turn", "as it was")
    with ten_times_the_history() as other:
        for name, run in PATHS.items():

            def with_history(run: Callable[[], object] = run) -> None:
                with the_other_database(other):
                    run()

            asked = statements(run), statements(with_history, other)
            mine, limit = interleaved(with_history, run, rounds=ROUNDS)
            label = f"{name}, {asked[1]} SQL, was {asked[0]}"
            row(label, milliseconds(mine), milliseconds(limit), mine / limit, Goal(most=1.2))


def a_tenth_of_the_therapists() -> None:
    """Five of the fifty give the massage; the others work beside them."""
    everybody_gives_all()
    keep = list(Therapist.objects.filter(is_active=True))
    Service.objects.get(slug="swedish").therapists.set(keep[: len(keep) // 10])


def everybody_gives_all() -> None:
    """Under one roof: those from elsewhere come with their visits, at the hours that those are at by our clock."""
    here, *others = queries.locations()
    for there in others:
        apart = _offset(here) - _offset(there)
        there.weekly_hours.update(location=here, opens=F("opens") + apart, closes=F("closes") + apart)
        there.appointments.update(location=here)
    for slug in ("swedish", _couples().slug):
        Service.objects.get(slug=slug).therapists.set(Therapist.objects.filter(is_active=True))


def _offset(place: Location) -> timedelta:
    return timezone.now().astimezone(ZoneInfo(place.time_zone)).utcoffset() or timedelta(0)


def limits_on_all() -> None:
    """As strict as a studio would set them: they rule out some starts, not most."""
    Therapist.objects.update(
        longest_stretch_minutes=180, rest_minutes=15, daily_limit_minutes=360, weekly_limit_minutes=1_800
    )


def twenty_rooms_for_two() -> None:
    everybody_gives_all()
    here = Room.objects.filter(location__slug=LOCATION, is_active=True)
    here.update(features=[])
    Room.objects.filter(pk__in=list(here.order_by("slug").values_list("pk", flat=True)[:20])).update(
        features=_couples().room_features
    )


def _couples() -> Service:
    return Service.objects.filter(therapists_required=2, is_active=True)[0]


def couples() -> None:
    """Against fetching the same rows, one loop over them, and JSON."""
    variation = _couples().variations.all()[0].slug
    wanted, now = queries.wanted(location=LOCATION, variation=variation), timezone.now()
    for name, days, goal in (("a month", MONTH, Goal(most=4)), ("a day", DAY, Goal())):
        book = queries.agenda(wanted, first_on=FIRST, last_on=FIRST + timedelta(days=days - 1), now=now)
        until = now + timedelta(days=days + 2)
        mine, limit = interleaved(
            lambda days=days: slots(days, variation),
            lambda book=book, until=until: bare(book, now, until),
            rounds=ROUNDS,
        )
        label = f"{name}, {len(book.therapist_ids)} therapists, {len(book.room_ids)} rooms"
        row(label, milliseconds(mine), milliseconds(limit), mine / limit, goal)


def main() -> None:
    with another_studio(twenty_rooms_for_two):
        heading("Slots for couples, query call with JSON", "fetch+loop")
        couples()
    with another_studio(everybody_gives_all):
        many = all_paths()
    with another_studio(a_tenth_of_the_therapists):
        few = all_paths()
    compare(f"{Therapist.objects.count()} therapists against a tenth of them", "a tenth", few, many, Goal(most=10))
    with another_studio(lambda: None):
        usual = all_paths()
    with another_studio(limits_on_all):
        bound = all_paths()
    compare("Limits on all hands against none", "no limits", usual, bound, Goal())
    with connection.cursor() as cursor:
        # What was rolled back leaves dead rows and large indexes, and what comes after would measure them.
        cursor.execute("VACUUM (FULL, ANALYZE) booking_appointment, booking_assignment")
    history()


if __name__ == "__main__":
    main()
