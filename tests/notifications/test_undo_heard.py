"""Who may have heard of a change, and who waits for a mail, is never left without one. Noor is at the desk."""

from datetime import timedelta

import pytest

from booking import access
from booking.actions.cancel import cancel_appointment
from booking.actions.reschedule import reschedule_appointment
from notifications.models import Message
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    Meanwhile,
    Stillwater,
    cancel,
    crash,
    event_in,
    kinds,
    mails,
    move,
    send,
)
from tests.notifications.test_undo import LATER, book_at_the_desk

MINUTE = timedelta(minutes=1)


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


def by_kim(appointment):
    return access.Caller("link", "client", appointment_id=appointment.pk)


class TestWhatClientsDoThemselves:
    def test_is_told_at_once(self, studio, server):
        studio.book()

        send()

        assert kinds(server) == ["confirmation"]

    @pytest.mark.parametrize("what", ["move", "cancel"])
    def test_after_a_change_by_the_desk_is_told_at_once_too(self, told, server, what):
        moved = move(told, VISIT + DAY, now=LATER)
        if what == "move":
            reschedule_appointment(moved, start_at=VISIT, by=by_kim(told), now=LATER + MINUTE)
        else:
            cancel_appointment(moved, by=by_kim(told), now=LATER + MINUTE)

        send(LATER + MINUTE)

        assert kinds(server) == ["confirmation", "rescheduled" if what == "move" else "cancelled"]

    def test_is_not_forgotten_because_the_desk_changes_it_meanwhile(self, studio, server):
        """Kim has seen on the page that it is booked. The mail server was away: she has no mail yet."""
        appointment = studio.book()

        cancel(appointment, now=NOW + MINUTE)
        send(NOW + HOUR)

        assert kinds(server) == ["cancelled"]

    def test_is_taken_back_by_the_desk_with_a_word(self, told, server):
        """Kim moved it herself, and has no mail yet; the desk puts it back to where her last mail has it."""
        moved = reschedule_appointment(told, start_at=VISIT + DAY, by=by_kim(told), now=LATER)
        move(moved, VISIT, now=LATER + MINUTE)

        send(LATER + HOUR)

        assert kinds(server) == ["confirmation", "rescheduled"]
        assert event_in(mails(server)[1]).decoded("DTSTART") == VISIT

    def test_is_confirmed_though_the_desk_changed_it_to_and_fro_meanwhile(self, studio, server):
        """She is owed the mail with her links, whatever it says now."""
        move(move(studio.book(), VISIT + DAY, now=NOW + MINUTE), VISIT, now=NOW + 2 * MINUTE)

        send(NOW + HOUR)

        assert kinds(server) == ["rescheduled"]
        assert event_in(mails(server)[0]).decoded("DTSTART") == VISIT


class TestWhoeverMayHaveHeard:
    def test_is_told_when_nobody_knows_whether_the_first_mail_went(self, studio, server):
        """A worker died with the confirmation in hand: it may be in Kim's inbox."""
        appointment = book_at_the_desk()
        crash(LATER + 3 * MINUTE)
        cancel(appointment, now=LATER + 4 * MINUTE)

        send(LATER + 10 * MINUTE)

        assert kinds(server) == ["cancelled"]

    def test_is_told_when_it_was_on_its_way_just_then(self, studio, server):
        """The desk cancels while the mail server has the confirmation in hand."""
        appointment = book_at_the_desk()
        done = []

        def cancel_once(_mail):
            if not done:
                done.append(cancel(appointment, now=LATER + 3 * MINUTE))

        send(LATER + 3 * MINUTE, channel=Meanwhile(before=cancel_once))
        send(LATER + 6 * MINUTE)

        assert kinds(server) == ["confirmation", "cancelled"]

    def test_counts_each_person_by_themselves(self, studio, server):
        """Kim has her mail, Robin's was refused: moved and moved back, Kim hears nothing, Robin gets it at last."""
        appointment = studio.book_for_two()
        send()
        Message.objects.filter(recipient="partner").update(state="failed", told="")
        move(move(appointment, VISIT + DAY, now=LATER), VISIT, now=LATER + MINUTE)

        send(LATER + 4 * MINUTE)

        assert [mail["To"] for mail in mails(server)[2:]] == ["robin@example.com"]

    def test_who_missed_a_change_is_told_of_the_way_back(self, told, server):
        """The move was told, and the way back failed: the next change is compared with what they last heard."""
        told = move(told, VISIT + DAY, now=LATER)
        send(LATER + 3 * MINUTE)
        told = move(told, VISIT, now=LATER + HOUR)
        Message.objects.filter(sequence=2).update(state="failed")
        move(move(told, VISIT + 2 * DAY, now=LATER + 2 * HOUR), VISIT, now=LATER + 2 * HOUR + MINUTE)

        send(LATER + 3 * HOUR)

        assert kinds(server) == ["confirmation", "rescheduled", "rescheduled"]
        assert event_in(mails(server)[2]).decoded("DTSTART") == VISIT
