"""Workers, ticks and callers at the same moment, in threads with connections of their own."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection

from booking import errors
from booking.actions.take_reply import take_reply
from booking.itip import CalendarReply
from booking.models import Appointment, Client
from notifications import queue, reminders
from notifications.models import Message
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    Meanwhile,
    Stillwater,
    event_in,
    kinds,
    mails,
    move,
    rows,
    rule,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS, ROWS = 4, 200


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all of them from one starting line; return what they returned or raised."""
    line = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            line.wait(10)
            results[number] = work()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def owed(number: int) -> None:
    """So many confirmations that are due, to as many clients, of as many appointments."""
    first = Stillwater().book()
    clients = Client.objects.bulk_create(
        Client(reference=f"C{n:09}", name=f"Client {n}", email=f"{n}@example.com", created_at=NOW)
        for n in range(number - 1)
    )
    fields = {name: getattr(first, name) for name in COPIED}
    appointments = Appointment.objects.bulk_create(
        Appointment(reference=f"A{n:09}", client=client, blocks=True, status="booked", **fields)
        for n, client in enumerate(clients)
    )
    Message.objects.bulk_create(
        Message(
            appointment=one,
            kind="confirmation",
            recipient="client",
            sequence=0,
            name=f"{one.uid}.0.confirmation.client",
            due_at=NOW,
            created_at=NOW,
        )
        for one in appointments
    )


COPIED = (
    *("location", "service", "variation", "start_at", "end_at", "occupied", "wall_start", "time_zone", "agreed_at"),
    *("price_amount", "price_currency", "change_deadline_minutes", "tips", "created_at", "changed_at"),
)


class TestFourWorkers:
    def test_send_each_of_two_hundred_once(self, office):
        """Check 53, promise 3."""
        owed(ROWS)

        dealt_with = at_once(*[send] * WORKERS)

        assert sum(int(str(number)) for number in dealt_with) == ROWS, dealt_with
        assert Message.objects.filter(state="sent", attempt=1).count() == ROWS
        recipients = Counter(recipient for recipient, _ in office.taken)
        assert len(recipients) == ROWS
        assert set(recipients.values()) == {1}

    def test_that_wake_at_once_never_wait_for_each_other(self, server):
        """SKIP LOCKED: a worker passes over what another is just claiming."""
        owed(3)
        from django.db import transaction

        with transaction.atomic():
            taken = queue.claim(now=NOW, most=2)
            (found,) = at_once(lambda: impatiently(lambda: queue.claim(now=NOW, most=5)))

        assert not isinstance(found, Exception), found
        assert {message.pk for message in found}.isdisjoint({message.pk for message in taken})
        assert len(found) == 1


def impatiently(work):
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '500ms'")
    return work()


class TestWhileTheServerTalks:
    def test_no_transaction_is_open(self, office):
        """Check 59: seen in pg_stat_activity while the server keeps its 250 back."""
        Stillwater().many(2)
        office.open_for_answers.clear()

        def look() -> list[str]:
            assert office.somebody_waits.wait(10)
            seen = open_transactions()
            office.open_for_answers.set()
            return seen

        _, seen = at_once(send, look)

        assert seen == []
        assert len(office.taken) == 2

    def test_nobody_is_kept_from_moving_the_appointment(self, server):
        """No lock either: the client who moves meanwhile waits for nobody."""
        studio = Stillwater()
        appointment = studio.book()

        def meanwhile(_mail):
            (moved,) = at_once(lambda: impatiently(lambda: move(appointment, VISIT + DAY, now=NOW)))
            assert not isinstance(moved, Exception), moved

        send(channel=Meanwhile(before=meanwhile))
        send()

        assert kinds(server) == ["confirmation", "rescheduled"]


def open_transactions() -> list[str]:
    """What other sessions of this database have in hand, that have begun a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state || ': ' || query FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL"
        )
        return [text for (text,) in cursor.fetchall()]


class TestTheRecord:
    def test_of_a_mail_is_durable_before_the_next_is_handed_over(self, server):
        """Check 54: seen from another session, just before each mail."""
        Stillwater().many(3)
        seen = []

        def look(_mail):
            seen.extend(at_once(lambda: Message.objects.filter(state="sent").count()))

        send(channel=Meanwhile(before=look))

        assert seen == [0, 1, 2]


class TestTwoTicks:
    def test_at_once_write_each_reminder_once(self):
        """Check 58: two beats, or a beat and a restart."""
        studio = Stillwater()
        rule(24 * 60)
        rule(3 * 60, min_gap_minutes=0)
        studio.many(20)
        Message.objects.all().delete()
        now = VISIT - 2.9 * HOUR

        at_once(*[lambda: reminders.derive(now=now)] * 4)

        assert sorted(rows()) == [("reminder", "expired"), ("reminder", "pending")]

    def test_and_a_move_leave_no_reminder_of_the_old_time(self, server):
        """Check 63: whichever comes first."""
        studio = Stillwater()
        rule(24 * 60)
        appointment = studio.book()
        send()

        at_once(
            lambda: reminders.derive(now=VISIT - DAY),
            lambda: move(appointment, VISIT + 5 * DAY, now=VISIT - DAY),
        )
        send(VISIT - DAY)

        assert kinds(server) == ["confirmation", "rescheduled"]


class TestOneReplyTwice:
    def test_at_once_is_told_once(self, server):
        """Check 76: two copies of a mail, handed over by two programs in the same moment."""
        appointment = Stillwater().book()
        send()
        reply = CalendarReply(appointment.uid, "kim@example.com", "", "DECLINED", 0, NOW)

        taken = at_once(*[lambda: take_reply(reply, now=NOW + HOUR)] * 4)
        send(NOW + HOUR)

        assert sorted(one.first for one in taken) == [False, False, False, True]
        assert kinds(server) == ["confirmation", "cancel-link", "declined-invite"]


class TestTwoMoves:
    def test_at_once_are_two_revisions_and_the_last_is_what_is_stored(self, server):
        """Check 11."""
        appointment = Stillwater().book()
        send()

        done = at_once(
            lambda: move(appointment, VISIT + DAY, now=NOW + HOUR),
            lambda: move(appointment, VISIT + 2 * DAY, now=NOW + HOUR),
        )
        send(NOW + HOUR)

        assert not any(isinstance(each, errors.Refusal | OperationalError) for each in done), done
        appointment.refresh_from_db()
        assert sorted(each.sequence for each in done) == [1, 2]
        last = event_in(mails(server)[-1])
        assert (last["SEQUENCE"], last.decoded("DTSTART")) == (2, appointment.start_at)
        assert rows(kind="rescheduled") == [("rescheduled", "cancelled"), ("rescheduled", "sent")]

    def test_with_the_same_version_in_hand_are_one_move(self):
        from booking.actions.reschedule import reschedule_appointment
        from tests.notifications.stage import DESK

        appointment = Stillwater().book()

        def to(start_at):
            return lambda: reschedule_appointment(appointment, start_at=start_at, by=DESK, now=NOW, version=1)

        done = at_once(to(VISIT + DAY), to(VISIT + 2 * DAY))

        assert sorted(type(each).__name__ for each in done) == ["Appointment", "Stale"]
        assert rows(kind="rescheduled") == [("rescheduled", "pending")]
