"""Where starts stand: on the grid, one after the other, or where they leave the fewest gaps. And what never fits."""

from datetime import datetime, time, timedelta

import pytest

from booking.models import Location, Service, Variation, WeeklyHours
from tests import factories
from tests.booking.caller import clock_times, is_problem, starts_of
from tests.factories import at, guest

SAM = guest("Sam Okoro", "sam@example.com")


@pytest.fixture
def alone(house):
    """Anna is the only therapist, and in from ten to one."""
    house.ben.delete()
    WeeklyHours.objects.update(opens=time(10), closes=time(13))


class TestBackToBack:
    @pytest.fixture(autouse=True)
    def mode(self, alone, house):
        Service.objects.update(start_mode="back-to-back")
        factories.variation(house.swedish, 20, after=5)

    def test_counts_the_clean_up(self, slots):
        """U-04: twenty minutes and five after: 10:00, 10:25, 10:50."""
        assert clock_times(slots(variation="swedish-20"))[:3] == ["10:00", "10:25", "10:50"]

    def test_counts_on_from_what_is_booked(self, slots, book):
        book(variation="swedish-20", start=at("10:25"))

        assert clock_times(slots(variation="swedish-20"))[:3] == ["10:00", "10:50", "11:15"]

    def test_offers_what_books(self, slots, api, wish):
        for start in ("10:05", "10:20", "10:30"):
            refused = api.post("appointments/", wish(variation="swedish-20", start=at(start)))
            assert is_problem(refused, 409, "not-offered")
            assert refused.json()["reasons"] == ["off-grid"]

        assert api.post("appointments/", wish(variation="swedish-20", start=at("10:50"))).status_code == 201

    def test_holds_and_gives_back_its_place(self, slots, hold, api):
        token = hold(variation="swedish-20", start=at("10:25"))["token"]

        assert "10:25" not in clock_times(slots(variation="swedish-20"))
        assert clock_times(slots(variation="swedish-20", hold=token))[:3] == ["10:00", "10:25", "10:50"]


class TestTheGrid:
    def test_stays_on_the_hour_beside_clean_up(self, alone, slots, book):
        """U-10: a visit until 11:15 with its clean-up is followed at 11:30, not at 11:15."""
        book(start=at("10:00"))

        assert clock_times(slots()) == ["11:30", "12:00"]

    def test_stays_on_the_hour_with_clean_up_before(self, alone, slots):
        """U-10: nor does the clean-up before a visit move its start."""
        Variation.objects.update(clean_up_before_minutes=20)

        assert clock_times(slots()) == ["10:00", "10:30", "11:00", "11:30", "12:00"]

    @pytest.mark.parametrize(("within", "last"), [(False, "12:00"), (True, "11:45")])
    def test_ends_as_the_house_has_it(self, alone, slots, api, wish, within, last):
        """U-07: an hour and a quarter of clean-up, closed at one; the last visit is the studio's choice."""
        Service.objects.update(step_minutes=15)
        Location.objects.update(clean_up_within_hours=within)

        assert clock_times(slots())[-1] == last
        refused = api.post("appointments/", wish(start=at("12:00")))
        assert (refused.status_code == 201) is not within
        assert not within or refused.json()["reasons"] == ["outside-hours"]


class TestFewestGaps:
    @pytest.fixture(autouse=True)
    def mode(self, alone):
        Service.objects.update(fewest_gaps=True, smallest_gap_minutes=60)

    def test_offers_only_what_wastes_least(self, slots):
        """Three hours, of which an hour and a quarter are taken: half an hour at either end is lost."""
        assert clock_times(slots()) == ["10:00", "11:00", "12:00"]

    def test_offers_what_books_and_nothing_else(self, slots, api, wish):
        refused = api.post("appointments/", wish(start=at("10:30")))

        assert is_problem(refused, 409, "not-offered")
        assert refused.json()["reasons"] == ["gap"]
        assert [near[11:16] for near in refused.json()["nearest"]] == ["10:00", "11:00", "12:00"]
        assert api.post("appointments/", wish(start=at("12:00"))).status_code == 201

    def test_thinks_again_when_something_is_booked(self, slots, book):
        book(start=at("10:00"))

        assert clock_times(slots()) == ["11:30", "12:00"]

    def test_does_not_bind_the_desk_that_says_so(self, desk, wish):
        asked = wish(start=at("10:30"))

        assert is_problem(desk.post("appointments/", asked), 409, "not-offered")
        override = {"rules": ["gap"], "reason": "Their train"}
        assert desk.post("appointments/", asked | {"override": override}).status_code == 201


class TestWhatIsBooked:
    def test_does_not_come_back_when_its_notice_passes(self, alone, house, slots, book, clock):
        """B-10: a visit of 105 minutes keeps its time, before the notice and after."""
        factories.variation(house.swedish, 105, after=0)
        Service.objects.update(notice_minutes=60)
        book(variation="swedish-105", start=at("10:30"))

        for clock_time in ("08:00", "09:29", "09:31", "10:45"):
            clock.move_to(datetime.fromisoformat(at(clock_time)))
            overlapping = {f"{hour}:{minute}" for hour in (10, 11) for minute in ("00", "30")} | {"12:00"}
            assert not overlapping & set(clock_times(slots()))

    def test_takes_the_therapist_for_every_service(self, alone, house, slots, book, api, wish):
        """B-11: there is one anna and one blue room, whatever they are booked for."""
        others = [factories.service(slug, step_minutes=30) for slug in ("deep-tissue", "hot-stone")]
        for other in others:
            factories.variation(other)
            house.anna.skills.add(other)
        book(start=at("10:00"))

        for other in others:
            assert at("10:00") not in starts_of(slots(variation=f"{other.slug}-60"))
            refused = api.post("appointments/", wish(variation=f"{other.slug}-60", client=SAM))
            assert is_problem(refused, 409, "slot-taken")

    def test_takes_the_room_from_every_service(self, house, slots, book):
        """B-11: ben is free, and the only room is not."""
        other = factories.service("deep-tissue", step_minutes=30)
        factories.variation(other)
        house.ben.skills.add(other)
        house.rooms[1].delete()
        book(therapist="anna")

        assert at("10:00") not in starts_of(slots(variation="deep-tissue-60"))

    def test_ends_when_the_next_one_begins(self, alone, house, slots, book):
        """S36: half-open; without clean-up ten to eleven and eleven to twelve both fit, and so does what is between."""
        Variation.objects.update(clean_up_after_minutes=0)
        book(start=at("10:00"))
        book(start=at("12:00"), client=SAM)

        assert clock_times(slots()) == ["11:00"]
        assert book(start=at("11:00"), client=guest("Robin Weiss", "robin@example.com"))["therapists"] == ["anna"]


class TestOneClient:
    """B-12."""

    def test_is_in_one_place_at_a_time(self, house, book, api, wish):
        book(therapist="anna")

        answers = [api.post("appointments/", wish(therapist="ben", start=at(start))) for start in ("10:00", "10:30")]

        assert all(is_problem(answer, 409, "slot-taken") for answer in answers)

    def test_goes_from_one_visit_to_the_next(self, book):
        book(therapist="anna")

        assert book(therapist="ben", start=at("11:00"))["therapists"] == ["ben"]

    def test_may_be_in_two_when_the_desk_knows_why(self, desk, wish, book):
        """A mother books for her daughter under her own name."""
        book(therapist="anna")
        asked = wish(therapist="ben", start=at("10:30"))

        assert is_problem(desk.post("appointments/", asked), 409, "slot-taken")
        assert desk.post("appointments/", asked | {"alongside": True}).json()["alongside"] is True

    def test_cannot_say_so_themselves(self, api, wish, book):
        book(therapist="anna")

        refused = api.post("appointments/", wish(therapist="ben", alongside=True))

        assert is_problem(refused, 400, "invalid")
        assert list(refused.json()["errors"]) == ["alongside"]

    def test_is_free_again_when_a_visit_is_moved_away(self, booked, kim, book):
        kim.post(f"appointments/{booked['reference']}/reschedule/", {"start": at("15:00")})

        assert book(start=at("10:00"))["status"] == "booked"


class TestAPassedTime:
    def test_is_refused_though_the_page_is_old(self, alone, house, api, wish, clock):
        """B-16."""
        Service.objects.update(notice_minutes=0)
        clock.move_to(datetime.fromisoformat(at("10:00")) + timedelta(seconds=1))

        assert is_problem(api.post("appointments/", wish()), 409, "not-offered")
        assert api.post("appointments/", wish(start=at("10:30"))).status_code == 201
