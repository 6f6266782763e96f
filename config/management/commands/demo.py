"""Show the whole story in a studio of its own: `make demo`, or `PORT=8001 ./manage.py demo`."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from django.utils import timezone

from config.embedded.console import BOLD, Console
from config.embedded.studio import running_studio
from config.embedded.supervisor import Supervisor
from config.story import Received, Story

INTERRUPTED = 130


class StoryConsole(Console):
    """Tells the story only: what the programs say stays in their logs."""

    def repeat_new_lines(self) -> None:
        pass


class Command(BaseCommand):
    help = "Book a massage over HTTP in a studio of its own, and show the mail and the invites that arrive."
    requires_system_checks = []

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        colour = False if options["no_color"] else True if options["force_color"] else None
        console = StoryConsole(colour=colour)
        # Both end the story the same way: everything is stopped, nothing stays behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with running_studio("demo", supervisor=Supervisor(console), fresh=True) as studio:
                console.say("")
                try:
                    mails = Story(studio, clock=timezone.now).tell()
                finally:
                    connections.close_all()
                console.say("\n  stopping …")
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        _sum_up(console, mails, seconds=time.monotonic() - began)


def _sum_up(console: Console, mails: tuple[Received, ...], *, seconds: float) -> None:
    console.say("")
    for received in mails:
        kind = received.kind.capitalize()
        console.say(f"  {kind:<13} {console.paint(BOLD, _short(received.letter.path))}")
        console.say(f"  {'its invite':<13} {console.paint(BOLD, _short(received.calendar_file))}")
    console.say(
        f"\n  All of it worked, in {seconds:.0f} s. The files stay until the next demo; `make run` keeps a studio."
    )


def _short(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
