"""What the mail server says, and what is done about it: tries that grow apart, and silence."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest

from notifications import queue, reminders
from notifications.models import Message
from tests.notifications.smtp_server import DROP
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    event_in,
    mails,
    rows,
    rule,
    send,
    the,
)

MINUTE = timedelta(minutes=1)


def try_again(now, *, times=1):
    """Sweep as soon as the pause is over, again and again; return the instants."""
    tried = []
    for _ in range(times):
        now = Message.objects.get().due_at
        tried.append(now)
        send(now)
    return tried


class TestAnAnswer:
    @pytest.mark.parametrize(
        "script", [{"RCPT": ["451 4.7.1 later"]}, {"DOT": ["451 4.3.0 later"]}], ids=["RCPT", "DATA"]
    )
    def test_of_not_now_is_followed_by_another_try(self, studio, serve, script):
        """Check 60."""
        server = serve(**script)
        studio.book()

        send()

        message = the("confirmation")
        assert (message.state, message.words[:3]) == ("pending", "451")
        assert message.due_at >= NOW + 0.75 * MINUTE
        try_again(NOW)
        assert rows() == [("confirmation", "sent")]
        assert len(mails(server)) == (1 if "RCPT" in script else 2)

    @pytest.mark.parametrize("script", [{"RCPT": ["550 5.1.1 who?"]}, {"DOT": ["554 5.6.0 no"]}], ids=["RCPT", "DATA"])
    def test_of_never_is_final(self, studio, serve, script):
        """Check 60."""
        server = serve(**script)
        studio.book()

        send()
        send(NOW + 2 * DAY)

        message = the("confirmation")
        assert (message.state, message.words[:2], message.attempt) == ("failed", "55", 1)
        assert len(server.recipients) == 1

    def test_that_nobody_is_there_is_no_end(self, studio, serve, settings):
        """Check 60: connection refused."""
        with serve() as server:
            settings.EMAIL_PORT = server.port
        studio.book()

        send()

        assert the("confirmation").state == "pending"
        serve()
        try_again(NOW)
        assert rows() == [("confirmation", "sent")]

    def test_of_one_does_not_stop_the_others(self, studio, serve):
        server = serve(RCPT=["250 ok", "550 5.1.1 who?", "451 4.7.1 later"])
        studio.many(4)

        send()

        assert [state for _, state in rows()] == ["sent", "failed", "pending", "sent"]
        assert len(server.kept) == 2


class TestATryAfterATry:
    def test_has_the_same_message_id_and_date(self, studio, serve):
        """Check 34."""
        server = serve(DOT=["451 4.3.0 later"])
        studio.book()
        send()
        try_again(NOW)

        first, second = mails(server)
        assert (first["Message-ID"], first["Date"]) == (second["Message-ID"], second["Date"])
        assert parsedate_to_datetime(first["Date"]) == NOW
        assert event_in(first) == event_in(second)

    def test_waits_longer_each_time(self, studio, serve):
        serve(RCPT=["451 4.7.1 later"] * 99)
        studio.book()

        tried = try_again(NOW, times=9)

        pauses = [after - before for before, after in pairwise(tried)]
        assert all(0.75 * plan <= pause <= 1.25 * plan for pause, plan in zip(pauses, queue.RETRY_AFTER, strict=False))
        assert all(0.75 * HOUR <= pause <= 1.25 * HOUR for pause in pauses[4:])

    def test_is_given_up_after_five_days_with_a_reason(self, studio, serve):
        """RFC 5321 4.5.4.1; never for ever."""
        serve(RCPT=["451 4.7.1 later"] * 99)
        studio.book(VISIT + 30 * DAY)

        for days in range(8):
            send(NOW + days * DAY)

        message = the("confirmation")
        assert message.state == "failed"
        assert message.attempt == 6
        assert "451" in message.words

    def test_is_spread_for_those_that_failed_together(self, studio, serve):
        """Check 61: after a burst of 421 the next tries do not come as a burst."""
        serve(RCPT=["421 4.7.0 too many"] * 99)
        studio.many(20)

        send()

        due = sorted(Message.objects.values_list("due_at", flat=True))
        assert len(set(due)) == 20
        assert due[-1] - due[0] > timedelta(seconds=10)

    def test_does_not_happen_when_it_can_be_of_no_use(self, studio, serve):
        server = serve(RCPT=["451 4.7.1 later"] * 99)
        studio.book()
        send()

        send(VISIT + HOUR)

        assert the("confirmation").state == "expired"
        assert len(server.recipients) == 1


class TestALostAnswer:
    """The server may have the message, and nobody can know."""

    def test_is_followed_by_one_more_try_under_the_same_id(self, studio, serve):
        """Check 60."""
        server = serve(DOT=[DROP])
        studio.book()
        send()
        assert the("confirmation").state == "pending"

        try_again(NOW)

        assert rows() == [("confirmation", "sent")]
        assert len({mail["Message-ID"] for mail in mails(server)}) == 1
        assert len(server.kept) == 2

    def test_twice_is_left_as_unknown(self, studio, serve):
        """Check 60."""
        server = serve(DOT=[DROP, DROP])
        studio.book()
        send()
        try_again(NOW)
        send(NOW + 2 * DAY)

        assert rows() == [("confirmation", "unknown")]
        assert len(server.kept) == 2

    def test_is_remembered_over_a_plain_refusal_in_between(self, studio, serve):
        """Check 60: resent once, not once for each time that something else went wrong meanwhile."""
        server = serve(DOT=[DROP, "451 4.3.0 later", DROP])
        studio.book()
        send()
        try_again(NOW, times=2)
        send(NOW + 2 * DAY)

        assert rows() == [("confirmation", "unknown")]
        assert len(server.kept) == 3, "the first, the refused and the second"

    def test_never_repeats_a_follow_up(self, studio, serve):
        """Check 54: a second follow-up is worse than none."""
        server = serve(DOT=[DROP])
        rule(60, kind="follow-up", min_gap_minutes=0)
        studio.book(notify=True)
        Message.objects.all().delete()
        after = VISIT + 3 * HOUR
        reminders.derive(now=after)

        send(after)
        send(after + DAY)

        assert rows() == [("follow-up", "unknown")]
        assert len(server.kept) == 1
