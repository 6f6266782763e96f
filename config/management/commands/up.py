"""Run the whole studio on this machine: `make run`, or `PORT=8001 ./manage.py up`."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import Resolver404, resolve

from config.embedded.console import BOLD, Console
from config.embedded.faults import Stopped
from config.embedded.studio import Studio, running_studio
from config.embedded.supervisor import Supervisor

PAGES = (
    ("Booking", "/", ""),
    ("Desk", "/desk/", "desk@example.com / demo"),
    ("API", "/api/v1/docs/", ""),
    ("Mail", "/dev/mail/", ""),
    ("Admin", "/admin/", "owner@example.com / demo"),
)


class StopSignals:
    """Ctrl-C, SIGTERM and a closed terminal ask to stop; the second one no longer asks."""

    def __init__(self) -> None:
        self.count = 0
        self.at_once: Callable[[], None] = lambda: None

    def asked(self) -> bool:
        return self.count > 0

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            self.at_once()


class Command(BaseCommand):
    help = "Run the whole studio on this machine: PostgreSQL, Valkey, web, worker, beat and a mail inbox."
    requires_system_checks = []

    def handle(self, *_args: Any, **options: Any) -> None:
        colour = False if options["no_color"] else True if options["force_color"] else None
        console = Console(colour=colour)
        signals = StopSignals()
        supervisor = Supervisor(console, asked_to_stop=signals.asked)
        signals.at_once = supervisor.send_kill
        signals.listen()
        try:
            with running_studio("up", supervisor=supervisor) as studio:
                _welcome(console, studio)
                studio.supervisor.watch()
                console.say("\n  stopping …")
        except Stopped:
            sys.exit(0)


def _welcome(console: Console, studio: Studio) -> None:
    console.say("")
    for name, path, login in PAGES:
        if _is_page(path):
            console.say(f"  {name:<9} {console.paint(BOLD, studio.public_url + path)}   {login}".rstrip())
    console.say("  Ctrl-C stops everything. Data stays in ./var (make clean removes it).\n")


def _is_page(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
