"""What somebody on the waitlist reads when a time comes free, and only while they can take it."""

from datetime import timedelta

import pytest

from booking import access, queries
from booking.actions.book import Wishes
from booking.actions.waitlist.accept import accept_offer
from booking.actions.waitlist.decline import decline_offer
from booking.actions.waitlist.expire import expire_offers
from booking.actions.waitlist.fill import fill_gaps
from booking.actions.waitlist.join import join_waitlist
from booking.actions.waitlist.withdraw import withdraw_entry
from booking.models import Appointment, OfferLink
from notifications.models import Message
from tests.notifications.stage import (
    HOUR,
    KIM,
    NOW,
    ROBIN,
    VISIT,
    Meanwhile,
    calendar_in,
    crash,
    kinds,
    mails,
    rows,
    send,
    text_in,
    the,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def offered(studio):
    """Kim waits for an hour at VISIT, and is offered it; her entry."""
    return offer(studio, KIM)


def offer(studio, who, *, hours=0):
    wanted = queries.wanted(location="mitte", variation="swedish-60")
    window = (VISIT + hours * HOUR, VISIT + (hours + 1) * HOUR)
    entry = join_waitlist(wanted, windows=[window], wishes=Wishes(client=who), by=access.ANYONE, now=NOW).entry
    assert fill_gaps(studio.location.pk, now=NOW) == 1
    entry.refresh_from_db()
    return entry


def token_in(mail):
    return text_in(mail).split("/waitlist/")[1].split("/")[0]


class TestAnOffer:
    def test_is_told_with_a_link_that_takes_it_and_its_deadline_by_the_studios_clock(self, offered, server):
        """Check 43."""
        send()

        (mail,) = mails(server)
        assert kinds(server) == ["waitlist-offer"]
        assert access.entry_for_link(token_in(mail), now=NOW) == offered
        assert "kept for you until Friday 20 November 2026, 10:00 (Berlin time)" in text_in(mail)
        assert "Tuesday 24 November 2026, 10:30–11:30 (Berlin time)" in text_in(mail)
        assert calendar_in(mail) is None
        assert "/manage/" not in text_in(mail)

    def test_goes_until_its_deadline_and_not_after(self, offered, server):
        send(NOW + 61 * MINUTE)

        assert (the("waitlist-offer").state, server.kept) == ("expired", [])

    def test_goes_until_the_hold_ends_whatever_the_row_says(self, offered, server):
        """The re-check stands alone."""
        Message.objects.update(not_after=None)

        send(NOW + 60 * MINUTE)

        assert (the("waitlist-offer").state, server.kept) == ("expired", [])

    def test_that_was_taken_before_it_went_is_only_a_confirmation(self, offered, server):
        """The hold becomes the appointment, and the row about it must not go any more."""
        booked = accept_offer(offered, by=access.ANYONE, now=NOW + MINUTE).appointment

        send(NOW + MINUTE)

        assert kinds(server) == ["confirmation"]
        assert (the("waitlist-offer").appointment_id, the("waitlist-offer").state) == (booked.pk, "cancelled")

    def test_that_was_taken_gives_way_to_a_thread_of_its_own(self, offered, server):
        send()
        accept_offer(offered, by=access.ANYONE, now=NOW + MINUTE)
        send(NOW + MINUTE)

        assert kinds(server) == ["waitlist-offer", "confirmation"]
        assert mails(server)[1]["In-Reply-To"] is None
        assert calendar_in(mails(server)[1]) is not None

    @pytest.mark.parametrize("answer", [decline_offer, withdraw_entry])
    def test_that_was_let_go_before_it_went_is_not_sent(self, offered, server, answer):
        answer(offered, now=NOW + MINUTE)
        send(NOW + MINUTE)

        assert server.kept == []
        assert rows() == []

    def test_that_ran_out_leaves_nothing_behind(self, offered, server):
        expire_offers(now=NOW + 61 * MINUTE)
        send(NOW + 61 * MINUTE)

        assert server.kept == []

    def test_stays_where_it_is_for_who_has_no_address_left(self, offered, server):
        offered.client.email = ""
        offered.client.save()
        send()

        assert (the("waitlist-offer").state, server.kept) == ("cancelled", [])


class TestAHoldThatGoes:
    """Its messages go with it, and nothing else suffers."""

    def test_while_a_worker_has_its_mail_in_hand_stops_no_other(self, studio, offered, server):
        studio.book(VISIT + 5 * HOUR, client=ROBIN)
        held = crash(NOW)
        assert {str(message.kind) for message in held} == {"waitlist-offer", "confirmation"}
        decline_offer(offered, now=NOW)

        from notifications import delivery
        from notifications.channels import mail_channel

        outbox = mail_channel()
        delivery.deliver(held, outbox, now=NOW, claimed_at=delivery.time.monotonic())
        outbox.close()

        assert kinds(server) == ["confirmation"]
        assert rows() == [("confirmation", "sent")]

    def test_between_two_mails_of_a_batch_stops_no_other(self, studio, offered, server):
        second = offer(studio, ROBIN, hours=3)
        once = [second]

        send(channel=Meanwhile(before=lambda _mail: once and decline_offer(once.pop(), now=NOW)))

        # Robin's had been written by then. His link says what has become of the offer.
        assert kinds(server) == ["waitlist-offer", "waitlist-offer"]
        assert OfferLink.objects.count() == 2
        assert rows() == [("waitlist-offer", "sent")]

    def test_takes_its_rows_along(self, offered):
        Appointment.objects.filter(status="held").delete()

        assert not Message.objects.exists()
