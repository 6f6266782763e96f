"""What is sent is true at that moment: the row is only a reason to look."""

import pytest

from booking import queries
from booking.models import Appointment, Client
from notifications import reminders, truth
from notifications.models import Kind, Message, Preference
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    cancel,
    crash,
    event_in,
    kinds,
    mails,
    move,
    rows,
    rule,
    send,
    the,
)


def reminded(studio):
    """A reminder that is written and not yet sent; the appointment."""
    rule(24 * 60)
    appointment = studio.book()
    send()
    reminders.derive(now=VISIT - DAY)
    return appointment


class TestAReminder:
    def test_of_what_was_cancelled_is_not_sent(self, studio, server):
        """Check 62, R-01, S-cancel before the claim."""
        cancel(reminded(studio), now=VISIT - DAY)

        send(VISIT - DAY)

        assert kinds(server) == ["confirmation", "cancelled"]

    def test_that_was_claimed_before_the_cancellation_is_not_sent(self, studio, server):
        """Check 62: the worker holds the row already."""
        from notifications import delivery
        from notifications.channels import mail_channel

        appointment = reminded(studio)
        held = crash(VISIT - DAY)
        cancel(appointment, now=VISIT - DAY)

        outbox = mail_channel()
        delivery.deliver(held, outbox, now=VISIT - DAY, claimed_at=delivery.time.monotonic())
        outbox.close()

        assert kinds(server) == ["confirmation"]
        assert the("reminder").state == "cancelled"

    def test_is_true_even_when_the_row_was_not_taken_back(self, studio, server):
        """The re-check stands alone: a status changed by any other way counts as well."""
        appointment = reminded(studio)
        Appointment.objects.filter(pk=appointment.pk).update(status="cancelled", blocks=False)

        send(VISIT - DAY)

        assert kinds(server) == ["confirmation"]
        assert (the("reminder").state, bool(the("reminder").words)) == ("cancelled", True)

    def test_of_an_older_time_is_not_sent(self, studio, server):
        appointment = reminded(studio)
        Appointment.objects.filter(pk=appointment.pk).update(sequence=7)

        send(VISIT - DAY)

        assert kinds(server) == ["confirmation"]

    @pytest.mark.parametrize("status", ["arrived", "fulfilled", "noshow"])
    def test_to_somebody_who_is_here_or_was_is_not_sent(self, studio, server, status):
        appointment = reminded(studio)
        Appointment.objects.filter(pk=appointment.pk).update(status=status, blocks=status != "noshow")

        send(VISIT - HOUR * 2)

        assert kinds(server) == ["confirmation"]

    def test_goes_to_the_address_of_today(self, studio, server):
        reminded(studio)
        Client.objects.update(email="kim@elsewhere.example")

        send(VISIT - DAY)

        assert mails(server)[1]["To"] == "kim@elsewhere.example"

    def test_goes_nowhere_when_the_address_is_gone(self, studio, server):
        reminded(studio)
        Client.objects.update(email="")

        send(VISIT - DAY)

        assert kinds(server) == ["confirmation"]
        assert (the("reminder").state, the("reminder").words) == (
            "cancelled",
            "There is nobody to send it to any more.",
        )


class TestAConfirmation:
    def test_still_goes_late(self, studio, server):
        studio.book()

        send(VISIT - HOUR)

        assert kinds(server) == ["confirmation"]

    @pytest.mark.parametrize("kind", ["confirmation", "rescheduled"])
    def test_of_a_visit_that_is_over_does_not(self, studio, server, kind):
        appointment = studio.book()
        if kind == "rescheduled":
            move(appointment, VISIT + HOUR, now=NOW)

        send(VISIT + 3 * HOUR)

        assert the(kind).state == "expired"
        assert server.kept == []

    def test_goes_although_reminders_and_tips_are_not_wanted(self, studio, server):
        Preference.objects.create(
            address="kim@example.com", digest="x", reminders=False, tips=False, follow_ups=False, changed_at=NOW
        )
        studio.book()

        send()

        assert kinds(server) == ["confirmation"]


class TestACancellation:
    def test_is_told_however_late(self, studio, server):
        """R-11's sibling: what was promised must be taken back, also when nobody could be told in time."""
        cancel(studio.book(), now=NOW)

        send(VISIT + 10 * DAY)

        assert kinds(server) == ["cancelled"]


class TestWhatIsToldOfOneRevision:
    def test_says_one_time(self, studio, server):
        """R-15, T-14: confirmation and reminder of one revision name the same time, in text and in the calendar."""
        appointment = reminded(studio)
        send(VISIT - DAY)

        times = {event_in(mail).decoded("DTSTART") for mail in mails(server)}
        subjects = {mail["Subject"] for mail in mails(server)}
        assert times == {appointment.start_at}
        assert len(subjects) == 1


class TestAgainst:
    """The verdict as a function of plain values."""

    @pytest.fixture
    def facts(self, studio):
        appointment = studio.book()
        return queries.facts_of([appointment.pk])[appointment.pk]

    @pytest.mark.parametrize("kind", sorted({*Kind} - {Kind.STAFF_DIGEST, Kind.DECLINED_INVITE}))
    def test_has_an_answer_for_every_kind_and_status(self, facts, kind):
        from dataclasses import replace

        from booking.domain import status

        sent = {
            word
            for word in status.ALL
            if truth.against(
                Message(kind=kind, recipient="client", sequence=0), replace(facts, status=word), None, now=NOW
            )
            is None
        }

        assert (
            sent
            == {
                "confirmation": {"booked", "arrived"},
                "rescheduled": {"pending", "booked", "arrived"},
                "relocated": {"pending", "booked", "arrived"},
                "reminder": {"booked"},
                "cancelled": {"cancelled"},
                "follow-up": {"booked", "arrived", "fulfilled"},
                "request-received": {"pending"},
                "declined": {"cancelled"},
                "waitlist-offer": {"held"},
                "cancel-link": {"pending", "booked"},
            }[kind]
        )

    def test_tells_nobody_of_an_appointment_that_is_gone(self):
        message = Message(kind="confirmation", recipient="client", sequence=0)

        assert truth.against(message, None, None, now=NOW) is not None

    @pytest.mark.parametrize(("kind", "status"), [("request-received", "pending"), ("waitlist-offer", "held")])
    def test_tells_of_what_ends_only_until_then(self, facts, kind, status):
        from dataclasses import replace

        message = Message(kind=kind, recipient="client", sequence=0)
        open_until = replace(facts, status=status, expires_at=NOW + HOUR)

        assert truth.against(message, open_until, None, now=NOW + 0.99 * HOUR) is None
        verdict = truth.against(message, open_until, None, now=NOW + HOUR)
        assert verdict is not None
        assert verdict[0] == "expired"

    def test_lets_pass_the_last_instant_of_use_and_nothing_after(self, facts):
        message = Message(kind="reminder", recipient="client", sequence=0, not_after=NOW)

        assert truth.against(message, facts, None, now=NOW) is None
        verdict = truth.against(message, facts, None, now=NOW + HOUR / 3600)
        assert verdict is not None
        assert verdict[0] == "expired"


class TestTheDesk:
    def test_can_read_why_each_mail_did_not_go(self, studio, server):
        studio.book()
        cancel(studio.book(VISIT + HOUR), now=NOW)
        send(VISIT + DAY)

        ended = Message.objects.exclude(state="sent")
        assert rows()[0] == ("confirmation", "expired")
        assert all(message.words for message in ended)
