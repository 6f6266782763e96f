"""Who is offered which free time: the oldest entry that fits, a time it can use, and one at a time."""

from datetime import datetime, timedelta

import pytest

from booking import events
from booking.actions.waitlist.fill import fill_every_gap
from booking.models import Appointment, WaitlistOffer
from tests import factories
from tests.booking.caller import starts_of
from tests.booking.waiting import ROBIN, half_a_minute_passes, join, one_hour, opens, window
from tests.factories import NOW, TUESDAY, at, guest

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def full(house, book):
    """Kim has the only hour of Tuesday."""
    one_hour(house)
    return book()


@pytest.fixture
def cancel(desk, committed):
    return lambda booked: committed(lambda: desk.post(f"appointments/{booked['reference']}/cancel/"))


class TestFreedTime:
    def test_is_offered_at_once(self, full, cancel, slots):
        """B-07: to the waitlist first; it is not in the slots while it is offered."""
        sam = join()

        cancel(full)

        offer = sam.read()["offer"]
        assert (offer["start"], offer["end"], offer["therapists"]) == (at("10:00"), at("11:00"), ["anna"])
        assert datetime.fromisoformat(offer["expires_at"]) == NOW + AN_HOUR
        assert (sam.state, sam.read()["position"], sam.read()["reason"]) == ("offered", None, None)
        assert starts_of(slots()) == []

    def test_is_told_as_a_fact(self, full, cancel, monkeypatch):
        sam, told = join(), []
        monkeypatch.setitem(events._listeners, events.WaitlistOffered, [told.append])

        cancel(full)

        [fact] = told
        assert fact.appointment_id == Appointment.objects.get(status="held").pk
        assert (fact.entry_reference, fact.recipients) == (sam.reference, ("client",))
        assert (fact.happened_at, fact.answer_until) == (NOW, NOW + AN_HOUR)

    def test_by_a_move_is_offered_at_once(self, full, house, desk, committed):
        opens(house, ("10:00", "11:00"), ("15:00", "16:00"))
        sam = join(windows=[window(closes="12:00")])

        committed(lambda: desk.post(f"appointments/{full['reference']}/reschedule/", {"start": at("15:00")}))

        assert sam.offered == at("10:00")

    def test_that_nobody_waits_for_is_simply_free(self, full, cancel, slots):
        sam = join(windows=[window(on=TUESDAY + timedelta(days=1), opens="06:00", closes="07:00")])

        cancel(full)

        assert (sam.offered, starts_of(slots())) == (None, [at("10:00")])

    def test_without_an_action_is_found_by_the_next_round(self, house, full):
        """A closure that was lifted, an expired hold: nobody says that this time came free."""
        sam = join()
        Appointment.objects.update(status="cancelled", blocks=False)

        half_a_minute_passes()

        assert sam.offered == at("10:00")


class TestTheLine:
    def test_is_asked_oldest_first(self, full, cancel):
        """W-02."""
        sam, robin = join(), join(client=guest(**ROBIN))

        cancel(full)

        assert (sam.state, robin.state) == ("offered", "waiting")
        assert robin.read()["reason"] == "fully-booked"

    def test_passes_over_those_whom_the_time_does_not_fit(self, full, cancel):
        sam, robin = join(windows=[window("12:00", "20:00")]), join(client=guest(**ROBIN))

        cancel(full)

        assert (sam.state, robin.state) == ("waiting", "offered")

    def test_goes_on_when_somebody_declines(self, full, cancel, committed):
        sam, robin = join(), join(client=guest(**ROBIN))
        cancel(full)

        answer = committed(sam.decline)

        assert (answer.status_code, answer.json()["state"], answer.json()["offer"]) == (200, "waiting", None)
        assert robin.offered == at("10:00")
        committed(robin.decline)
        half_a_minute_passes()
        assert (sam.offered, robin.offered) == (None, None)
        assert sam.read()["reason"] == "declined"

    def test_goes_on_when_somebody_lets_the_offer_pass(self, full, cancel, clock, committed):
        """Back to their old place, but not to that time."""
        sam, robin = join(), join(client=guest(**ROBIN))
        cancel(full)

        clock.shift(AN_HOUR)
        late = NOW + AN_HOUR
        assert sam.state == "waiting"  # before any job has looked
        committed(lambda: half_a_minute_passes(late))

        assert (sam.offered, robin.offered, sam.read()["position"]) == (None, at("10:00"), 0)
        assert list(WaitlistOffer.objects.values_list("state", flat=True)) == ["expired", "open"]

    def test_goes_on_when_somebody_leaves(self, full, cancel, committed):
        sam, robin = join(), join(client=guest(**ROBIN))
        cancel(full)

        committed(sam.leave)

        assert (sam.state, robin.offered) == ("withdrawn", at("10:00"))

    def test_gives_each_entry_one_offer(self, house):
        sam = join()

        for _ in range(3):
            half_a_minute_passes()

        assert sam.state == "offered"
        assert WaitlistOffer.objects.count() == Appointment.objects.count() == 1

    def test_gives_two_who_wait_two_times(self, house):
        opens(house, ("10:00", "11:00"), ("13:00", "14:00"))
        opens(house, who="ben")
        sam, robin = join(), join(client=guest(**ROBIN))

        assert fill_every_gap(now=NOW) == 2

        assert [sam.offered, robin.offered] == [at("10:00"), at("13:00")]


class TestLength:
    """W-06."""

    @pytest.fixture
    def three_hours(self, house):
        opens(house, ("10:00", "13:00"))
        opens(house, who="ben")

    def test_of_ninety_minutes_fits_sixty_and_the_clean_up(self, three_hours, book, cancel):
        kims = book(variation="swedish-90")
        book(start=at("12:00"), client=guest(**ROBIN))
        sam = join()

        cancel(kims)

        assert sam.offered == at("10:00")

    def test_of_sixty_minutes_does_not_fit_ninety(self, three_hours, book, cancel):
        kims, robins = book(), book(start=at("11:30"), client=guest(**ROBIN))
        sam = join(variation="swedish-90")

        cancel(kims)
        assert (sam.offered, sam.read()["reason"]) == (None, "fully-booked")
        cancel(robins)

        assert sam.offered == at("10:00")


class TestCouples:
    def test_need_both_therapists(self, house, book, cancel):
        opens(house, ("10:00", "11:00"))
        opens(house, ("10:00", "11:00"), who="ben")
        with_anna, with_ben = book(therapist="anna"), book(therapist="ben", client=guest(**ROBIN))
        pair = join(variation="couples-60", partner={"name": "Noor"})

        cancel(with_anna)
        assert pair.offered is None
        cancel(with_ben)

        assert pair.read()["offer"]["therapists"] == ["anna", "ben"]

    def test_need_the_room_for_two(self, house, book, cancel):
        opens(house, ("10:00", "11:00"))
        opens(house, ("10:00", "11:00"), who="ben")
        carl = factories.therapist("carl", house.swedish, house.couples.service)
        factories.works(carl, house.harbour)
        house.rooms[0].delete()
        kims = book(therapist="carl")
        pair = join(variation="couples-60", windows=[window("10:00", "11:00")])

        half_a_minute_passes()
        assert pair.offered is None
        cancel(kims)

        assert pair.offered == at("10:00")


class TestWishes:
    def test_for_a_gender_are_kept(self, house):
        opens(house, ("10:00", "11:00"))
        opens(house, ("14:00", "15:00"), who="ben")
        sam = join(gender="male")

        half_a_minute_passes()

        assert (sam.offered, sam.read()["offer"]["therapists"]) == (at("14:00"), ["ben"])

    def test_for_a_therapist_are_kept(self, house):
        opens(house, ("10:00", "11:00"))
        opens(house, ("14:00", "15:00"), who="ben")
        sam = join(therapist="ben")

        half_a_minute_passes()

        assert (sam.offered, sam.read()["offer"]["therapists"]) == (at("14:00"), ["ben"])

    def test_for_a_window_mean_the_whole_visit(self, house):
        one_hour(house)
        late, early, exact = (
            join(windows=[window(*span)], client=guest(email=f"{span[0][:2]}{span[1][:2]}@example.com"))
            for span in (("10:01", "12:00"), ("08:00", "10:59"), ("10:00", "11:00"))
        )

        half_a_minute_passes()

        assert [late.offered, early.offered, exact.offered] == [None, None, at("10:00")]

    def test_for_several_windows_get_the_earliest_start(self, house):
        sam = join(windows=[window("16:00", "18:00"), window("12:15", "14:00")])

        half_a_minute_passes()

        assert sam.offered == at("12:30")
