"""What is written when a guest's calendar says no: messaging.md checks 76 and 77."""

from datetime import timedelta

import pytest

from booking.actions.take_reply import take_reply
from booking.itip import CalendarReply
from booking.models import Appointment, LinkToken
from notifications.models import Message
from tests.notifications.stage import (
    HOUR,
    NOW,
    VISIT,
    calendar_in,
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

MINUTE = timedelta(minutes=1)


def says(of: Appointment, answer: str = "DECLINED", *, by: str = "kim@example.com", at=NOW + MINUTE):
    of.refresh_from_db()
    reply = CalendarReply(of.uid, by, "hello@stillwater.example", answer, of.sequence, at)
    return take_reply(reply, now=at)


@pytest.fixture
def kims(studio, server) -> Appointment:
    """Kim's visit, of which the mails so far have gone."""
    booked = studio.book()
    send()
    return booked


def since(server) -> list:
    """The mails after the confirmation."""
    return mails(server)[1:]


class TestANo:
    def test_is_told_to_the_studio_and_answered_with_the_link_to_cancel(self, kims, server):
        """Check 76."""
        says(kims)
        send(NOW + 2 * MINUTE)

        assert kinds(server) == ["confirmation", "cancel-link", "declined-invite"]
        to_kim, to_studio = since(server)
        assert (to_kim["To"], to_studio["To"]) == ("kim@example.com", "desk@stillwater.example")
        assert "/manage/" in text_in(to_kim)
        assert "still stands" in text_in(to_kim)
        assert f"/admin/booking/appointment/{kims.pk}/change/" in text_in(to_studio)
        assert "Kim Larsen" in text_in(to_studio)
        assert Appointment.objects.get().status == "booked"

    def test_gives_the_studio_no_link_of_the_client(self, kims, server):
        """Check 76: the link to cancel is for the client."""
        says(kims)
        before = LinkToken.objects.filter(purpose="manage").count()
        send(NOW + 2 * MINUTE)

        for part in ("plain", "html"):
            assert "/manage/" not in text_in(since(server)[1], part)
        assert LinkToken.objects.filter(purpose="manage").count() == before + 1

    def test_is_not_answered_with_another_invite(self, kims, server):
        """Check 77: a calendar that answers each invite gets none for its answer."""
        says(kims)
        send(NOW + 2 * MINUTE)

        assert [calendar_in(mail) for mail in since(server)] == [None, None]
        assert {str(mail["Auto-Submitted"]) for mail in since(server)} == {"auto-generated"}

    def test_of_the_partner_is_told_to_the_studio_alone(self, studio, server):
        pair = studio.book_for_two()
        send()

        says(pair, by="robin@example.com")
        send(NOW + 2 * MINUTE)

        [told] = mails(server)[2:]
        assert told["To"] == "desk@stillwater.example"
        assert "Robin Vale" in text_in(told)

    def test_of_both_is_two_messages_to_the_studio(self, studio, server):
        pair = studio.book_for_two()
        says(pair, by="robin@example.com")
        says(pair)

        assert Message.objects.filter(kind="declined-invite").count() == 2

    def test_of_yesterday_is_told_to_nobody_once_the_visit_has_moved(self, kims, server):
        says(kims)
        move(kims, VISIT + HOUR, now=NOW + 2 * MINUTE)
        send(NOW + 3 * MINUTE)

        assert kinds(server) == ["confirmation", "rescheduled"]
        assert {state for kind, state in rows() if kind in {"cancel-link", "declined-invite"}} == {"cancelled"}

    def test_is_told_to_nobody_once_the_visit_is_off_or_over(self, kims, server):
        says(kims)
        send(VISIT + 2 * HOUR)

        assert the("declined-invite").state == the("cancel-link").state == "expired"

    def test_is_followed_by_the_mails_that_come_anyway(self, kims, server):
        """It is no news of the visit: reminders and cancellations go on as if nothing had been said."""
        rule(24 * 60)
        says(kims)
        send(NOW + 2 * MINUTE)
        cancel(kims, now=NOW + 5 * MINUTE)
        send(NOW + 6 * MINUTE)

        last = mails(server)[-1]
        assert kinds(server)[-1] == "cancelled"
        assert last["In-Reply-To"] == mails(server)[0]["Message-ID"]
        assert calendar_in(last)["METHOD"] == "CANCEL"


class TestAYes:
    @pytest.mark.parametrize("answer", ["ACCEPTED", "TENTATIVE", "DELEGATED"])
    def test_is_told_to_nobody(self, kims, server, answer):
        says(kims, answer)

        assert rows() == [("confirmation", "sent")]
