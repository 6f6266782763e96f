"""A studio of real processes for a journey through all of it."""

from collections.abc import Iterator

import pytest

from tests.faults.house import House
from tests.notifications.post_office import PostOffice


@pytest.fixture
def house() -> Iterator[House]:
    """Services, web server and a studio that is open day and night; its mail goes to `house.office`."""
    with PostOffice() as office, House.built(office) as built:
        yield built
