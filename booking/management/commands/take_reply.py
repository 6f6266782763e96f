"""manage.py take_reply: a mail on standard input, from a pipe of the mail server or a filter of the mailbox."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking import errors
from booking.actions.take_reply import take_reply
from booking.itip import MOST_BYTES, NotAReply, reply_in_calendar, reply_in_mail

NOT_TAKEN = 65  # EX_DATAERR of sysexits.h
TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the mail and gives it again


class Command(BaseCommand):
    help = "Take a guest's answer to an invite from a mail on standard input. Never cancels, never answers the mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--calendar", action="store_true", help="the input is the calendar object, not a mail")

    def handle(self, *, calendar: bool, **_: Any) -> None:
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
        try:
            reply = reply_in_calendar(content) if calendar else reply_in_mail(content)
            taken = take_reply(reply, now=timezone.now())
        except NotAReply as error:
            raise CommandError(f"Not taken: {error}", returncode=NOT_TAKEN) from error
        except errors.StudioBusy as error:
            raise CommandError(error.detail, returncode=TRY_AGAIN) from error
        except errors.Refusal as error:
            raise CommandError(f"Not taken: {error.detail}", returncode=NOT_TAKEN) from error
        again = "" if taken.first else ", for the second time"
        self.stdout.write(f"{taken.reply.appointment.reference}: {taken.reply.role} {taken.reply.partstat}{again}")
