"""What is written when a guest's calendar says no: messaging.md checks 76 and 77."""

from dataclasses import replace
from datetime import time, timedelta
from typing import ClassVar

import pytest

from booking import errors
from booking.actions.take_reply import take_reply
from booking.itip import CalendarReply, NotAReply, reply_in_mail
from booking.models import Appointment, LinkToken, Studio
from notifications.models import Message
from tests.booking.replies import calendar_reply, mailed, stamp
from tests.notifications.stage import (
    HOUR,
    KIM,
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

    def test_is_told_to_nobody_once_the_visit_is_over(self, kims, server):
        says(kims)
        send(VISIT + 2 * HOUR)

        assert the("declined-invite").state == the("cancel-link").state == "expired"

    def test_is_told_to_nobody_once_the_visit_is_off(self, kims, server):
        says(kims)
        cancel(kims, now=NOW + 2 * MINUTE)
        send(NOW + 3 * MINUTE)

        assert kinds(server) == ["confirmation", "cancelled"]

    def test_is_told_to_nobody_when_a_worker_had_it_in_hand_and_the_visit_is_off(self, kims, server):
        """The rows were claimed before: what is true is asked once more."""
        says(kims)
        Appointment.objects.filter(pk=kims.pk).update(status="cancelled", blocks=False)
        send(NOW + 3 * MINUTE)

        assert kinds(server) == ["confirmation"]
        assert the("declined-invite").state == the("cancel-link").state == "cancelled"

    def test_that_comes_twice_is_one_mail_to_each(self, kims, server):
        """Check 76: mail servers repeat themselves."""
        for minute in (2, 3):
            says(kims)
            send(NOW + minute * MINUTE)

        assert kinds(server) == ["confirmation", "cancel-link", "declined-invite"]

    def test_after_a_no_is_not_told_again_though_it_is_another_answer(self, kims, server):
        """Check 77: two machines that answer each other's mails stop after the first."""
        for minute, answer in enumerate(("DECLINED", "ACCEPTED", "DECLINED", "DECLINED"), start=1):
            says(kims, answer, at=NOW + minute * MINUTE)
            send(NOW + (minute + 1) * MINUTE)

        assert kinds(server) == ["confirmation", "cancel-link", "declined-invite"]

    def test_to_another_time_is_news_again(self, kims, server):
        says(kims)
        send(NOW + 2 * MINUTE)
        move(kims, VISIT + HOUR, now=NOW + 3 * MINUTE)
        send(NOW + 3 * MINUTE)

        says(kims, at=NOW + 4 * MINUTE)
        send(NOW + 5 * MINUTE)

        assert kinds(server)[2:] == ["declined-invite", "rescheduled", "cancel-link", "declined-invite"]
        assert len({mail["Message-ID"] for mail in mails(server)}) == 6

    def test_to_what_is_only_asked_for_says_so(self, studio, server):
        """A confirmation that was taken back left a tentative entry, which can be answered too."""
        studio.swedish.needs_confirmation = True
        studio.swedish.save()
        asked = studio.book()
        send()

        says(asked)
        send(NOW + 2 * MINUTE)

        to_kim, to_studio = since(server)
        assert "your request still stands" in text_in(to_kim)
        assert "the request still waits for your answer" in text_in(to_studio)
        for mail in (to_kim, to_studio):
            assert "appointment stands" not in text_in(mail)

    def test_is_told_in_the_language_of_the_studios_summary_and_of_the_client(self, studio, server):
        rule(0, kind="staff-digest", days_before=1, at_time=time(18), language="de")
        says(studio.book(client=replace(KIM, language="de")))
        Message.objects.filter(kind="confirmation").delete()
        send(NOW + 2 * MINUTE)

        to_kim, to_studio = mails(server)
        assert to_kim["Subject"] == "Ihr Termin am Dienstag, 24. November, 10:30 Uhr besteht weiter"
        assert to_studio["Subject"] == "Im Kalender abgelehnt: Dienstag, 24. November, 10:30 Uhr"

    def test_goes_to_the_one_address_that_the_studio_has(self, kims, server):
        Studio.objects.update(reply_to="")
        says(kims)
        send(NOW + 2 * MINUTE)

        assert since(server)[1]["To"] == "hello@stillwater.example"

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


class TestWhatIsNoAnswer:
    """Check 76: forged, stale or broken, it changes nothing and nobody is written to."""

    @pytest.fixture
    def moved(self, kims):
        move(kims, VISIT + HOUR, now=NOW)
        send()
        kims.refresh_from_db()
        return kims

    WRONG: ClassVar = {
        "by a stranger": {"ATTENDEE": "mailto:sam@example.com", "sender": "sam@example.com"},
        "by a stranger in the name of Kim": {"sender": "Kim Larsen <sam@example.com>"},
        "for a stranger": {"ATTENDEE": "mailto:sam@example.com"},
        "to somebody else": {"ORGANIZER": "mailto:sam@example.com"},
        "to the time before": {"SEQUENCE": 0},
        "to a time to come": {"SEQUENCE": 9},
        "of another visit": {"UID": "6f2d8f8e-6a7d-4c55-9a53-0d0a3f1f2b11"},
        "that is an invite": {"METHOD": "REQUEST"},
        "that is cut off": {"extra": "BEGIN:VALARM"},
    }

    @pytest.mark.parametrize("name", WRONG)
    def test_is_told_to_nobody(self, moved, server, name):
        said = {"DTSTAMP": stamp(NOW + MINUTE)} | self.WRONG[name]
        sender = said.pop("sender", "Kim Larsen <kim@example.com>")
        before = rows(), moved.version, moved.status

        with pytest.raises((NotAReply, errors.Refusal)):
            take_reply(reply_in_mail(mailed(calendar_reply(moved, **said), sender=sender)), now=NOW + MINUTE)

        moved.refresh_from_db()
        send(NOW + 2 * MINUTE)
        assert (rows(), moved.version, moved.status) == before
        assert kinds(server) == ["confirmation", "rescheduled"]

    def test_is_one_of_the_same_mail_unspoilt(self, moved, server):
        """So that the ones above are refused for what is wrong with them."""
        take_reply(reply_in_mail(mailed(calendar_reply(moved, DTSTAMP=stamp(NOW + MINUTE)))), now=NOW + MINUTE)
        send(NOW + 2 * MINUTE)

        assert kinds(server)[2:] == ["cancel-link", "declined-invite"]


class TestAYes:
    @pytest.mark.parametrize("answer", ["ACCEPTED", "TENTATIVE", "DELEGATED"])
    def test_is_told_to_nobody(self, kims, server, answer):
        says(kims, answer)

        assert rows() == [("confirmation", "sent")]
