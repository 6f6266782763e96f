"""What a booking owes: rows, written with it or not at all, one for each thing to tell each person."""

import pytest
from django.db import IntegrityError, transaction

from booking import events
from booking.actions.relocate import change_address
from notifications import listeners
from notifications.models import Message
from tests.notifications.stage import (
    DAY,
    DESK,
    HOUR,
    NOW,
    VISIT,
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


class TestABooking:
    def test_owes_a_confirmation_from_that_instant(self, studio):
        appointment = studio.book()

        message = the("confirmation")
        assert (message.appointment_id, message.sequence, message.recipient) == (appointment.pk, 0, "client")
        assert (message.due_at, message.state, message.attempt) == (NOW, "pending", 0)

    def test_for_two_owes_each_a_mail_of_their_own(self, studio, server):
        """Check 36, for the two that a visit can have: one recipient each, no Cc."""
        studio.book_for_two()

        send()

        assert [recipient.split()[1] for recipient in server.recipients] == [
            "TO:<kim@example.com>",
            "TO:<robin@example.com>",
        ]
        assert [mail["To"] for mail in mails(server)] == ["kim@example.com", "robin@example.com"]
        assert all(mail["Cc"] is None and mail["Bcc"] is None for mail in mails(server))
        assert len({mail["Message-ID"] for mail in mails(server)}) == 2

    @pytest.mark.parametrize("silent", [{"notify": False}, {"client": None}], ids=["by wish", "without an address"])
    def test_owes_nothing_when_nobody_is_to_be_told(self, studio, silent):
        studio.book(**silent)

        assert rows() == []

    def test_that_is_rolled_back_owes_nothing(self, studio, server):
        """Check 52."""

        class PowerCut(Exception):
            pass

        def book_until_the_lights_go_out():
            studio.book()
            assert rows() == [("confirmation", "pending")]
            raise PowerCut

        with pytest.raises(PowerCut), transaction.atomic():
            book_until_the_lights_go_out()

        assert rows() == []
        assert send() == 0
        assert server.kept == []

    def test_is_undone_when_its_message_cannot_be_written(self, studio):
        first = studio.book()
        event = events.AppointmentBooked(
            appointment_id=first.pk, uid=first.uid, sequence=0, happened_at=NOW, recipients=("client",)
        )

        with pytest.raises(IntegrityError, match="a_message_is_written_once"), transaction.atomic():
            listeners.on_booked(event)


class TestAMove:
    def test_drops_what_is_unsent_about_the_old_time(self, studio, server):
        """Check 63, R-15."""
        appointment = studio.book()
        move(appointment, VISIT + DAY, now=NOW + HOUR)

        send(NOW + HOUR)

        assert rows() == [("confirmation", "cancelled"), ("rescheduled", "sent")]
        assert kinds(server) == ["rescheduled"]
        (mail,) = mails(server)
        assert event_in(mail).decoded("DTSTART") == VISIT + DAY

    def test_and_back_again_tells_the_last_word_only(self, studio, server):
        """Check 64."""
        appointment = studio.book()
        send()
        for to in (VISIT + DAY, VISIT):
            appointment = move(appointment, to, now=NOW + HOUR)

        send(NOW + HOUR)

        assert rows() == [("confirmation", "sent"), ("rescheduled", "cancelled"), ("rescheduled", "sent")]
        assert [event_in(mail)["SEQUENCE"] for mail in mails(server)] == [0, 2]

    def test_to_the_same_time_is_none(self, studio):
        appointment = studio.book()

        move(appointment, VISIT, now=NOW + HOUR)

        assert rows() == [("confirmation", "pending")]

    def test_to_another_therapist_counts_as_a_revision(self, studio, server):
        """Check 10: who serves is part of what was agreed, so calendars hear of it, always."""
        appointment = studio.book()
        other = "jonas" if appointment.assignments.get().therapist.slug != "jonas" else "mara"
        send()

        move(appointment, VISIT, now=NOW + HOUR, therapist=other)
        send(NOW + HOUR)

        assert [event_in(mail)["SEQUENCE"] for mail in mails(server)] == [0, 1]


class TestAnotherAddress:
    def test_is_a_revision_that_everybody_who_is_to_come_hears_of(self, studio, server):
        """Check 10, RFC 5546 2.1.4: somebody at the wrong door misses the visit."""
        studio.book()
        studio.book(VISIT - 30 * DAY, now=NOW - 40 * DAY)
        send()

        assert change_address(studio.location, address="Neue Gasse 1\n10115 Berlin", by=DESK, now=NOW + HOUR) == 1
        send(NOW + HOUR)

        assert kinds(server) == ["confirmation", "relocated"]
        first, second = (event_in(mail) for mail in mails(server))
        assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
        assert str(first["UID"]) == str(second["UID"])
        assert first.decoded("DTSTART") == second.decoded("DTSTART")
        assert "Neue Gasse 1" in str(second["LOCATION"])
        assert "Neue Gasse 1" in text_in(mails(server)[1])


class TestACancellation:
    def test_twice_is_told_once(self, studio, server):
        """Check 13."""
        appointment = studio.book()
        send()
        for _ in range(2):
            appointment = cancel(appointment, now=NOW + HOUR)

        send(NOW + HOUR)

        assert kinds(server) == ["confirmation", "cancelled"]
        assert appointment.sequence == 1

    def test_takes_everything_unsent_back(self, studio, server):
        cancel(studio.book(), now=NOW + HOUR)

        send(NOW + HOUR)

        assert rows() == [("confirmation", "cancelled"), ("cancelled", "sent")]
        assert kinds(server) == ["cancelled"]

    def test_frees_the_name_for_a_new_booking_with_a_new_uid(self, studio, server):
        """Check 14."""
        cancel(studio.book(), now=NOW + HOUR)
        studio.book(now=NOW + 2 * HOUR)

        send(NOW + 2 * HOUR)

        uids = {str(event_in(mail)["UID"]) for mail in mails(server)}
        assert kinds(server) == ["cancelled", "confirmation"]
        assert len(uids) == 2


class TestTheRevisionsOfAnAppointment:
    def test_keep_their_uid_and_rise(self, studio, server):
        """Checks 8, 12 and 34, I-04: SEQUENCE 0, 1, 2, and 3 for the end; DTSTAMP rises with them."""
        appointment = studio.book()
        for step in range(3):
            send(NOW + step * HOUR)
            now = NOW + (step + 1) * HOUR
            appointment = (
                move(appointment, VISIT + (step + 1) * DAY, now=now) if step < 2 else cancel(appointment, now=now)
            )
        send(NOW + 3 * HOUR)

        events_told = [event_in(mail) for mail in mails(server)]
        assert [event.get("SEQUENCE", 0) for event in events_told] == [0, 1, 2, 3]
        assert {str(event["UID"]) for event in events_told} == {str(appointment.uid)}
        assert len({str(event["ORGANIZER"]) for event in events_told}) == 1
        assert len({mail["Message-ID"] for mail in mails(server)}) == 4
        stamps = [event.decoded("DTSTAMP") for event in events_told]
        assert stamps == sorted(set(stamps))

    def test_leave_the_number_alone_when_only_words_change(self, studio, server):
        """Check 9: another telephone number is no new agreement."""
        rule(24 * 60)
        studio.book()
        send()
        studio.location.phone = "030 2"
        studio.location.save()

        remind(VISIT - DAY)

        first, second = (event_in(mail) for mail in mails(server))
        assert (first.get("SEQUENCE", 0), second.get("SEQUENCE", 0)) == (0, 0)
        assert first.decoded("DTSTAMP") < second.decoded("DTSTAMP")


def remind(now):
    from notifications import reminders

    reminders.derive(now=now)
    send(now)


class TestAName:
    def test_is_unique_whatever_the_code_does(self, studio):
        studio.book()
        message = the("confirmation")
        message.pk = None

        with pytest.raises(IntegrityError, match="a_message_is_written_once"), transaction.atomic():
            message.save(force_insert=True)

    def test_holds_nothing_about_the_person(self, studio):
        appointment = studio.book()

        name = Message.objects.get().name
        assert name == f"{appointment.uid}.0.confirmation.client"
        assert "kim" not in name
