"""Reminders due at once: two workers that claim, check, render, send and record, against a bare loop of the same."""

import os
import socket
import subprocess
import sys
import time
from datetime import timedelta

import django

django.setup()

from bench.measure import Goal, heading, row
from booking.models import Appointment
from config.embedded.child import dies_with_us
from notifications import queue
from notifications.models import Message

PROCESSES = 2
NUMBER = 1_000 if "--quick" in sys.argv else 10_000


def owe(number: int) -> None:
    """Owe a reminder about each of the first `number` appointments to come, all due a minute ago."""
    Message.objects.all().delete()
    now = queue.database_now()
    coming = Appointment.objects.filter(status="booked", start_at__gt=now + timedelta(hours=2), client__isnull=False)
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
            for one in coming.order_by("pk")[:number]
        ),
        batch_size=1000,
    )


def run(mode: str, number: int, port: int) -> float:
    """Return the seconds that two processes take, from the moment both are ready."""
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
    for worker in workers:
        worker.wait()
    return time.perf_counter() - began


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sink = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)], preexec_fn=dies_with_us())
    try:
        time.sleep(0.5)
        owe(NUMBER)
        owed = Message.objects.count()
        ours = run("ours", owed, port)
        states = list(Message.objects.exclude(state="sent").values_list("state", "words")[:3])
        Message.objects.update(state="pending", attempt=0, lease_until=None)
        limit = run("bare", owed, port)
        heading(f"{owed} reminders due at once, two processes", "bare loop")
        row("reminders per second", f"{owed / ours:.0f}/s", f"{owed / limit:.0f}/s", limit / ours, Goal(least=0.75))
        print(f"  not sent: {states or 'none'}")
    finally:
        sink.terminate()
        sink.wait()


if __name__ == "__main__":
    main()
