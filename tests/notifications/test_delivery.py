"""From a claimed row to the mail server's answer, and what is written down of it."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.actions.book import Person
from booking.models import Client, LinkToken
from notifications import delivery, queue, reminders
from notifications.models import Message, Preference
from tests.notifications.smtp_server import DROP
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    Meanwhile,
    calendar_in,
    cancel,
    event_in,
    kinds,
    mails,
    move,
    rows,
    rule,
    send,
    text_in,
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


class TestSending:
    def test_marks_the_row_with_who_and_when(self, studio, server):
        studio.book()

        assert send() == 1

        message = the("confirmation")
        assert (message.state, message.attempt, message.lease_until, message.words) == ("sent", 1, None, "")
        assert message.sent_by == queue.worker_name()
        assert message.sent_at is not None

    def test_goes_oldest_due_first_over_one_connection(self, studio, server):
        studio.many(30)
        Message.objects.filter(pk=Message.objects.last().pk).update(due_at=NOW - HOUR)

        assert send() == 30

        assert server.connections == 1
        assert server.recipients[0].split()[1] == "TO:<29.kim@example.com>"

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

    def test_waits_longer_each_time_and_gives_up_after_twelve(self, studio, serve):
        serve(RCPT=["451 4.7.1 later"] * 99)
        studio.book()

        tried = try_again(NOW, times=queue.MOST_TRIES)

        pauses = [after - before for before, after in zip(tried, tried[1:], strict=False)]
        assert all(0.75 * plan <= pause <= 1.25 * plan for pause, plan in zip(pauses, queue.RETRY_AFTER, strict=False))
        assert all(0.75 * HOUR <= pause <= 1.25 * HOUR for pause in pauses[4:])
        assert the("confirmation").state == "failed"
        assert "12 tries" in the("confirmation").words

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


class TestTheMails:
    """One appointment, told of in every kind."""

    @pytest.fixture
    def told(self, studio, server, note):
        """The mails of one life: booked, moved, reminded, followed up; then another that is cancelled."""
        for slug in ("a-calm-hour", "a-calm-day", "a-calm-week"):
            note(slug)
        rule(24 * 60)
        rule(60, kind="follow-up", min_gap_minutes=0)
        appointment = studio.book()
        send()
        move(appointment, VISIT + HOUR, now=NOW + HOUR)
        send(NOW + HOUR)
        for at in (VISIT + HOUR - DAY, VISIT + 4 * HOUR):
            reminders.derive(now=at)
            send(at)
        return dict(zip(kinds(server), mails(server), strict=True))

    def test_form_one_thread(self, told):
        """Check 35."""
        first = told["confirmation"]["Message-ID"]

        assert list(told) == ["confirmation", "rescheduled", "reminder", "follow-up"]
        assert told["confirmation"]["References"] is None
        for kind in ("rescheduled", "reminder", "follow-up"):
            assert (told[kind]["References"], told[kind]["In-Reply-To"]) == (first, first)

    def test_have_one_subject_for_confirmation_and_reminder(self, studio, server):
        """Check 35: Gmail keeps a thread together only when the subject is the same."""
        rule(24 * 60)
        studio.book()
        send()
        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)

        assert kinds(server) == ["confirmation", "reminder"]
        assert len({mail["Subject"] for mail in mails(server)}) == 1

    def test_carry_the_invite_of_the_present_revision_but_for_the_follow_up(self, told):
        """Check 32."""
        for kind in ("rescheduled", "reminder"):
            event = event_in(told[kind])
            assert (event["SEQUENCE"], event.decoded("DTSTART")) == (1, VISIT + HOUR)
            assert str(event["UID"]) == str(event_in(told["confirmation"])["UID"])
        assert calendar_in(told["follow-up"]) is None

    def test_can_be_left_with_one_click_only_where_that_is_a_subscription(self, told):
        """Check 45."""
        for kind in ("confirmation", "rescheduled", "reminder"):
            assert told[kind]["List-Unsubscribe"] is None
            assert told[kind]["List-ID"] is None
            assert told[kind]["Precedence"] is None
        last = told["follow-up"]
        assert last["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "/one-click/>" in last["List-Unsubscribe"]
        assert "<mailto:" in last["List-Unsubscribe"]
        assert last["List-ID"]

    def test_carry_the_note_below_the_facts(self, told):
        """Check 48."""
        for kind in ("confirmation", "reminder"):
            for subtype in ("plain", "html"):
                text = text_in(told[kind], subtype)
                assert 0 < text.index("Linienstra") < text.index("Many people feel calmer"), (kind, subtype)
            assert "calm" not in told[kind]["Subject"].lower()
            description = str(event_in(told[kind])["DESCRIPTION"])
            assert "Many people feel calmer" in description[len(description) // 3 :]

    def test_say_no_more_than_they_must_in_a_follow_up(self, told):
        """Check 48: no link to book again, no price."""
        text = text_in(told["follow-up"])

        assert "/manage/" not in text
        assert "80.00" not in text
        assert "€" not in text


class TestACancellationMail:
    def test_leads_nowhere_but_the_preferences(self, studio, server):
        cancel(studio.book(), now=NOW)
        send()

        text = text_in(mails(server)[0])
        assert "/manage/" not in text
        assert "/calendar/" not in text
        assert "/preferences/" in text

    def test_cancels_the_event(self, studio, server):
        """Check 12, I-01."""
        cancel(studio.book(), now=NOW)
        send()

        calendar = calendar_in(mails(server)[0])
        event = event_in(mails(server)[0])
        assert (str(calendar["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
        assert event["ATTENDEE"]
        assert event.walk("VALARM") == []


class TestABatch:
    @pytest.mark.parametrize("kind", ["confirmation", "reminder"])
    def test_is_read_in_as_many_statements_however_large(self, studio, server, note, kind):
        for n in range(3):
            note(f"note-{n}")
        rule(24 * 60)

        counts = {number: self.letters_of(number, kind, studio) for number in (2, 12)}

        assert counts[2] == counts[12]

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
            assert len(list(delivery.letters(batch, now=NOW))) == number
        return len(seen)


class TestAMailThatCannotBeMade:
    def test_does_not_stop_the_others_and_is_not_tried_for_ever(self, studio, server):
        studio.many(3)
        # No mail can be dated, or answered, from a studio's reply address like this one; see the next test.
        spoilt = Message.objects.order_by("pk")[1]
        Message.objects.filter(pk=spoilt.pk).update(name="no good as a Message-ID")

        send()

        assert [state for _, state in rows()] == ["sent", "pending", "sent"]
        now = NOW
        for _ in range(queue.MOST_TRIES):
            now += 2 * HOUR
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
