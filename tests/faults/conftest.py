"""A studio of real processes whose services a test may kill: its own PostgreSQL and Valkey, web server, workers, beats."""

from collections.abc import Iterator

import pytest

from tests.faults.house import House
from tests.notifications.post_office import PostOffice


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Iterator[House]:
    """Services, tables and a studio that is open day and night; shared, so that each test pays for its programs only."""
    with PostOffice() as office, House.built(office) as house:
        yield house


@pytest.fixture
def house(built: House) -> Iterator[House]:
    """The house with services and web server up, nothing owed, and no worker; what a test starts ends with it."""
    built.begin()
    yield built
    built.end()
