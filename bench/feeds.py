"""Calendar feeds of about 2,000 visits: reading and writing one against icalendar's own time, and one that has not
changed, over HTTP, against a bare Django view."""

import os
import sys

# The demo's larger location has some 170 visits a day.
os.environ |= {"FEED_PAST_DAYS": "0", "FEED_FUTURE_DAYS": "14"}

import django

django.setup()

import http.client

import icalendar
from django.db import connection
from django.utils import timezone

from bench.load import Answers, Call, call, gunicorn
from bench.measure import Goal, heading, interleaved, milliseconds, row
from booking import access, ical, queries
from booking.actions.make_feed import make_feed
from booking.events import AppointmentFacts
from booking.models import Location, Therapist

QUICK = "--quick" in sys.argv
TURNS = 10
TEXTS = ("SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "TRANSP", "CLASS")
INSTANTS = {
    "dtstamp": "changed_at",
    "dtstart": "start_at",
    "dtend": "end_at",
    "created": "created_at",
    "last-modified": "changed_at",
}


def by_icalendar(visits: list[AppointmentFacts], texts: list[dict[str, str]]) -> bytes:
    """Write the same properties as the library's documentation does."""
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", ical.PRODID)
    for one, said in zip(visits, texts, strict=True):
        event = icalendar.Event()
        event.add("uid", str(one.uid))
        event.add("sequence", one.sequence)
        for name, text in said.items():
            event.add(name, text)
        for name, fact in INSTANTS.items():
            event.add(name, getattr(one, fact))
        calendar.add_component(event)
    return calendar.to_ical()


def writing(secret: str) -> None:
    now = timezone.now()

    def ours() -> bytes:
        state = queries.feed_state(access.digest(secret), now=now)
        return ical.feed(queries.feed_shows(state, now=now), title="Bench", staff=True, names=True)

    state = queries.feed_state(access.digest(secret), now=now)
    visits = queries.feed_shows(state, now=now)
    texts = [{name: str(event[name]) for name in TEXTS} for event in icalendar.Calendar.from_ical(ours()).events]
    mine, limit = interleaved(ours, lambda: by_icalendar(visits, texts), rounds=3 if QUICK else 9)
    name = f"{len(visits)} visits, rows read and written, {len(ours()) // 1024} kB"
    row(name, milliseconds(mine), milliseconds(limit), mine / limit, Goal(most=1.3))


def unchanged(name: str, secret: str, ours: int, bare: int) -> None:
    address = f"/calendars/{secret}.ics"
    tag = {"If-None-Match": _tag(ours, address)}
    number = 20 if QUICK else 100
    mine: list[Call] = [("GET", address, None)] * number
    plain: list[Call] = [("GET", "/plain/", None)] * number
    answers, limit = Answers(), Answers()
    for _ in range(TURNS):
        answers.add(call(ours, mine, callers=1, headers=tag))
        limit.add(call(bare, plain, callers=1))
    ratio = answers.at(0.5) / limit.at(0.5)
    row(f"{name} {answers.statuses}", milliseconds(answers.at(0.5)), milliseconds(limit.at(0.5)), ratio, Goal(most=3))


def _tag(port: int, address: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", address)
    response = connection.getresponse()
    response.read()
    return response.headers["ETag"]


def main() -> None:
    location, therapist = Location.objects.order_by("slug")[0], Therapist.objects.order_by("slug")[0]
    harbour, anna = (make_feed(of, now=timezone.now()).secret for of in (location, therapist))
    with connection.cursor() as cursor:  # as autovacuum would by and by: the demo's rows are minutes old
        cursor.execute("VACUUM (ANALYZE) booking_appointment, booking_assignment, booking_client")
    heading("A calendar feed, read from the database and written", "icalendar")
    writing(harbour)
    heading("A feed that has not changed, one caller, p50", "bare Django")
    with gunicorn("config.settings") as ours, gunicorn("bench.bare_settings") as bare:
        call(bare, [("GET", "/plain/", None)] * 40, callers=8)
        unchanged("of a location", harbour, ours, bare)
        unchanged("of a therapist", anna, ours, bare)


if __name__ == "__main__":
    main()
