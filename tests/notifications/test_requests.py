"""What Kim reads when she asks for a time that the desk confirms, declines, or forgets.

messaging.md checks 5 to 8, 12, 14, 35 and 62; RFC 5546: nothing stands in a calendar that was only asked for.
"""

from datetime import timedelta

import pytest

from booking.actions.cancel import cancel_appointment
from booking.actions.confirm import confirm_appointment
from booking.actions.decline import decline_appointment
from booking.actions.requests import end_requests
from notifications.models import Message
from tests.notifications.stage import (
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
    the,
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


class TestARequest:
    def test_is_told_of_without_an_invite(self, asks, server):
        asks()
        send()

        (mail,) = mails(server)
        assert kinds(server) == ["request-received"]
        assert calendar_in(mail) is None
        assert "You will have our answer by Saturday 21 November 2026, 09:00 (Berlin time)" in text_in(mail)
        assert "/manage/" in text_in(mail)
        assert "/calendar/" not in text_in(mail)

    def test_that_has_ended_is_not_told_of(self, asks, server):
        asks()

        send(NOW + 25 * HOUR)

        assert the("request-received").state == "expired"
        assert server.kept == []

    def test_that_was_moved_is_still_a_request_and_in_no_calendar(self, asks, server):
        request = asks()
        send()
        move(request, VISIT + HOUR, now=NOW + MINUTE)
        send(NOW + MINUTE)

        assert kinds(server) == ["request-received", "rescheduled"]
        assert calendar_in(mails(server)[1]) is None
        assert "not booked yet" in text_in(mails(server)[1])

    def test_that_was_withdrawn_takes_nothing_out_of_a_calendar(self, asks, server):
        """No CANCEL of what was never sent."""
        request = asks()
        send()
        cancel_appointment(request, by=DESK, now=NOW + MINUTE)
        send(NOW + MINUTE)

        assert kinds(server) == ["request-received", "cancelled"]
        assert calendar_in(mails(server)[1]) is None

    def test_of_two_is_told_to_both(self, studio, server):
        """Check 36."""
        studio.couples.needs_confirmation = True
        studio.couples.save()
        studio.book_for_two()
        send()

        assert {mail["To"] for mail in mails(server)} == {"kim@example.com", "robin@example.com"}
        assert kinds(server) == ["request-received"] * 2


class TestAConfirmedRequest:
    def test_is_an_ordinary_confirmation_in_the_same_thread(self, asks, server):
        """Checks 5, 6, 8 and 35."""
        request = asks()
        send()
        confirm(request)
        send(NOW + MINUTE)

        asked, confirmed = mails(server)
        assert kinds(server) == ["request-received", "confirmation"]
        event = event_in(confirmed)
        assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CONFIRMED", 1, str(request.uid))
        assert str(calendar_in(confirmed)["METHOD"]) == "REQUEST"
        assert confirmed["In-Reply-To"] == asked["Message-ID"]

    def test_at_once_is_one_mail(self, asks, server):
        confirm(asks())
        send(NOW + MINUTE)

        assert kinds(server) == ["confirmation"]
        assert rows() == [("request-received", "cancelled"), ("confirmation", "sent")]

    def test_is_what_later_mails_answer(self, asks, server):
        """Check 35."""
        request = asks()
        send()
        confirm(request)
        send(NOW + MINUTE)
        move(request, VISIT + HOUR, now=NOW + HOUR)
        send(NOW + HOUR)

        _, confirmed, moved = mails(server)
        assert moved["In-Reply-To"] == confirmed["Message-ID"]

    def test_that_is_cancelled_is_taken_out_of_the_calendar(self, asks, server):
        """Check 12."""
        request = asks()
        confirm(request)
        send(NOW + MINUTE)
        cancel_appointment(request, by=DESK, now=NOW + HOUR)
        send(NOW + HOUR)

        cancelled = mails(server)[-1]
        assert str(calendar_in(cancelled)["METHOD"]) == "CANCEL"
        assert event_in(cancelled)["SEQUENCE"] == 2

    def test_whose_only_invite_was_a_move_is_taken_out_too(self, asks, server):
        """The confirmation was overtaken, so the new time came with the first invite."""
        request = asks()
        send()
        confirm(request)
        move(request, VISIT + HOUR, now=NOW + 2 * MINUTE)
        send(NOW + 2 * MINUTE)
        cancel_appointment(request, by=DESK, now=NOW + HOUR)
        send(NOW + HOUR)

        assert kinds(server) == ["request-received", "rescheduled", "cancelled"]
        assert calendar_in(mails(server)[1]) is not None
        assert str(calendar_in(mails(server)[2])["METHOD"]) == "CANCEL"


class TestADeclinedRequest:
    def test_is_told_with_the_reason_and_without_a_cancel(self, asks, server):
        """R-11: nobody is left waiting. In no calendar yet, so there is nothing to take out."""
        request = asks()
        send()
        decline(request, reason="Mara is away that week.")
        send(NOW + MINUTE)

        asked, declined = mails(server)
        assert kinds(server) == ["request-received", "declined"]
        assert "The studio writes: Mara is away that week." in text_in(declined)
        assert "Nobody" not in text_in(declined)
        assert calendar_in(declined) is None
        assert declined["In-Reply-To"] == asked["Message-ID"]

    def test_by_the_clock_says_that_nobody_answered(self, asks, server):
        asks()
        send()
        end_requests(now=NOW + 24 * HOUR)
        send(NOW + 24 * HOUR)

        assert kinds(server) == ["request-received", "declined"]
        assert "Nobody at the studio answered it in time" in text_in(mails(server)[1])

    def test_by_the_clock_and_by_a_person_in_one_batch_are_not_confused(self, asks, server):
        forgotten, refused = asks(), asks(VISIT + 2 * HOUR)
        Message.objects.all().delete()
        decline(refused)
        end_requests(now=NOW + 24 * HOUR)
        send(NOW + 24 * HOUR)

        said = {mail["Subject"]: "Nobody" in text_in(mail) for mail in mails(server)}
        assert said == {
            "Not confirmed: your request for Tuesday 24 November, 10:30": True,
            "Not confirmed: your request for Tuesday 24 November, 12:30": False,
        }
        assert forgotten.pk != refused.pk
