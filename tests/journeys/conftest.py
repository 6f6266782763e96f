"""A studio of real processes for a journey through all of it."""

from collections.abc import Iterator

import pytest

from tests.faults.house import House
from tests.faults.mail_server import MailServer


@pytest.fixture(scope="module")
def built() -> Iterator[House]:
    with MailServer() as office, House.built(office) as house:
        yield house


@pytest.fixture
def house(built: House) -> Iterator[House]:
    """Services, web server and a studio that is open day and night; its mail goes to `house.office`."""
    built.begin()
    yield built
    built.end()
