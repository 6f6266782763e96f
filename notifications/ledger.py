"""That a mail went, on its way to the disk while the next mail is written.

A commit takes about as long as writing a mail, so the two are done at once: the statement is given to the database
and waited for before the next mail is handed to the server. So at most one mail is ever sent and not recorded.
"""

import os
import select
import socket
from itertools import count
from types import TracebackType
from typing import Any, Self, cast

from django.db import connection
from psycopg import Connection, capabilities, errors, pq

from notifications.models import Message

# The only statement between the server's answer and the next mail; so it is written out, and for libpq itself,
# which can give a statement without waiting for its end.
SENT = b"""
UPDATE notifications_message SET
  state = 'sent', sent_at = now(), sent_by = $1, told = $4, lease_until = NULL, words = ''
WHERE id = $2::bigint AND attempt = $3::integer AND state = 'sending'
"""


# Planning it takes the database as long as doing it does, so what is done more than once is prepared. Each ledger has a
# name of its own for that: nobody else's statement is taken for it, whatever a connection was through before.
_names = count(1)


class Ledger:
    """Records one mail at a time as sent, at the database's time. No other statement may run before settle()."""

    def __init__(self) -> None:
        self._under_way: tuple[Connection[Any], list[bytes]] | None = None
        self._name = f"a_mail_went_{next(_names)}".encode()
        self._prepared: Connection[Any] | None = None
        self._begun = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.settle()
        finally:
            self._forget()

    def sent(self, message: Message) -> None:
        """Begin to record that it went; it is not durable before settle() has returned."""
        self.settle()
        connection.ensure_connection()
        database = cast("Connection[Any]", connection.connection)
        values = [value.encode() for value in (worker_name(), str(message.pk), str(message.attempt), message.told)]
        with connection.wrap_database_errors:
            if self._is_prepared(database):
                database.pgconn.send_query_prepared(self._name, values)
            else:
                database.pgconn.send_query_params(SENT, values)
            self._under_way = database, values
            database.pgconn.flush()

    def settle(self) -> bool:
        """Wait until what was begun is durable. Returns False when another worker has taken the row since.

        Raises django.db.Error when the database did not take it.
        """
        if self._under_way is None:
            return True
        (database, values), self._under_way = self._under_way, None
        with connection.wrap_database_errors:
            try:
                result = _result_of(database.pgconn)
                if _is_forgotten(result):
                    # A rollback has made psycopg drop all that was prepared. Nothing was done, so it is done now.
                    self._prepared = None
                    result = database.pgconn.exec_params(SENT, values)
            except BaseException:  # a time limit, say: what still comes would be taken for another statement's answer
                connection.close()
                raise
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise errors.error_from_result(result)
        return result.command_tuples == 1

    def _is_prepared(self, database: Connection[Any]) -> bool:
        """Prepare the statement when it comes again, unless the studio's pooler takes none; say whether it is."""
        self._begun += 1
        if self._prepared is not database and self._begun > 1 and database.prepare_threshold is not None:
            made = database.pgconn.prepare(self._name, SENT)
            self._prepared = database if made.status == pq.ExecStatus.COMMAND_OK else None
        return self._prepared is database

    def _forget(self) -> None:
        """Leave nothing prepared behind on a connection that goes on."""
        database, self._prepared = self._prepared, None
        if database is None or database.closed:
            return
        if capabilities.has_send_close_prepared():
            database.pgconn.close_prepared(self._name)
        else:
            database.pgconn.exec_(b"DEALLOCATE " + self._name)


def _is_forgotten(result: pq.abc.PGresult) -> bool:
    return result.error_field(pq.DiagnosticField.SQLSTATE) == b"26000"  # invalid_sql_statement_name


def _result_of(server: pq.abc.PGconn) -> pq.abc.PGresult:
    """Return the result of the one statement that was sent; signals are heeded while it is awaited."""
    last: pq.abc.PGresult | None = None
    watched = select.poll()  # not select(): that knows no descriptor above 1,023
    server.consume_input()  # most often all is there already
    while True:
        while server.is_busy():
            watched.register(server.socket, select.POLLIN | (select.POLLOUT if server.flush() else 0))
            watched.poll()
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
