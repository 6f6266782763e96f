"""The record that a mail went: given to the database, and waited for later."""

import pytest
from django.db import DatabaseError, connection

from notifications.ledger import Ledger
from notifications.models import Message
from tests.notifications.stage import NOW, crash, the


@pytest.fixture
def claimed(studio):
    studio.book()
    return crash(NOW)[0]


class TestARecord:
    def test_says_when_and_by_whom(self, claimed):
        ledger = Ledger()
        ledger.sent(claimed)

        assert ledger.settle()

        message = the("confirmation")
        assert (message.state, message.lease_until) == ("sent", None)
        assert message.sent_at
        assert message.sent_by

    def test_is_settled_when_the_ledger_is_closed(self, claimed):
        with Ledger() as ledger:
            ledger.sent(claimed)

        assert the("confirmation").state == "sent"

    def test_of_what_another_worker_has_taken_is_none(self, claimed):
        Message.objects.update(attempt=2)
        ledger = Ledger()
        ledger.sent(claimed)

        assert not ledger.settle()
        assert the("confirmation").state == "sending"

    def test_that_the_database_refuses_is_an_error_of_the_database(self, claimed):
        with connection.cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute("SELECT 1 / 0")

        with pytest.raises(DatabaseError), Ledger() as ledger:
            ledger.sent(claimed)

    def test_follows_another_on_the_same_connection(self, claimed):
        ledger = Ledger()
        ledger.sent(claimed)
        ledger.sent(claimed)

        assert not ledger.settle()
        assert the("confirmation").state == "sent"


@pytest.mark.django_db(transaction=True)
class TestARecordAfterTheFirst:
    def statements(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'a_mail_went%'")
            return cursor.fetchone()[0]

    def test_is_prepared_as_long_as_the_ledger_is_open(self, claimed):
        with Ledger() as ledger:
            ledger.sent(claimed)
            assert (ledger.settle(), self.statements()) == (True, 0)
            ledger.sent(claimed)
            assert (ledger.settle(), self.statements()) == (False, 1)

        assert self.statements() == 0

    def test_is_made_though_the_database_was_told_to_forget_what_is_prepared(self, claimed):
        """As psycopg does at each rollback."""
        with Ledger() as ledger:
            for _ in range(2):
                ledger.sent(claimed)
                ledger.settle()
            Message.objects.update(state="sending")
            with connection.cursor() as cursor:
                cursor.execute("DEALLOCATE ALL")
            ledger.sent(claimed)

            assert ledger.settle()

        assert the("confirmation").state == "sent"

    def test_is_made_on_another_connection(self, claimed):
        with Ledger() as ledger:
            for _ in range(2):
                ledger.sent(claimed)
                ledger.settle()
            Message.objects.update(state="sending")
            connection.close()
            ledger.sent(claimed)

            assert ledger.settle()

        assert the("confirmation").state == "sent"

    def test_is_not_prepared_where_the_studio_asks_for_that(self, claimed, monkeypatch):
        """PREPARED_STATEMENTS=false, for a pooler that takes none."""
        connection.ensure_connection()
        monkeypatch.setattr(connection.connection, "prepare_threshold", None)
        with Ledger() as ledger:
            for _ in range(3):
                ledger.sent(claimed)
                ledger.settle()

            assert self.statements() == 0


class TestALedger:
    def test_in_which_nothing_stands_is_settled(self):
        assert Ledger().settle()
