"""manage.py check_wall_times: what a change of a country's clock rules has done to the diary, and its repair."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking import access, errors
from booking.actions.repair_wall_time import repair_wall_time
from booking.queries.wall_time import Drift, drifts

BY = "clock rules"


class Command(BaseCommand):
    help = (
        "List appointments to come whose instant no longer matches the agreed wall time under the installed zone "
        "rules. Exits with 1 when any are left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="move them, and tell the clients by mail")

    def handle(self, *, repair: bool, **_: Any) -> None:
        now = timezone.now()
        found = drifts(now=now)
        for drift in found:
            self.stdout.write(_line(drift))
        left = self._repair(found, now=now) if repair else found
        if left:
            todo = "could not be moved; see above" if repair else "would move; --repair moves them and sends mails"
            raise CommandError(f"{_count(left)} {todo}.")
        self.stdout.write(f"{_count(found)} moved." if found else "Every appointment shows the time that was agreed.")

    def _repair(self, found: list[Drift], *, now: datetime) -> list[Drift]:
        """Move what can be moved, again while that makes way for others; return what is left."""
        left, tried = found, len(found) + 1
        refused: dict[str, str] = {}
        while left and len(left) < tried:
            tried = len(left)
            left = [drift for drift in left if self._is_refused(drift, refused, now=now)]
        for drift in left:
            reference = drift.appointment.reference
            self.stderr.write(f"{reference} stays: {refused[reference]}")
        return left

    def _is_refused(self, drift: Drift, refused: dict[str, str], *, now: datetime) -> bool:
        try:
            repair_wall_time(drift, by=access.staff(BY, channel="command"), now=now)
        except errors.Refusal as no:
            refused[drift.appointment.reference] = no.detail
            return True
        return False


def _line(drift: Drift) -> str:
    one = drift.appointment
    way = "later" if drift.minutes > 0 else "earlier"
    moves = f"{abs(drift.minutes)} minutes {way}" if drift.minutes else "the same instant"
    shown = f", shown as {drift.shown[11:]} because clocks skip the agreed time" if drift.vanished else ""
    return (
        f"{one.reference}  {one.wall_start} {one.time_zone}: "
        f"{one.start_at:%Y-%m-%d %H:%M} -> {drift.meant_at:%Y-%m-%d %H:%M} UTC, {moves}{shown}"
    )


def _count(found: Iterable[Drift]) -> str:
    number = len(list(found))
    return "1 appointment" if number == 1 else f"{number} appointments"
