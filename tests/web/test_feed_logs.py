"""The secret of a feed is in its address, and in no log."""

import logging

import pytest

from booking.actions.make_feed import make_feed
from config.logs import WithoutSecrets
from tests.factories import NOW


@pytest.mark.parametrize("door", ["/calendars/{}.ics", "/api/v1/calendars/{}.ics"])
def test_a_feeds_secret_is_blotted_out_of_every_log(house, door):
    """S23, S60; check 79."""
    secret = make_feed(house.anna, now=NOW).secret
    record = logging.LogRecord("x", logging.INFO, "", 0, "GET %s 200", (door.format(secret),), None)

    WithoutSecrets().filter(record)

    assert secret not in record.getMessage()
    assert "***" in record.getMessage()
