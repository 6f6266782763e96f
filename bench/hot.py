"""Ten seconds of 32 callers on one hot slot: one wins, nobody waits long, nothing deadlocks."""

import sys

import django

django.setup()

from django.db import connection

from bench.http import bookings
from bench.load import Call, call, gunicorn
from bench.measure import Goal, heading, milliseconds, row

CALLERS = 32
NUMBER = 300 if "--quick" in sys.argv else 3_000
WARM = 128
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        return int(cursor.fetchone()[0])


def one_of_many(method: str, path: str, body: dict[str, object] | None, number: int) -> Call:
    client = {"name": f"Hot {number}", "email": f"hot{number}@example.com"}
    return method, path, {**(body or {}), "client": client}


def main() -> None:
    (method, path, body), (_, _, other), *_ = bookings(2)
    before = deadlocks()
    with gunicorn("config.settings") as port:
        # Another slot warms it up: a process that has just begun connects first, and that is not what is measured.
        call(port, [one_of_many(method, path, other, n) for n in range(WARM)], callers=CALLERS)
        calls = [one_of_many(method, path, body, n) for n in range(WARM, WARM + NUMBER)]
        answers = call(port, calls, callers=CALLERS)
    heading(f"One hot slot, {CALLERS} callers, {answers.took:.1f} s, {answers.statuses}", "goal")
    slowest = answers.at(1)
    row("the slowest request", milliseconds(slowest), "900 ms", slowest / 0.9, Goal(most=1))
    row("p99", milliseconds(answers.at(0.99)), "900 ms", answers.at(0.99) / 0.9, Goal(most=1))
    print(f"  deadlocks: {deadlocks() - before}, winners: {answers.statuses.get(201, 0)}")


if __name__ == "__main__":
    main()
