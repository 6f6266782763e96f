"""Keys for programs: `manage.py create_api_key`."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from booking import access
from booking.models import ApiKey

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def create(db):
    """Run the command; the key comes back, and what was said beside it."""

    def create(*arguments: str) -> tuple[str, str]:
        out, beside = io.StringIO(), io.StringIO()
        with time_machine.travel(NOW, tick=False):
            call_command("create_api_key", *arguments, stdout=out, stderr=beside)
        return out.getvalue(), beside.getvalue()

    return create


class TestAnApiKey:
    def test_is_printed_alone_and_lets_its_holder_in(self, create) -> None:
        printed, _ = create("Wall calendar", "--scope", "read", "--scope", "desk")

        caller = access.caller_for_key(printed.strip(), now=NOW)

        assert caller is not None
        assert (caller.name, caller.scopes) == ("Wall calendar", frozenset({"read", "desk"}))

    def test_is_not_kept(self, create) -> None:
        """Neither in a column nor in what is said beside it."""
        printed, beside = create("Wall calendar")
        secret = printed.strip()

        kept: dict[str, Any] = ApiKey.objects.values().get()

        assert all(secret not in str(value) for value in kept.values())
        assert secret not in beside
        assert kept["digest"] == access.digest(secret)
        assert secret.startswith(kept["prefix"])

    def test_may_read_and_no_more_when_nothing_else_is_said(self, create) -> None:
        create("Wall calendar")

        assert ApiKey.objects.get().scopes == ["read"]

    def test_lasts_for_good_or_as_many_days_as_asked_for(self, create) -> None:
        forever, _ = create("One")
        for_a_week, beside = create("Other", "--expires-days", "7")
        later = NOW + timedelta(days=7)

        assert "expires on 2026-11-30 08:00 UTC" in beside
        assert access.caller_for_key(forever.strip(), now=later) is not None
        assert access.caller_for_key(for_a_week.strip(), now=later - timedelta(seconds=1)) is not None
        assert access.caller_for_key(for_a_week.strip(), now=later) is None

    @pytest.mark.parametrize(
        "arguments",
        [["", "--scope", "read"], ["x" * 81], ["A", "--expires-days", "0"], ["A", "--scope", "everything"]],
        ids=["no name", "a long name", "no days", "an unknown scope"],
    )
    def test_is_not_made_from_nonsense(self, create, arguments: list[str]) -> None:
        with pytest.raises(CommandError):
            create(*arguments)

        assert not ApiKey.objects.exists()
