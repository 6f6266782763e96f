"""The connection to PostgreSQL: is it well, and does it remember what it was asked?"""

import re

import psycopg
import pytest
from django.db import connection
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH, MAX_CACHED_STATEMENT_PARAMS

from booking.actions import hold, limits, locks, put_down
from booking.queries import catalogue, look
from notifications import listeners

LAST_ASKED = "SELECT query FROM pg_stat_activity WHERE pid = %s"


@pytest.mark.django_db(transaction=True)
class TestTheHealthOfAConnection:
    @pytest.fixture
    def ours(self):
        connection.close()
        connection.ensure_connection()
        yield connection.connection
        connection.close()

    @pytest.fixture
    def server(self, ours):
        """Somebody else's connection to the same server."""
        with psycopg.connect(ours.info.dsn, autocommit=True) as other:
            yield other

    def test_is_good_while_the_server_is_silent_and_the_server_is_not_asked(self, ours, server):
        connection.cursor().execute("SELECT 'the last thing asked'")

        assert connection.is_usable()
        assert server.execute(LAST_ASKED, [ours.info.backend_pid]).fetchone() == ("SELECT 'the last thing asked'",)

    def test_is_bad_once_the_server_has_ended_it(self, ours, server):
        server.execute("SELECT pg_terminate_backend(%s, 5000)", [ours.info.backend_pid])

        assert not connection.is_usable()

    def test_is_asked_for_when_something_went_wrong(self, ours, server):
        connection.errors_occurred = True

        assert connection.is_usable()
        assert server.execute(LAST_ASKED, [ours.info.backend_pid]).fetchone() == ("SELECT 1",)

    def test_is_bad_without_a_connection(self, ours):
        connection.close()

        assert not connection.is_usable()

    def test_is_bad_when_it_was_closed_from_our_side(self, ours):
        ours.close()

        assert not connection.is_usable()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(catalogue.READ + catalogue.FOR_SALE, id="what is wanted"),
        pytest.param(locks.LOCK, id="lock"),
        pytest.param(look.PLAIN, id="look"),
        pytest.param(look.CLOSER, id="look closer"),
        pytest.param(limits.ASKED, id="limits"),
        pytest.param(put_down.BOOK, id="book"),
        pytest.param(put_down.TAKE_UP, id="take up"),
        pytest.param(put_down.HOLD, id="hold"),
        pytest.param(hold.LIVE, id="live hold"),
        pytest.param(listeners.OWE, id="owe"),
    ],
)
def test_what_every_booking_asks_is_short_enough_to_be_remembered(statement):
    """psycopg takes a longer statement apart anew each time."""
    assert len(statement) <= MAX_CACHED_STATEMENT_LENGTH
    assert len(re.findall(r"%s|%\(\w+\)s", statement)) <= MAX_CACHED_STATEMENT_PARAMS
