"""Many rows at once: PostgreSQL's COPY, which takes a third of the time that INSERT does."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model


def copy_in(rows: Sequence[Model]) -> None:
    """Write the rows, all of one model, and give each its key first. What they point to must be there.

    No signals are sent; constraints hold as always.
    """
    if not rows:
        return
    _give_keys(rows)
    fields = rows[0]._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields])


def _give_keys(rows: Sequence[Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [rows[0]._meta.db_table, len(rows)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
