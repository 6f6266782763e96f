"""One process of the mail measure: `ours` claims and delivers, `bare` builds and sends the same mails in a loop."""

import smtplib
import sys
import time

import django

django.setup()

from django.conf import settings

from notifications import delivery, queue
from notifications.models import Message


def ours() -> None:
    while delivery.sweep(now=queue.database_now(), seconds=60):
        pass


def bare(share: int, number: int) -> None:
    """Build and send over one connection; what the mails say was read before the clock starts."""
    rows = list(Message.objects.order_by("pk")[share * number : (share + 1) * number])
    letters = [letter for start in range(0, number, 500) for letter in _read(rows[start : start + 500])]
    print("ready", flush=True)
    sys.stdin.readline()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        for letter in letters:
            mail = delivery.compose(letter)
            server.sendmail(mail.envelope_sender, mail.to, mail.as_bytes())


def _read(rows: list[Message]) -> list[delivery.Letter]:
    return list(delivery.letters(rows, now=queue.database_now()))


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        ours()
    else:
        bare(int(sys.argv[2]), int(sys.argv[3]))
