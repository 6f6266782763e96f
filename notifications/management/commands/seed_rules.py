"""manage.py seed_rules: the reminders most studios start with. Safe to run again; what is there stays as it is."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from notifications.models import Kind, ReminderRule

RULES = (
    ("A day before", Kind.REMINDER, timedelta(days=1)),
    ("Three hours before", Kind.REMINDER, timedelta(hours=3)),
    ("Two days after", Kind.FOLLOW_UP, timedelta(days=2)),
)


class Command(BaseCommand):
    help = "Add the usual rules for reminders and follow-ups, by name. Rules that are there are not touched."

    def handle(self, **_: Any) -> None:
        added = [name for name, kind, distance in RULES if _add(name, kind, distance)]
        self.stdout.write(f"Rules added: {', '.join(added)}." if added else "All rules are there already.")


def _add(name: str, kind: Kind, distance: timedelta) -> bool:
    """Return whether the rule was missing."""
    minutes = int(distance.total_seconds() // 60)
    _, added = ReminderRule.objects.get_or_create(name=name, defaults={"kind": kind, "minutes": minutes})
    return added
