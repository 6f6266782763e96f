"""The pages of the local inbox exist on a developer's machine, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from config.env import BASE_DIR

pytestmark = pytest.mark.urls("tests.config.devmail.urls")

PRODUCTION = {
    "STILLPOINT_LOCAL": "false",
    "SECRET_KEY": "x" * 50,
    "PUBLIC_URL": "https://book.example.com",
    "DATABASE_URL": "postgres://studio@db/studio",
    "REDIS_URL": "redis://valkey:6379/0",
}


class TestWithProductionSettings:
    @pytest.mark.parametrize("page", ["html/", "source/", "message.eml", "parts/0/", ""])
    @pytest.mark.parametrize(("local", "folder_set"), [(False, True), (True, False), (False, False)])
    def test_every_page_is_not_found(
        self,
        page: str,
        local: bool,
        folder_set: bool,
        client: Client,
        confirmation: str,
        settings: Settings,
    ) -> None:
        settings.LOCAL = local
        settings.MAILBOX_DIR = settings.MAILBOX_DIR if folder_set else ""

        assert client.get("/dev/mail/").status_code == 404
        assert client.get(f"/dev/mail/{confirmation}/{page}").status_code == 404

    def test_the_pages_are_not_mounted(self) -> None:
        assert not mounted(PRODUCTION | {"MAILBOX_DIR": ""})

    def test_a_mailbox_folder_keeps_the_studio_from_starting(self, tmp_path: Path) -> None:
        ended = with_settings(PRODUCTION | {"MAILBOX_DIR": str(tmp_path)}, "import django; django.setup()")

        assert ended.returncode == 1
        assert "MAILBOX_DIR is for local use" in ended.stderr


class TestWithLocalSettings:
    def test_the_pages_are_mounted_when_there_is_an_inbox(self, tmp_path: Path) -> None:
        assert mounted({"STILLPOINT_LOCAL": "true", "MAILBOX_DIR": str(tmp_path)})

    def test_the_pages_are_not_mounted_without_one(self) -> None:
        assert not mounted({"STILLPOINT_LOCAL": "true", "MAILBOX_DIR": ""})


def with_settings(changes: dict[str, str], program: str) -> subprocess.CompletedProcess[str]:
    """Run a line of Python in a process of its own, which reads its own settings."""
    environment = os.environ | changes | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def mounted(changes: dict[str, str]) -> bool:
    program = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "try:\n    print(resolve('/dev/mail/').url_name)\n"
        "except Resolver404:\n    print('not mounted')"
    )
    ended = with_settings(changes, program)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip() == "inbox"
