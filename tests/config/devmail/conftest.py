"""An inbox of its own for each test."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django.fixtures import Settings

from config.inbox import Keeper
from tests.config.devmail.mails import Deliver, a_confirmation


@pytest.fixture
def mailbox_dir(tmp_path: Path, settings: Settings) -> Path:
    settings.LOCAL = True
    settings.MAILBOX_DIR = str(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.fixture
def deliver(mailbox_dir: Path) -> Deliver:
    """Put octets or a message into the inbox, and give the name under which it is shown."""
    keeper = Keeper(mailbox_dir)

    def put(message: EmailMessage | bytes, *, to: str = "kim@example.com") -> str:
        octets = message if isinstance(message, bytes) else message.as_bytes(policy=SMTP)
        envelope = SimpleNamespace(mail_from="studio@example.com", rcpt_tos=[to], original_content=octets)
        kept = keeper.keep(
            envelope, peer=("127.0.0.1", 40_000), received_at=datetime(2026, 11, 22, 1, 2, 45, tzinfo=UTC)
        )
        return kept.removesuffix(".eml")

    return put


@pytest.fixture
def confirmation(deliver: Deliver) -> str:
    return deliver(a_confirmation())
