"""What happens between a ready database and the first request: tables, the demo studio, the library of notes.

The only module of this package that uses Django; its settings were read after the environment was complete.
"""

import sys
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.embedded.child import Child
from config.embedded.places import CHECKOUT
from config.embedded.supervisor import Supervisor

# In the demo studio two people have read the notes: one checked the science, the owner approved them.
LOAD_LIBRARY = ("load_library", "--checked-as", "Stillwater's editor", "--approve-as", "Stillwater's owner")


def prepare(supervisor: Supervisor, *, logs: Path) -> None:
    """Bring the database up to date, and fill it when it is empty.

    Raises CannotStart when a step fails; it has said why, on the screen or in its log.
    """
    try:
        if _migrations_are_due():
            supervisor.run(_step("migrate", "--verbosity", "0", "--no-input"))
            supervisor.console.tick("database migrated")
        if _is_empty("booking.Location"):
            supervisor.run(_step("seed_demo"))
        if _is_empty("notifications.ReminderRule"):
            supervisor.run(_step("seed_rules", "--as-if-always", log=logs / "seed_rules.log"))
        if _is_empty("content.Snippet"):
            supervisor.run(_step(*LOAD_LIBRARY, log=logs / "load_library.log"))
        supervisor.console.tick(_what_is_there())
    finally:
        connection.close()


def _migrations_are_due() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _step(*command: str, log: Path | None = None) -> Child:
    """Return one command as a child; without a log it shows its progress on the screen."""
    return Child(name=f"manage.py {command[0]}", argv=[sys.executable, CHECKOUT / "manage.py", *command], log=log)


def _is_empty(model: str) -> bool:
    return not apps.get_model(model)._default_manager.exists()


def _what_is_there() -> str:
    """Return "8 therapists, 420 appointments, 36 notes"."""
    things = (
        ("booking.Therapist", "therapists"),
        ("booking.Appointment", "appointments"),
        ("content.Snippet", "notes"),
    )
    counts = [f"{apps.get_model(model)._default_manager.count():,} {plural}" for model, plural in things]
    return f"studio: {', '.join(counts)}"
