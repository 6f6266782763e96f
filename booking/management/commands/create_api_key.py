"""manage.py create_api_key: a key for a program, printed this once. Only its SHA-256 is kept."""

import secrets
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking.access import digest, new_token
from booking.models import ApiKey, Scope

MOST_DAYS = 3650
LONGEST_NAME = 80


class Command(BaseCommand):
    help = "Make an API key and print it. It cannot be shown again: only its SHA-256 is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what the key is for, for example “Calendar on the wall”")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="what it may do; repeat it for more than one. Default: read",
        )
        parser.add_argument("--expires-days", type=int, metavar="DAYS", help="default: it does not expire")

    def handle(self, *, name: str, scope: list[str] | None, expires_days: int | None, **_: Any) -> None:
        _check(name, expires_days)
        now = timezone.now()
        prefix = f"sp_{secrets.token_hex(4)}"
        key = f"{prefix}_{new_token()}"
        made = ApiKey.objects.create(
            name=name,
            prefix=prefix,
            digest=digest(key),
            scopes=sorted(set(scope or [Scope.READ.value])),
            created_at=now,
            expires_at=None if expires_days is None else now + timedelta(days=expires_days),
        )
        until = "does not expire" if made.expires_at is None else f"expires on {made.expires_at:%Y-%m-%d %H:%M} UTC"
        # The key alone goes to stdout, so that it can be piped to where it is kept.
        self.stderr.write(f"{made}: may {', '.join(made.scopes)}; {until}. The key is shown this once:")
        self.stdout.write(key)


def _check(name: str, expires_days: int | None) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise CommandError(f"A key needs a name of 1 to {LONGEST_NAME} characters.")
    if expires_days is not None and not 1 <= expires_days <= MOST_DAYS:
        raise CommandError(f"--expires-days must be between 1 and {MOST_DAYS}, not {expires_days}.")
