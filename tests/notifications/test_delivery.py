"""From a claimed row to the mail server's answer, and what is written down of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.actions.book import Person
from booking.models import Client, LinkToken
from notifications import delivery, ledger, queue, reminders, writing
from notifications.models import Message, Preference
from tests.notifications.smtp_server import TOGETHER
from tests.notifications.stage import (
    DAY,
    HOUR,
    KIM,
    NOW,
    ROBIN,
    VISIT,
    Meanwhile,
    cancel,
    kinds,
    mails,
    move,
    rows,
    rule,
    send,
    text_in,
    the,
)


class TestSending:
    def test_marks_the_row_with_who_and_when(self, studio, server):
        studio.book()

        assert send() == 1

        message = the("confirmation")
        assert (message.state, message.attempt, message.lease_until, message.words) == ("sent", 1, None, "")
        assert message.sent_by == ledger.worker_name()
        assert message.sent_at is not None

    def test_goes_oldest_due_first_over_one_connection(self, studio, server):
        studio.many(30)
        Message.objects.filter(pk=Message.objects.last().pk).update(due_at=NOW - HOUR)

        assert send() == 30

        assert server.connections == 1
        assert server.recipients[0].split()[1] == "TO:<29.kim@example.com>"

    def test_announces_each_mail_before_its_turn_and_sends_what_it_announced(self, studio, serve):
        server = serve(EHLO=[TOGETHER])
        studio.many(3)
        channel = Meanwhile()

        assert send(channel=channel) == 3

        to = [f"{n}.kim@example.com" for n in range(3)]
        assert channel.asked == [(word, address) for address in to for word in ("announce", "send")]
        assert server.commands == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]

    def test_announces_nothing_that_it_has_no_time_for(self, studio, serve, monkeypatch):
        """Or the connection would be lost to it: a server that was promised a text takes nothing else."""
        server = serve(EHLO=[TOGETHER])
        studio.many(3)
        monkeypatch.setattr(delivery, "FACTS_STAY_FRESH_SECONDS", 0.0)  # each is read anew

        assert send() == 3

        assert (server.connections, len(server.kept)) == (1, 3)

    def test_leaves_alone_what_is_not_due(self, studio, server):
        studio.book()

        assert send(NOW - timedelta(seconds=1)) == 0
        assert server.connections == 0

    def test_gives_links_that_open_this_appointment(self, studio, server):
        from booking import access

        appointment = studio.book()
        LinkToken.objects.all().delete()
        send()

        text = text_in(mails(server)[0])
        token = text.split("/manage/")[1].split("/")[0]
        assert access.appointment_for_link(token, purpose="manage", now=NOW) == appointment

    def test_to_an_address_that_is_none_fails_with_a_reason(self, studio, server):
        studio.book()
        Client.objects.update(email="jürgen@example.com")

        send()

        message = the("confirmation")
        assert message.state == "failed"
        assert message.words
        assert "jürgen" not in message.words
        assert server.kept == []


class TestABatch:
    @pytest.mark.parametrize("kind", ["confirmation", "reminder"])
    def test_is_read_in_as_many_statements_however_large(self, studio, server, note, kind):
        for n in range(3):
            note(f"note-{n}")
        rule(24 * 60)

        counts = {number: self.letters_of(number, kind, studio) for number in (2, 12)}

        assert counts[2] == counts[12]

    def test_ends_what_is_not_to_be_sent_and_each_for_its_own_reason(self, studio):
        overtaken, _, deadly = self.claimed_about_three_visits(studio)
        self.overtake(overtaken)
        Message.objects.filter(pk=deadly.pk).update(crashes=queue.MOST_CRASHES)
        deadly.crashes = queue.MOST_CRASHES

        told = [letter.message.pk for letter in writing.letters(self.batch, now=NOW)]

        assert len(told) == 1
        ends = dict(Message.objects.exclude(pk__in=told).values_list("state", "words"))
        assert ends.keys() == {"cancelled", "failed"}
        assert ends["cancelled"].startswith("Overtaken")
        assert ends["failed"].startswith("Given up")
        assert not Message.objects.exclude(pk__in=told).filter(lease_until__isnull=False).exists()

    def test_ends_nothing_that_another_worker_has_taken_since(self, studio):
        first, *_ = self.claimed_about_three_visits(studio)
        self.overtake(first)
        Message.objects.filter(pk=first.pk).update(attempt=2)

        list(writing.letters(self.batch, now=NOW))

        first.refresh_from_db()
        assert (first.state, first.attempt, first.words) == ("sending", 2, "")

    def claimed_about_three_visits(self, studio):
        studio.many(3, client=Person(name="Kim", email="kim@example.com"))
        Message.objects.update(due_at=NOW)
        self.batch = queue.claim(now=NOW, most=3)
        return self.batch

    def overtake(self, message):
        Message.objects.filter(pk=message.pk).update(sequence=7)
        message.sequence = 7

    def letters_of(self, number, kind, studio):
        """The statements before the first of `number` mails goes, each to somebody new."""
        Message.objects.all().delete()
        appointments = studio.many(number, client=Person(name=f"{kind} {number}", email=f"{number}@example.com"))
        if kind == "reminder":
            Message.objects.all().delete()
            for appointment in appointments:
                reminders.derive(now=appointment.start_at - DAY)
        ours = Message.objects.filter(appointment__in=appointments)
        ours.update(due_at=NOW, not_after=None)
        batch = queue.claim(now=NOW, most=number)
        assert {str(message.kind) for message in batch} == {kind}
        with CaptureQueriesContext(connection) as seen:
            assert len(list(writing.letters(batch, now=NOW))) == number
        return len(seen)


class TestNewsOfAnAppointment:
    """A confirmation is waited for; a reminder of tomorrow is not."""

    @pytest.fixture
    def reminded(self, studio):
        """Three reminders that are due since an hour."""
        rule(24 * 60)
        for hours in range(3):
            studio.book(VISIT + hours * HOUR, client=Person(name=f"Kim {hours}", email=f"{hours}@example.com"))
        Message.objects.all().delete()
        reminders.derive(now=VISIT - DAY + 3 * HOUR)
        Message.objects.update(due_at=VISIT - DAY)
        return studio

    def once_after_a_mail(self, studio, now):
        wanted = [VISIT + 5 * DAY]
        return Meanwhile(after=lambda _mail: wanted and studio.book(wanted.pop(), now=now))

    def test_waits_for_no_reminder(self, reminded, server):
        now = VISIT - DAY + 3 * HOUR
        reminded.book(VISIT + 5 * DAY, now=now)

        send(now)

        assert kinds(server) == ["confirmation", "reminder", "reminder", "reminder"]

    def test_goes_before_the_next_batch(self, reminded, server, monkeypatch):
        monkeypatch.setattr(delivery, "BATCH", 2)
        now = VISIT - DAY + 3 * HOUR

        send(now, channel=self.once_after_a_mail(reminded, now))

        assert kinds(server) == ["reminder", "reminder", "confirmation", "reminder"]

    def test_waits_no_longer_for_a_slow_server_than_facts_stay_fresh(self, reminded, server, monkeypatch):
        """The rest of a batch is given back by then, and news come first."""
        monkeypatch.setattr(delivery, "FACTS_STAY_FRESH_SECONDS", 0.0)
        now = VISIT - DAY + 3 * HOUR

        send(now, channel=self.once_after_a_mail(reminded, now))

        assert kinds(server) == ["reminder", "confirmation", "reminder", "reminder"]
        assert {message.tries for message in Message.objects.all()} == {0}


class TestAMailThatCannotBeMade:
    def test_does_not_stop_the_others_and_is_not_tried_for_ever(self, studio, server):
        for n, who in enumerate((KIM, ROBIN, Person(name="Sam", email="sam@example.com"))):
            studio.book(VISIT + (30 + n) * DAY, client=who)
        # No mail can be dated, or answered, from a studio's reply address like this one; see the next test.
        spoilt = Message.objects.order_by("pk")[1]
        Message.objects.filter(pk=spoilt.pk).update(name="no good as a Message-ID")

        send()

        assert [state for _, state in rows()] == ["sent", "pending", "sent"]
        now = NOW
        for _ in range(6):
            now += DAY
            send(now)
        spoilt.refresh_from_db()
        assert (spoilt.state, spoilt.words[:8]) == ("failed", "Given up")


class TestSomethingThatHappensWhileTheServerTalks:
    def test_a_cancellation_between_two_mails_is_heeded_within_seconds(self, studio, server, monkeypatch):
        """Check 62: what was read is not believed for longer than FACTS_STAY_FRESH_SECONDS."""
        rule(24 * 60)
        first, second = studio.book(), studio.book(VISIT + HOUR)
        Message.objects.all().delete()
        reminders.derive(now=VISIT - DAY + HOUR)
        monkeypatch.setattr(delivery, "FACTS_STAY_FRESH_SECONDS", 0.0)
        once = [second]

        send(
            VISIT - DAY + HOUR,
            channel=Meanwhile(after=lambda _mail: once and cancel(once.pop(), now=VISIT - DAY + HOUR)),
        )

        assert first.status == "booked"
        assert kinds(server) == ["reminder", "cancelled"]
        assert ("reminder", "cancelled") in rows()

    def test_does_not_make_the_row_deny_that_it_went(self, studio, server):
        """R-05: the row says what became of the mail, also when the appointment changed in that second."""
        appointment = studio.book()

        send(channel=Meanwhile(after=lambda _mail: move(appointment, VISIT + DAY, now=NOW)))

        assert kinds(server)[0] == "confirmation"
        assert the("confirmation").state == "sent"

    def test_no_preference_row_is_made_twice(self, studio, server):
        studio.many(3)
        send()

        assert Preference.objects.count() == 3
