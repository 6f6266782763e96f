"""That a mail went, on its way to the disk while the next mail is written.

A commit takes about as long as writing a mail, so the two are done at once: the statement is given to the database
and waited for before the next mail is handed to the server. So at most one mail is ever sent and not recorded.
"""

import os
import select
import socket
from types import TracebackType
from typing import Any, Self, cast

from django.db import connection
from psycopg import Connection, errors, pq

from notifications.models import Message

# The only statement between the server's answer and the next mail; so it is written out, and for libpq itself,
# which can give a statement without waiting for its end. Not prepared: psycopg drops what is at each rollback.
SENT = b"""
UPDATE notifications_message SET
  state = 'sent', sent_at = now(), sent_by = $1, told = $4, lease_until = NULL, words = ''
WHERE id = $2::bigint AND attempt = $3::integer AND state = 'sending'
"""


class Ledger:
    """Records one mail at a time as sent, at the database's time. No other statement may run before settle()."""

    def __init__(self) -> None:
        self._under_way: Connection[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.settle()

    def sent(self, message: Message) -> None:
        """Begin to record that it went; it is not durable before settle() has returned."""
        self.settle()
        connection.ensure_connection()
        database = cast("Connection[Any]", connection.connection)
        values = [value.encode() for value in (worker_name(), str(message.pk), str(message.attempt), message.told)]
        with connection.wrap_database_errors:
            database.pgconn.send_query_params(SENT, values)
            self._under_way = database
            database.pgconn.flush()

    def settle(self) -> bool:
        """Wait until what was begun is durable. Returns False when another worker has taken the row since.

        Raises django.db.Error when the database did not take it.
        """
        if self._under_way is None:
            return True
        database, self._under_way = self._under_way, None
        with connection.wrap_database_errors:
            try:
                result = _result_of(database.pgconn)
            except BaseException:  # a time limit, say: what still comes would be taken for another statement's answer
                connection.close()
                raise
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise errors.error_from_result(result)
        return result.command_tuples == 1


def _result_of(server: pq.abc.PGconn) -> pq.abc.PGresult:
    """Return the result of the one statement that was sent; signals are heeded while it is awaited."""
    last: pq.abc.PGresult | None = None
    while True:
        while server.is_busy():
            unsent = [server.socket] if server.flush() else []
            select.select([server.socket], unsent, [])
            server.consume_input()
        result = server.get_result()
        if result is not None:
            last = result
        elif last is not None:
            return last
        else:
            raise errors.OperationalError("the database has not answered")


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
