"""What `ENGINE` makes connections of."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose health is seen, not asked for: Django sends `SELECT 1` before each request's first statement.

    A server that ends closes its sockets, and one that says goodbye sends something; either way the idle socket has
    something to read. One that has nothing is as good as it was a request ago. What a question alone would tell, a
    cable cut without a word, it would not tell before TCP gives up either.
    """

    def is_usable(self) -> bool:
        """Return whether the connection still leads to a server; asks it when the socket or an error raises doubts."""
        if self.connection is None or self.errors_occurred or not _is_silent(self.connection):
            return bool(super().is_usable())
        return True


def _is_silent(connection: Connection[Any]) -> bool:
    if connection.closed:
        return False
    watched = select.poll()  # not select(): that knows no descriptor above 1,023
    watched.register(connection.fileno(), select.POLLIN)
    return not watched.poll(0)
