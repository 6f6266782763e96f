"""One private PostgreSQL and Valkey for a test run, started before Django reads its settings.

The controller of pytest-xdist starts them; its workers find them in the environment. Runs side by side, even in one
checkout, have a folder and sockets each. What DATABASE_URL and REDIS_URL name already is used as it is.
"""

import os
import sys
from contextlib import ExitStack
from typing import Any

import pytest

from config.embedded.services import scratch_services
from tests.scheduling import StudioByStudio

_services = ExitStack()


def _begin() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")
    else:
        os.environ.update(_services.enter_context(scratch_services(name="test-")))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


_begin()


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings now: pytest-django looks for settings that are there by the end of this hook."""
    from django.conf import settings

    assert settings.LOCAL
    assert os.environ["REDIS_URL"] == settings.REDIS_URL
    # Static files are looked up when they are asked for: else each test client first walks through all of them.
    settings.WHITENOISE_AUTOREFRESH = True
    # Workers of xdist inherit our environment. Told of the settings, pytest-django would read them there before the
    # worker has chosen its own Redis database, and two workers would empty each other's.
    if config.getoption("numprocesses", None):
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> StudioByStudio:
    return StudioByStudio(config, log)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """No test counts on what another one has read: what a statement costs would hang on their order."""
    memory = sys.modules.get("booking.queries.memory")
    if memory is not None:
        memory.forget()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _services.close()
