"""A studio of real processes whose services a test may kill."""

from collections.abc import Iterator

import pytest

from tests.faults.house import House
from tests.faults.mail_server import MailServer


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Iterator[House]:
    """Services, tables, web server and a studio that never closes; shared, so that a test pays for its workers only."""
    with MailServer() as office, House.built(office) as house:
        yield house


@pytest.fixture
def house(built: House) -> Iterator[House]:
    """The house with services and web server up, nothing owed, and no worker; what a test starts ends with it."""
    built.begin()
    yield built
    built.end()
