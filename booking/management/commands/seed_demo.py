"""manage.py seed_demo: the demo studio, Stillwater, into an empty database on one's own machine."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from booking.demo import house, staff, studio, visits
from booking.demo.progress import shown
from booking.models import Location, Studio

DAYS = 30
THERAPISTS = 8
MOST_DAYS = 366


class Command(BaseCommand):
    help = (
        "Fill an empty local database with the demo studio: two places, eight therapists, and the appointments of "
        "the last two weeks and the next thirty days. The same seed and day give the same studio. Nobody is told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--therapists", type=int, default=THERAPISTS, help="more than eight are for load")
        parser.add_argument("--days", type=int, default=DAYS, help="how many days ahead have appointments")
        parser.add_argument("--fill", type=int, metavar="PERCENT", help="of the working time; default: as it is usual")
        parser.add_argument("--seed", type=int, default=1, help="another number, another month")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is a studio already")

    def handle(self, *, therapists: int, days: int, fill: int | None, seed: int, if_empty: bool, **_: Any) -> None:
        _check(days, fill)
        found = Studio.objects.first() or Location.objects.first()
        if found and if_empty:
            self.stdout.write(f"There is a studio already, {found}: nothing to do.")
            return
        if found:
            raise CommandError(f"There is a studio already, {found}. The demo needs an empty database: `make clean`.")
        began = time.monotonic()
        # All or nothing: a studio half furnished would look like one that is there.
        with transaction.atomic():
            counts = self._fill(therapists, days=days, fill=fill, seed=seed)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # a planner that knows nothing of so many new rows plans badly
        self.stdout.write(f"{studio.NAME}: {counts}, in {time.monotonic() - began:.1f} s.")

    def _fill(self, therapists: int, *, days: int, fill: int | None, seed: int) -> str:
        now = timezone.now()
        try:
            built = house.build(therapists=therapists, days=days, seed=seed, now=now)
        except ValueError as error:
            raise CommandError(f"--therapists: {error}.") from error
        staff.write()
        to_fill = visits.days_to_fill(built, days=days, now=now)
        share = None if fill is None else fill / 100
        written = visits.write(visits.pages(built, to_fill, fill=share, seed=seed, now=now))
        appointments = sum(shown(written, total=len(to_fill), what="days", on=self.stdout))
        return (
            f"{len(built.locations)} locations, {len(built.therapists)} therapists, {len(built.rooms)} rooms, "
            f"{len(built.services)} services, {appointments:,} appointments"
        )


def _check(days: int, fill: int | None) -> None:
    if not settings.LOCAL:
        raise CommandError("The demo studio has log-ins that everybody knows: it is for one's own machine only.")
    if not 1 <= days <= MOST_DAYS:
        raise CommandError(f"--days must be between 1 and {MOST_DAYS}, not {days}.")
    if fill is not None and not 0 <= fill <= 100:
        raise CommandError(f"--fill must be between 0 and 100, not {fill}.")
