"""The waitlist under real threads: one answer counts, one offer an entry, one entry a time."""

from collections import Counter
from datetime import timedelta

import pytest

from booking.actions.waitlist.expire import expire_offers
from booking.actions.waitlist.fill import fill_every_gap
from booking.models import Appointment, Assignment, WaitlistEntry, WaitlistOffer
from tests.booking.caller import Caller
from tests.booking.waiting import ROBIN, half_a_minute_passes, join, one_hour, opens
from tests.factories import NOW, guest
from tests.races.overlaps import overlapping_pairs
from tests.races.test_booking_races import booking

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def sam(house):
    """Offered the only hour of Tuesday."""
    one_hour(house)
    entry = join()
    half_a_minute_passes()
    return entry


def codes(answers):
    return Counter((answer.status_code, answer.json().get("code")) for answer in answers)


class TestManyAcceptsOfOneOffer:
    def test_are_one_appointment_and_named_refusals(self, sam, at_once):
        answers = at_once([sam.accept] * 8)

        assert codes(answers) == {(201, None): 1, (409, "wrong-state"): 7}
        assert (Appointment.objects.count(), Assignment.objects.count()) == (1, 1)
        assert WaitlistEntry.objects.get().state == "accepted"

    def test_with_one_key_are_one_answer(self, sam, at_once):
        answers = at_once([lambda: sam.accept(Idempotency_Key="yes")] * 8)

        assert codes(answers) == {(201, None): 8}
        assert len({answer.content for answer in answers}) == 1
        assert Appointment.objects.count() == 1


class TestAnAcceptAgainstTheDeadline:
    def test_ends_in_one_of_two_stories(self, sam, at_once, clock):
        """The accept came a second before, the job a second after: booked, or expired and somebody else's."""
        clock.shift(AN_HOUR - timedelta(seconds=1))
        accepted, ended = at_once([sam.accept, lambda: expire_offers(now=NOW + AN_HOUR + timedelta(seconds=1))])

        entry, offer = WaitlistEntry.objects.get(), WaitlistOffer.objects.get()
        if accepted.status_code == 201:
            assert (entry.state, offer.state, ended) == ("accepted", "accepted", 0)
            assert Appointment.objects.get().status == "booked"
        else:
            assert codes([accepted]) == {(410, "hold-expired"): 1}
            assert (entry.state, offer.state, ended) == ("waiting", "expired", 1)
            assert not Appointment.objects.exists()


class TestAnAcceptAgainstLeaving:
    def test_ends_in_one_of_two_stories(self, sam, at_once):
        accepted, left = at_once([sam.accept, sam.leave])

        stories = {(201, 409): ("accepted", 1), (409, 204): ("withdrawn", 0)}
        state, appointments = stories[accepted.status_code, left.status_code]
        assert WaitlistEntry.objects.get().state == state
        assert Appointment.objects.count() == appointments


class TestManyWhoFillTheGaps:
    def test_offer_one_time_to_one_entry(self, house, at_once):
        one_hour(house)
        sam, robin = join(), join(client=guest(**ROBIN))

        made = at_once([lambda: fill_every_gap(now=NOW)] * 6)

        assert sum(made) == 1
        assert (sam.state, robin.state) == ("offered", "waiting")
        assert (WaitlistOffer.objects.count(), Appointment.objects.count()) == (1, 1)

    def test_offer_an_entry_one_time(self, house, at_once):
        for number in range(4):
            join(client=guest(email=f"kim{number}@example.com"))

        made = at_once([lambda: fill_every_gap(now=NOW)] * 6)

        assert sum(made) == 4
        assert WaitlistOffer.objects.filter(state="open").values("entry").distinct().count() == 4
        assert overlapping_pairs() == (0, 0)

    def test_and_a_caller_never_share_a_time(self, house, at_once):
        opens(house, ("10:00", "11:00"))
        opens(house, who="ben")
        sam = join()

        made, booked = at_once([lambda: fill_every_gap(now=NOW), booking(1, therapist=...)])

        assert (made, booked.status_code) in {(1, 409), (0, 201)}
        assert Appointment.objects.count() == 1
        assert sam.state == ("offered" if made else "waiting")


class TestTimeThatComesFree:
    def test_is_offered_when_the_cancel_is_committed(self, house, at_once):
        """In the request that freed it, and in a transaction of its own."""
        one_hour(house)
        booked = booking(1)().json()
        sam = join()

        [answer] = at_once([lambda: cancelled(booked)])

        assert answer.status_code == 200
        assert sam.state == "offered"


def cancelled(booked):
    caller = Caller(Authorization=f"Link {booked['token']}")
    return caller.post(f"appointments/{booked['reference']}/cancel/")
