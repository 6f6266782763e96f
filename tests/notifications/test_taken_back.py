"""The desk's undo of an answer to a request: what the client was told becomes true again.

messaging.md check 8; RFC 5546 2.1.5: a UID is not used again after its CANCEL.
"""

from datetime import timedelta

import pytest

from booking.actions.attend import check_in, no_show
from booking.actions.confirm import confirm_appointment
from booking.actions.decline import decline_appointment
from booking.actions.undo import undo
from booking.models import Client
from notifications.models import Message
from tests.notifications.stage import (
    DAY,
    DESK,
    HOUR,
    NOW,
    VISIT,
    calendar_in,
    event_in,
    kinds,
    mails,
    move,
    rows,
    send,
    text_in,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def asks(studio):
    """Kim asks for VISIT, or another time; her request."""
    studio.swedish.needs_confirmation = True
    studio.swedish.save()
    return studio.book


def confirm(appointment, now=NOW + MINUTE):
    return confirm_appointment(appointment, by=DESK, now=now)


def decline(appointment, now=NOW + MINUTE, reason=""):
    return decline_appointment(appointment, by=DESK, now=now, reason=reason)


def take_back(appointment, now=NOW + 2 * MINUTE):
    return undo(appointment, by=DESK, now=now)


class TestTakingBack:
    """The desk's undo: what the client was told becomes true again."""

    @pytest.mark.parametrize("answer", [confirm, decline])
    def test_what_has_not_gone_yet_sends_nothing(self, asks, server, answer):
        request = asks()
        send()
        answer(request)
        take_back(request)
        send(NOW + 2 * MINUTE)

        assert kinds(server) == ["request-received"]
        assert rows()[1:] == [("confirmation" if answer is confirm else "declined", "cancelled")]

    @pytest.mark.parametrize("answer", [confirm, decline])
    def test_before_anything_has_gone_tells_of_the_request_once(self, asks, server, answer):
        request = asks()
        answer(request)
        take_back(request)
        send(NOW + 2 * MINUTE)

        assert kinds(server) == ["request-received"]
        assert text_in(mails(server)[0]).splitlines()[0] == "We have your request, Kim"

    def test_a_no_that_was_told_says_that_the_request_stands_again(self, asks, server):
        request = asks()
        send()
        decline(request)
        send(NOW + MINUTE)
        take_back(request)
        send(NOW + 2 * MINUTE)

        assert kinds(server) == ["request-received", "declined", "request-received"]
        assert text_in(mails(server)[2]).splitlines()[0] == "Your request stands again, Kim"
        assert calendar_in(mails(server)[2]) is None
        assert len({mail["Message-ID"] for mail in mails(server)}) == 3

    def test_a_yes_that_was_told_makes_the_calendar_entry_tentative(self, asks, server):
        """Check 8: the entry is there, so it is changed, not left to lie."""
        request = asks()
        send()
        confirm(request)
        send(NOW + MINUTE)
        take_back(request)
        send(NOW + 2 * MINUTE)

        assert kinds(server) == ["request-received", "confirmation", "request-received"]
        again = mails(server)[2]
        assert text_in(again).splitlines()[0] == "Your appointment is a request again, Kim"
        event = event_in(again)
        assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("TENTATIVE", 2, str(request.uid))
        assert "This appointment is not confirmed yet." in event["DESCRIPTION"]

    def test_a_yes_and_then_saying_no_takes_the_entry_out(self, asks, server):
        """R-11: a mail and a CANCEL."""
        request = asks()
        confirm(request)
        send(NOW + MINUTE)
        take_back(request)
        decline(request, now=NOW + 3 * MINUTE)
        send(NOW + 3 * MINUTE)

        assert kinds(server) == ["confirmation", "declined"]
        assert str(calendar_in(mails(server)[1])["METHOD"]) == "CANCEL"

    def test_what_may_have_gone_puts_it_right(self, asks, server):
        """A mail of which nobody knows whether it arrived counts as read."""
        request = asks()
        send()
        confirm(request)
        Message.objects.filter(kind="confirmation").update(unsure=True)
        take_back(request)
        send(NOW + 2 * MINUTE)

        assert kinds(server) == ["request-received", "request-received"]
        assert "a request again" in text_in(mails(server)[1])

    def test_what_never_arrived_tells_nothing(self, asks, server):
        request = asks()
        send()
        confirm(request)
        Message.objects.filter(kind="confirmation").update(state="failed")
        take_back(request)
        send(NOW + 2 * MINUTE)

        assert kinds(server) == ["request-received"]

    def test_and_confirming_after_all_is_told(self, asks, server):
        request = asks()
        send()
        confirm(request)
        send(NOW + MINUTE)
        take_back(request)
        confirm(request, now=NOW + 3 * MINUTE)
        send(NOW + 3 * MINUTE)

        assert kinds(server)[-1] == "confirmation"
        assert event_in(mails(server)[-1])["STATUS"] == "CONFIRMED"

    def test_a_check_in_or_a_no_show_is_nobodys_news(self, studio, server):
        """Nor were they themselves. A move before it must not be taken for the answer that is taken back."""
        appointment = studio.book()
        send()
        move(appointment, VISIT + HOUR, now=NOW + MINUTE)
        send(NOW + MINUTE)
        check_in(appointment, by=DESK, now=VISIT)
        take_back(appointment, now=VISIT + MINUTE)
        no_show(appointment, by=DESK, now=VISIT + 2 * HOUR)
        take_back(appointment, now=VISIT + 2 * HOUR + MINUTE)
        send(VISIT + 2 * HOUR + MINUTE)

        assert kinds(server) == ["confirmation", "rescheduled"]
        assert rows() == [("confirmation", "sent"), ("rescheduled", "sent")]

    def test_for_somebody_whose_address_came_later_is_no_news(self, asks, server):
        request = asks()
        Message.objects.all().delete()
        Client.objects.update(email="kim@elsewhere.example")
        request.refresh_from_db()
        confirm(request)
        Message.objects.all().delete()
        take_back(request)
        send(NOW + DAY / 2)

        assert server.kept == []
