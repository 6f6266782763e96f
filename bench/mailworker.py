"""One process of the mail measure: `ours` claims and delivers, `bare` builds and sends the same mails in a loop.

When done it prints the share of its time that went into choosing notes.
"""

import smtplib
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.conf import settings

from notifications import delivery, nudges, queue, writing
from notifications.models import Message


def ours() -> float:
    choosing = 0.0
    choose = nudges.choose_for

    def timed(*args: Any, **kwargs: Any) -> Any:
        nonlocal choosing
        began = time.perf_counter()
        chosen = choose(*args, **kwargs)
        choosing += time.perf_counter() - began
        return chosen

    nudges.choose_for = timed
    began = _started()
    while delivery.sweep(now=queue.database_now(), seconds=60):
        pass
    return choosing / (time.perf_counter() - began)


def bare(share: int, number: int) -> float:
    """Build and send over one connection; what the mails say was read before the clock starts."""
    rows = list(Message.objects.filter(kind="reminder").order_by("pk")[share * number : (share + 1) * number])
    letters = [letter for start in range(0, number, 500) for letter in _read(rows[start : start + 500])]
    _started()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        for letter in letters:
            mail = writing.compose(letter)
            server.sendmail(mail.return_path, mail.to, mail.as_bytes())
    return 0.0


def _read(rows: list[Message]) -> list[writing.Letter]:
    return list(writing.letters(rows, now=queue.database_now()))


def _started() -> float:
    """Wait for the other process to be ready, too."""
    print("ready", flush=True)
    sys.stdin.readline()
    return time.perf_counter()


if __name__ == "__main__":
    work: Callable[[], float] = ours if sys.argv[1] == "ours" else lambda: bare(int(sys.argv[2]), int(sys.argv[3]))
    print(work())
