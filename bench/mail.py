"""Reminders due at once: two workers that claim, check, write, send and record, against a bare loop of the same.

Beside it: how soon a confirmation goes that is booked meanwhile, what choosing notes takes, and what owing a mail
costs a booking.
"""

import os
import random
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import django

django.setup()

from django.db import connection
from django.utils import timezone

from bench.measure import Goal, heading, interleaved, row
from bench.sink import WATCHED
from booking import access, queries
from booking.actions.book import Person, Wishes, book_appointment
from booking.models import Appointment
from config.embedded.child import dies_with_us
from notifications import preferences, queue
from notifications.models import Message, Preference

PROCESSES = 2
QUICK = "--quick" in sys.argv
NUMBER = 1_000 if QUICK else 10_000
ROUNDS = 1 if QUICK else 3
BOOKINGS = 40 if QUICK else 150
SOON_SECONDS = 5.0
LOCATION = "riverside"  # what is measured over HTTP books at the other one


def owe(number: int) -> int:
    """Owe a reminder about each of the first `number` appointments to come, all due a minute ago; return how many.

    Nobody has touched the rows since they were written, nor chosen a note for them: each round meets the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Message._meta.db_table} CASCADE")
    now = queue.database_now()
    to_come = Appointment.objects.filter(status="booked", start_at__gt=now + timedelta(hours=2))
    coming = to_come.filter(client__email__contains="@").order_by("pk")
    Message.objects.bulk_create(
        (
            Message(
                appointment_id=one.pk,
                kind="reminder",
                recipient="client",
                sequence=one.sequence,
                name=f"{one.uid}.{one.sequence}.reminder-0.client",
                due_at=now - timedelta(minutes=1),
                not_after=one.start_at,
                created_at=now,
            )
            for one in coming[:number]
        ),
        batch_size=1000,
    )
    # Whoever is reminded had a confirmation before, and has preferences since.
    preferences.of(coming.values_list("client__email", flat=True)[:number], now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Message._meta.db_table}, {Preference._meta.db_table}")
    return Message.objects.count()


def run(mode: str, number: int, port: int, *, meanwhile: Callable[[], object] = lambda: None) -> tuple[float, float]:
    """Return the seconds that two processes take, from the moment both are ready, and the share of choosing notes."""
    variables = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.mailworker", mode, str(share), str(number // PROCESSES)],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=dies_with_us(),
        )
        for share in range(PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "ready"
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    meanwhile()
    shares = [float(worker.communicate()[0]) for worker in workers]
    return time.perf_counter() - began, max(shares)


def free_starts() -> Iterator[datetime]:
    """Yield starts that are offered, in random order, so far apart that a booking takes no other away."""
    wanted = queries.wanted(location=LOCATION, variation="swedish-60")
    today = datetime.now(UTC).date()
    book = queries.slots(
        wanted, first_on=today + timedelta(days=2), last_on=today + timedelta(days=60), now=timezone.now()
    )
    starts = [datetime.fromisoformat(slot["start"]) for day in book.days for slot in day["slots"][::5]]
    random.Random(7).shuffle(starts)
    yield from starts


def book(start_at: datetime, *, address: str, notify: bool = True) -> None:
    wanted = queries.wanted(location=LOCATION, variation="swedish-60")
    wishes = Wishes(client=Person(name="Guest", email=address), notify=notify)
    book_appointment(wanted, start_at=start_at, wishes=wishes, by=access.ANYONE, now=timezone.now())


@dataclass(frozen=True, slots=True)
class Round:
    """One time that all reminders were sent: `ratio` is against the bare loops before and after it."""

    ours: float
    limit: float
    waited: float
    choosing: float

    @property
    def ratio(self) -> float:
        return self.limit / self.ours


def reminders(sink: "subprocess.Popen[str]", port: int, starts: Iterator[datetime]) -> None:
    owed = owe(NUMBER)
    rounds: list[Round] = []
    unsent: list[tuple[str, str]] = []
    booked_at: list[float] = []

    def somebody_books() -> None:
        time.sleep(NUMBER / 2_500)  # until both processes are in the middle of it
        book(next(starts), address=WATCHED)
        booked_at.append(time.time())

    before, _ = run("bare", owed, port)
    for _ in range(ROUNDS):
        owe(NUMBER)
        ours, choosing = run("ours", owed, port, meanwhile=somebody_books)
        waited = _taken_at(sink) - booked_at[-1]
        unsent += Message.objects.exclude(state="sent").values_list("state", "words")[:3]
        owe(NUMBER)
        after, _ = run("bare", owed, port)
        rounds.append(Round(ours, (before + after) / 2, waited, choosing))
        before = after
    _told(owed, rounds)
    print(f"  each round: {', '.join(f'{one.ratio:.2f}' for one in rounds)}; not sent: {unsent or 'none'}")


def _told(owed: int, rounds: list[Round]) -> None:
    """Print the round in the middle: the machine's own speed changes from one to the next. Of waits, the longest."""
    middle = sorted(rounds, key=lambda one: one.ratio)[len(rounds) // 2]
    waited, choosing = max(one.waited for one in rounds), max(one.choosing for one in rounds)
    heading(f"{owed} reminders due at once, two processes", "limit")
    row(
        "reminders per second, against a bare loop",
        f"{owed / middle.ours:.0f}/s",
        f"{owed / middle.limit:.0f}/s",
        middle.ratio,
        Goal(least=0.75),
    )
    row(
        "a confirmation booked meanwhile", f"{waited:.2f} s", f"{SOON_SECONDS:g} s", waited / SOON_SECONDS, Goal(most=1)
    )
    row("choosing the note, of a batch's time", f"{choosing:.1%}", "all of it", choosing, Goal(most=0.1))


def _taken_at(sink: "subprocess.Popen[str]") -> float:
    """Return when the sink had the mail that somebody waits for, infinity when it never came."""
    assert sink.stdout is not None
    ready, _, _ = select.select([sink.stdout], [], [], SOON_SECONDS)
    return float(sink.stdout.readline()) if ready else float("inf")


def bookings(starts: Iterator[datetime]) -> None:
    """One caller without HTTP, where the row and the bell weigh most."""
    heading(f"{2 * BOOKINGS} bookings, one caller", "mail off")
    # Nobody is in two places at a time, so each is another guest.
    guests = (f"guest.{number}@example.com" for number in count())
    on, off = interleaved(
        lambda: book(next(starts), address=next(guests)),
        lambda: book(next(starts), address=next(guests), notify=False),
        rounds=BOOKINGS,
    )
    row("bookings per second, mail on", f"{1 / on:.0f}/s", f"{1 / off:.0f}/s", off / on, Goal(least=0.95))


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bench.sink", str(port)]
    sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=dies_with_us())
    starts = free_starts()
    try:
        time.sleep(0.5)
        reminders(sink, port, starts)
        bookings(starts)
    finally:
        sink.terminate()
        sink.wait()


if __name__ == "__main__":
    main()
