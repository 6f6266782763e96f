"""The desk's changes wait a few minutes: a slip is put right unheard, and many changes make one mail.

Noor is at the desk, Kim the client, Robin her partner.
"""

from datetime import timedelta

import pytest

from booking import queries
from booking.actions.book import Wishes, book_appointment
from booking.models import Studio
from notifications import reminders
from notifications.models import Message
from tests.notifications.stage import (
    DAY,
    DESK,
    HOUR,
    KIM,
    NOW,
    VISIT,
    Stillwater,
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
LATER = NOW + HOUR


@pytest.fixture
def studio(db):
    return Stillwater(undo_minutes=3)


@pytest.fixture
def told(studio, server):
    """Kim's appointment, of which she has the confirmation."""
    appointment = studio.book()
    send()
    assert kinds(server) == ["confirmation"]
    return appointment


def book_at_the_desk(now=LATER, **wishes):
    wanted = queries.wanted(location="mitte", variation="swedish-60")
    chosen = Wishes(client=KIM, tips=False, **wishes)
    return book_appointment(wanted, start_at=VISIT, wishes=chosen, by=DESK, now=now).appointment


class TestAChangeByTheDesk:
    def test_is_told_when_the_window_has_passed(self, told, server):
        move(told, VISIT + DAY, now=LATER)

        send(LATER + 3 * MINUTE - timedelta(seconds=1))
        assert kinds(server) == ["confirmation"]
        send(LATER + 3 * MINUTE)

        assert kinds(server) == ["confirmation", "rescheduled"]

    def test_waits_as_long_as_the_studio_likes(self, told, server):
        Studio.objects.update(undo_minutes=10)

        move(told, VISIT + DAY, now=LATER)

        assert the("rescheduled").due_at == LATER + 10 * MINUTE

    def test_with_no_window_is_told_at_once(self, told, server):
        Studio.objects.update(undo_minutes=0)
        move(told, VISIT + DAY, now=LATER)

        send(LATER)

        assert kinds(server) == ["confirmation", "rescheduled"]

    def test_is_dated_when_it_was_made(self, told):
        move(told, VISIT + DAY, now=LATER)

        assert the("rescheduled").created_at == LATER

    def test_that_is_followed_by_another_makes_one_mail(self, told, server):
        for step in range(1, 4):
            told = move(told, VISIT + step * DAY, now=LATER + step * MINUTE)

        send(LATER + 6 * MINUTE)

        assert kinds(server) == ["confirmation", "rescheduled"]
        event = event_in(mails(server)[1])
        assert (event.decoded("DTSTART"), event["SEQUENCE"]) == (VISIT + 3 * DAY, 3)

    def test_and_a_cancellation_make_one_mail(self, told, server):
        cancel(move(told, VISIT + DAY, now=LATER), now=LATER + MINUTE)

        send(LATER + 4 * MINUTE)

        assert kinds(server) == ["confirmation", "cancelled"]
        assert event_in(mails(server)[1])["SEQUENCE"] == 2

    def test_after_the_window_is_news_again(self, told, server):
        told = move(told, VISIT + DAY, now=LATER)
        send(LATER + 3 * MINUTE)
        move(told, VISIT, now=LATER + 4 * MINUTE)
        send(LATER + 7 * MINUTE)

        assert kinds(server) == ["confirmation", "rescheduled", "rescheduled"]
        assert [event_in(mail).get("SEQUENCE", 0) for mail in mails(server)] == [0, 1, 2]


class TestChangesThatCancelOut:
    def test_move_and_back_are_told_to_nobody(self, told, server):
        move(move(told, VISIT + DAY, now=LATER), VISIT, now=LATER + MINUTE)

        send(LATER + HOUR)

        assert kinds(server) == ["confirmation"]
        assert rows() == [("confirmation", "sent"), ("rescheduled", "cancelled"), ("rescheduled", "cancelled")]
        last = Message.objects.last()
        assert (last.words, last.says_nothing_after_id) == ("Nothing has changed in the end.", the("confirmation").pk)

    def test_by_way_of_another_therapist_are_told_to_nobody(self, told, server):
        was = told.assignments.get().therapist.slug
        other = "jonas" if was != "jonas" else "mara"
        move(move(told, VISIT, now=LATER, therapist=other), VISIT, now=LATER + MINUTE, therapist=was)

        send(LATER + HOUR)

        assert kinds(server) == ["confirmation"]

    def test_to_the_old_time_with_another_therapist_do_not(self, told, server):
        """Who serves is part of what was agreed."""
        was = told.assignments.get().therapist.slug
        other = "jonas" if was != "jonas" else "mara"
        move(move(told, VISIT + DAY, now=LATER), VISIT, now=LATER + MINUTE, therapist=other)

        send(LATER + HOUR)

        assert kinds(server) == ["confirmation", "rescheduled"]

    def test_a_booking_and_its_cancellation_are_told_to_nobody(self, studio, server):
        cancel(book_at_the_desk(), now=LATER + MINUTE)

        send(LATER + HOUR)

        assert rows() == [("confirmation", "cancelled")]
        assert Message.objects.get().words == "Taken back before it was told."
        assert server.kept == []

    def test_later_news_counts_on_from_the_highest_revision(self, told, server):
        """RFC 5546 2.1.4: no REQUEST repeats a lower SEQUENCE than was sent, though two were never sent."""
        told = move(move(told, VISIT + DAY, now=LATER), VISIT, now=LATER + MINUTE)
        send(LATER + HOUR)
        move(told, VISIT + 2 * DAY, now=LATER + 2 * HOUR)
        send(LATER + 3 * HOUR)

        assert [event_in(mail).get("SEQUENCE", 0) for mail in mails(server)] == [0, 3]

    def test_again_are_told_to_nobody_either(self, told, server):
        for hours in (1, 2):
            told = move(told, VISIT + DAY, now=NOW + hours * HOUR)
            told = move(told, VISIT, now=NOW + hours * HOUR + MINUTE)
            send(NOW + hours * HOUR + 10 * MINUTE)

        assert kinds(server) == ["confirmation"]

    def test_leave_the_reminder_as_it_was_due(self, told, server):
        """A slip an hour before the reminder must not count as having told the time."""
        rule(24 * 60)
        move(move(told, VISIT + DAY, now=VISIT - 25 * HOUR), VISIT, now=VISIT - 25 * HOUR + MINUTE)
        send(VISIT - 24.5 * HOUR)

        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)

        assert kinds(server) == ["confirmation", "reminder"]

    def test_do_not_bring_a_reminder_twice(self, told, server):
        rule(24 * 60)
        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)
        move(move(told, VISIT + DAY, now=VISIT - 20 * HOUR), VISIT, now=VISIT - 20 * HOUR + MINUTE)
        send(VISIT - 19 * HOUR)

        reminders.derive(now=VISIT - 19 * HOUR)
        send(VISIT - 19 * HOUR)

        assert kinds(server) == ["confirmation", "reminder"]

    def test_bring_back_a_reminder_that_was_waiting(self, told, server):
        """The move dropped the unsent reminder; coming back owes it anew."""
        rule(24 * 60)
        reminders.derive(now=VISIT - DAY)
        move(move(told, VISIT + DAY, now=VISIT - DAY), VISIT, now=VISIT - DAY + MINUTE)
        send(VISIT - DAY + 5 * MINUTE)

        reminders.derive(now=VISIT - DAY + 5 * MINUTE)
        send(VISIT - DAY + 5 * MINUTE)

        assert kinds(server) == ["confirmation", "reminder"]


class TestABookingAtTheDesk:
    def test_is_confirmed_when_the_window_has_passed(self, studio, server):
        book_at_the_desk()

        send(LATER + MINUTE)
        assert server.kept == []
        send(LATER + 3 * MINUTE)

        assert kinds(server) == ["confirmation"]

    def test_and_moved_meanwhile_is_confirmed_as_it_is_then(self, studio, server):
        """Who never heard of the first time is not told of a change."""
        move(book_at_the_desk(), VISIT + DAY, now=LATER + MINUTE)

        send(LATER + 4 * MINUTE)

        assert kinds(server) == ["confirmation"]
        event = event_in(mails(server)[0])
        assert (event.decoded("DTSTART"), event["SEQUENCE"]) == (VISIT + DAY, 1)

    def test_and_moved_there_and_back_is_confirmed(self, studio, server):
        appointment = move(book_at_the_desk(), VISIT + DAY, now=LATER + MINUTE)
        move(appointment, VISIT, now=LATER + 2 * MINUTE)

        send(LATER + 5 * MINUTE)

        assert kinds(server) == ["confirmation"]
        assert "24 November" in text_in(mails(server)[0])
