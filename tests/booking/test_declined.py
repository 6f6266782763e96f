import pytest
from django.db import connection

from booking import errors
from booking.actions.locks import Declined, in_one_transaction, lock_days

PLANS = "SELECT count(*) FROM pg_prepared_statements"
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


def number(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
class TestADecline:
    def decline(self, why):
        def run() -> None:
            lock_days(1, [20_000])
            raise Declined(why)

        with pytest.raises(errors.SlotTaken):
            in_one_transaction(run)

    def test_is_explained_when_nothing_is_locked_any_more(self):
        """Nobody waits for the diary while other times are looked for."""
        held = []

        def why() -> errors.Refusal:
            held.append((connection.in_atomic_block, number(HELD)))
            return errors.SlotTaken()

        self.decline(why)

        assert held == [(False, 0)]

    def test_leaves_the_connection_its_plans(self):
        """psycopg forgets them all at a ROLLBACK, and a busy hour is made of refusals."""
        for _ in range(5):
            number(PLANS)
        before = number(PLANS)

        self.decline(errors.SlotTaken)

        assert number(PLANS) >= before > 0
