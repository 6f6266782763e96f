"""The demo studio, made at a moment of a test's choice. Import it from tests: it needs Django to be set up."""

import io
from datetime import UTC, datetime
from typing import Any

import time_machine
from django.core.management import call_command

NOW = datetime(2026, 11, 22, 9, 30, 17, tzinfo=UTC)  # a Sunday, half past four in the morning in New York
DEMO = {"days": 7}  # enough for what most tests look at


def seed(*, now: datetime = NOW, **options: Any) -> str:
    """Run the command at `now`; what it says comes back."""
    out = io.StringIO()
    with time_machine.travel(now, tick=False):
        call_command("seed_demo", stdout=out, **(DEMO | options))
    return out.getvalue()
