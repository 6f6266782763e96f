"""manage.py seed_rules: the reminders most studios start with. Safe to run again; what is there stays as it is."""

from argparse import ArgumentParser
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand

from notifications.models import Kind, ReminderRule

RULES = (
    ("A day before", Kind.REMINDER, timedelta(days=1)),
    ("Three hours before", Kind.REMINDER, timedelta(hours=3)),
    ("Two days after", Kind.FOLLOW_UP, timedelta(days=2)),
)
SUMMARY = "The day ahead, at six"

# For a studio that is made up, and would have had its rules all along.
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Add the usual rules for reminders, follow-ups and the studio's summary. Rules that are there stay as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-if-always", action="store_true", help="Also remind those whose reminder would have been due before."
        )

    def handle(self, *, as_if_always: bool = False, **_: Any) -> None:
        held_since = {"since": ALWAYS} if as_if_always else {}
        added = [name for name, kind, distance in RULES if _add(name, kind, minutes=_minutes(distance), **held_since)]
        if _add(SUMMARY, Kind.STAFF_DIGEST, days_before=1, at_time=time(18)):
            added.append(SUMMARY)
        self.stdout.write(f"Rules added: {', '.join(added)}." if added else "All rules are there already.")


def _minutes(distance: timedelta) -> int:
    return int(distance.total_seconds() // 60)


def _add(name: str, kind: Kind, **when: Any) -> bool:
    """Return whether the rule was missing."""
    _, added = ReminderRule.objects.get_or_create(name=name, defaults={"kind": kind, **when})
    return added
