"""Workers that die, sleep or are slow: nothing lost, at most one copy more for each, and nobody else pays for it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from notifications import delivery, queue, reminders
from notifications.channels import Answer, MailMessage, TryLater
from notifications.models import Message
from tests.notifications.stage import (
    AFTER_LEASE,
    NOW,
    VISIT,
    Meanwhile,
    crash,
    kinds,
    mails,
    rows,
    rule,
    send,
    the,
)

HOUR = timedelta(hours=1)


class WorkerKilled(BaseException):
    """Ends the worker on the spot, as a signal would; nothing catches it."""


def killed_after(number):
    """A channel whose worker dies right after the server took mail number `number`."""
    left = [number]

    def after(_mail):
        left[0] -= 1
        if left[0] == 0:
            raise WorkerKilled

    return Meanwhile(after=after)


def follow_up(studio, *, number=1):
    rule(60, kind="follow-up", min_gap_minutes=0)
    studio.many(number)
    Message.objects.all().delete()
    after = VISIT + number * timedelta(days=1)
    reminders.derive(now=after)
    assert rows() == [("follow-up", "pending")] * number
    return after


class TestALease:
    def test_keeps_others_away_until_it_ends(self, studio, server):
        studio.book()
        crash(NOW)

        assert send(NOW + queue.LEASE - timedelta(seconds=1)) == 0
        assert send(NOW + queue.LEASE) == 1

    def test_is_longer_than_a_task_may_take(self):
        """A worker that is cut off by Celery is gone before anybody else may take its messages."""
        from config.celery import app

        assert app.conf.task_soft_time_limit < app.conf.task_time_limit < queue.LEASE.total_seconds()

    def test_outlives_the_longest_send_that_may_begin_in_it(self):
        from notifications.channels.outbox import MESSAGE_SECONDS

        assert delivery.LEASE_MARGIN_SECONDS >= MESSAGE_SECONDS


class TestAWorkerThatDies:
    def test_before_it_sends_delays_the_mail_and_loses_nothing(self, studio, server):
        """Check 55."""
        studio.many(3)
        assert len(crash(NOW)) == 3

        for sweep in range(1, 5):
            send(NOW + sweep * AFTER_LEASE)

        assert rows() == [("confirmation", "sent")] * 3
        assert len(server.kept) == 3

    def test_between_the_answer_and_the_record_makes_one_more_copy_with_the_same_id(self, studio, server):
        """Check 54, R-05."""
        studio.book()
        with pytest.raises(WorkerKilled):
            send(channel=killed_after(1))
        assert rows() == [("confirmation", "sending")]

        send(NOW + AFTER_LEASE)

        assert rows() == [("confirmation", "sent")]
        assert len(server.kept) == 2
        assert len({mail["Message-ID"] for mail in mails(server)}) == 1
        assert the("confirmation").attempt == 2

    def test_in_the_middle_of_a_batch_repeats_one_of_it_at_most(self, studio, server):
        """Check 54."""
        studio.many(10)
        with pytest.raises(WorkerKilled):
            send(channel=killed_after(4))

        for sweep in range(1, 12):
            send(NOW + sweep * AFTER_LEASE)

        assert {state for _, state in rows()} == {"sent"}
        assert len(server.kept) == 11
        assert len({mail["Message-ID"] for mail in mails(server)}) == 10

    def test_never_repeats_a_follow_up(self, studio, server):
        """Check 54."""
        after = follow_up(studio)
        with pytest.raises(WorkerKilled):
            send(after, channel=killed_after(1))

        send(after + AFTER_LEASE)
        send(after + timedelta(hours=3))

        assert rows() == [("follow-up", "unknown")]
        assert kinds(server) == ["follow-up"]

    def test_never_repeats_a_follow_up_even_after_an_earlier_try(self, studio, serve):
        """Check 54: that the server once said "not now" does not make a second copy better."""
        server = serve(RCPT=["451 4.7.1 later"])
        after = follow_up(studio)
        send(after)
        after = the("follow-up").due_at
        with pytest.raises(WorkerKilled):
            send(after, channel=killed_after(1))

        for sweep in range(1, 4):
            send(after + sweep * AFTER_LEASE)

        assert rows() == [("follow-up", "unknown")]
        assert kinds(server) == ["follow-up"]

    def test_while_sending_follow_ups_costs_no_other_than_the_one_in_hand(self, studio, server):
        """The others were never handed over: nobody is in doubt about them."""
        after = follow_up(studio, number=3)
        with pytest.raises(WorkerKilled):
            send(after, channel=killed_after(1))

        for sweep in range(1, 7):
            send(after + sweep * AFTER_LEASE)

        assert sorted(state for _, state in rows()) == ["sent"] * 2 + ["unknown"]
        assert len(server.kept) == 3


class TestAZombie:
    """A worker that slept through its lease, and finds another's attempt on the row."""

    def test_cannot_record_over_the_one_who_came_after(self, studio, server):
        studio.book()
        (slept,) = crash(NOW)
        (awake,) = crash(NOW + AFTER_LEASE)

        assert not queue.sent(slept)
        assert not queue.later(slept, "451", now=NOW + AFTER_LEASE, jitter=0)
        assert not queue.ended(slept, "failed", "550")

        assert rows() == [("confirmation", "sending")]
        assert queue.sent(awake)
        assert rows() == [("confirmation", "sent")]

    def test_cannot_reopen_what_the_other_has_sent(self, studio, server):
        studio.book()
        (slept,) = crash(NOW)
        send(NOW + AFTER_LEASE)

        queue.later(slept, "451", now=NOW, jitter=0)
        queue.ended(slept, "failed", "550")

        assert (the("confirmation").state, the("confirmation").attempt) == ("sent", 2)

    def test_looks_at_its_lease_before_it_sends(self, studio, server):
        """Reliability 4.4, worker SIGSTOP: the thawed one finds its time over and sends nothing."""
        import time

        studio.many(2)
        batch = crash(NOW)
        outbox = Meanwhile()

        delivery.deliver(batch, outbox, now=NOW, claimed_at=time.monotonic() - queue.LEASE.total_seconds())

        assert server.kept == []


class TestAPoisonMessage:
    """One that takes every worker down that touches it."""

    @pytest.fixture
    def poison(self, studio):
        """The first of ten; dealing with it kills."""
        studio.many(10)
        return Message.objects.order_by("pk").first()

    def touch(self, poison):
        def before(mail):
            if mail.to == ["0.kim@example.com"]:
                raise WorkerKilled

        return Meanwhile(before=before)

    def sweep(self, poison, now):
        try:
            send(now, channel=self.touch(poison))
        except WorkerKilled:
            return True
        return False

    def test_is_set_aside_after_a_few_crashes_while_the_others_flow(self, poison, server):
        """Reliability 4.3 and 4.4, poison task."""
        crashes = sum(self.sweep(poison, NOW + n * AFTER_LEASE) for n in range(30))

        poison.refresh_from_db()
        assert (poison.state, poison.words[:8]) == ("failed", "Given up")
        assert crashes == queue.MOST_CRASHES
        others = Message.objects.exclude(pk=poison.pk)
        assert [message.state for message in others] == ["sent"] * 9
        assert len(server.kept) == 9

    def test_delays_the_others_by_one_lease_at_most(self, poison, server):
        for n in range(12):
            self.sweep(poison, NOW + timedelta(seconds=10 * n))
        self.sweep(poison, NOW + AFTER_LEASE)
        self.sweep(poison, NOW + AFTER_LEASE)

        assert len(server.kept) == 9


class TestASlowServer:
    """Every mail takes twenty seconds; a worker has a minute."""

    @pytest.fixture
    def slow(self, monkeypatch):
        clock = [1000.0]
        monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: clock[0]))

        def twenty_seconds(_mail):
            clock[0] += 20

        return Meanwhile(after=twenty_seconds)

    def test_does_not_use_up_the_tries_of_those_that_wait(self, studio, server, slow):
        studio.many(25)

        for n in range(20):
            send(NOW + n * AFTER_LEASE, channel=slow)

        assert {state for _, state in rows()} == {"sent"}
        assert len(server.kept) == 25

    def test_does_not_put_off_by_a_lease_what_was_never_tried(self, studio, server, slow):
        studio.many(10)

        send(NOW, channel=slow)

        waiting = Message.objects.exclude(state="sent")
        assert waiting
        assert {message.state for message in waiting} == {"pending"}


class Down:
    """A channel to nobody."""

    def announce(self, message: MailMessage) -> None:
        pass

    def send(self, message: MailMessage) -> Answer:
        return TryLater(0, "no connection")

    def close(self) -> None:
        pass


class TestAMailServerThatIsAway:
    def test_is_waited_for_and_then_gets_everything_once(self, studio, server):
        studio.many(5)
        now = NOW
        for _ in range(3):
            send(now, channel=Down())
            now += 2 * HOUR

        send(now)

        assert rows() == [("confirmation", "sent")] * 5
        assert len(server.kept) == 5
