"""What a therapist's hands can bear is respected by everything online: offered and bookable are the same."""

from datetime import date, timedelta

import pytest

from booking.models import Service, Therapist
from tests import factories
from tests.booking.caller import is_problem, starts_of, statements
from tests.factories import TUESDAY, at, guest

MONDAY, SUNDAY = TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=5)
SAM = guest("Sam Okoro", "sam@example.com")


@pytest.fixture
def limit(house):
    """Give anna, who is the only therapist, these limits."""
    house.ben.delete()

    def limit(**limits):
        Therapist.objects.update(**limits)

    return limit


@pytest.fixture
def same(slots, api, wish):
    """Check that what is offered on a day is what can be held, at each half hour, and return its clock times."""

    def same(on=TUESDAY, **what):
        offered = starts_of(slots(**{"from": on, "until": on}, **what))
        for number in range(18, 36):
            start = at(f"{number // 2:02}:{number % 2 * 30:02}", on=on)
            body = {"location": "harbour", "variation": "swedish-60", "start": start} | what
            answer = api.post("holds/", body)
            assert (answer.status_code == 201) is (start in offered), (start, answer.content)
            if answer.status_code == 201:
                api.send("DELETE", f"holds/{answer.json()['token']}/")
        return [start[11:16] for start in offered]

    return same


class TestTheDay:
    def test_takes_no_more_than_its_limit(self, limit, book, same):
        limit(daily_limit_minutes=150)
        book(start=at("09:00"))
        assert same() != []

        book(start=at("15:00"), client=SAM)
        assert same() == []
        assert same(on=TUESDAY + timedelta(days=1)) != []

    def test_that_is_full_for_an_hour_is_not_for_less(self, house, limit, book, slots):
        factories.variation(house.swedish, 30, after=15)
        limit(daily_limit_minutes=90)
        book(start=at("09:00"))

        assert (starts_of(slots()), slots()["reason"]) == ([], "fully-booked")
        assert starts_of(slots(variation="swedish-30")) != []

    def test_counts_add_ons(self, limit, slots):
        limit(daily_limit_minutes=60)

        assert starts_of(slots()) != []
        assert starts_of(slots(add_ons="scalp")) == []

    def test_counts_hard_techniques_for_more(self, limit, same, slots):
        limit(daily_limit_minutes=80)
        assert same() != []

        Service.objects.update(load_percent=150)
        assert same() == []

    def test_counts_what_is_held_and_not_what_ended(self, limit, hold, slots, clock):
        limit(daily_limit_minutes=60)
        token = hold()["token"]
        assert starts_of(slots()) == []
        assert at("15:00") in starts_of(slots(hold=token))

        clock.shift(timedelta(minutes=10))
        assert starts_of(slots()) != []

    def test_counts_no_cancelled_visit(self, limit, booked, kim, slots):
        limit(daily_limit_minutes=60)
        assert starts_of(slots()) == []

        kim.post(f"appointments/{booked['reference']}/cancel/")
        assert starts_of(slots()) != []

    def test_lets_a_visit_move_within_it(self, limit, booked, kim):
        """Its own minutes count as free."""
        limit(daily_limit_minutes=60)

        moved = kim.post(f"appointments/{booked['reference']}/reschedule/", {"start": at("15:00")})

        assert moved.status_code == 200

    def test_refuses_with_its_word(self, limit, book, api, wish):
        limit(daily_limit_minutes=90)
        book(start=at("09:00"))

        refused = api.post("appointments/", wish(start=at("15:00"), client=SAM))

        assert is_problem(refused, 409, "not-offered")
        assert refused.json()["reasons"] == ["daily-limit"]


class TestTheWeek:
    def test_is_from_monday_to_sunday(self, limit, book, same):
        limit(weekly_limit_minutes=120)
        book(start=at("09:00", on=MONDAY))
        book(start=at("16:00", on=SUNDAY), client=SAM)

        assert same() == []
        assert same(on=MONDAY - timedelta(days=1)) != []
        assert same(on=SUNDAY + timedelta(days=1)) != []

    def test_counts_all_locations(self, house, limit, book, same):
        uptown = factories.location("uptown")
        factories.works(house.anna, uptown)
        factories.room("red", uptown)
        limit(weekly_limit_minutes=60)
        book(start=at("09:00", on=MONDAY), location="uptown")

        assert same() == []

    @pytest.mark.parametrize("on", [date(2027, 3, 28), date(2027, 10, 31)], ids=["forwards", "back"])
    def test_of_a_change_of_clocks_is_one_too(self, limit, book, same, on):
        """T-03, T-20: the Sunday has 23 or 25 hours, and belongs to the week before it."""
        Service.objects.update(horizon_days=400)
        limit(weekly_limit_minutes=60)
        book(start=at("17:00", on=on))

        assert same(on=on - timedelta(days=6)) == []
        assert same(on=on + timedelta(days=1)) != []


class TestTheStretch:
    def test_is_broken_by_a_rest(self, limit, book, same):
        """Two hours in one go at most, then half an hour of rest; clean-up of a quarter is none."""
        limit(longest_stretch_minutes=120, rest_minutes=30)
        book(start=at("09:00"))
        book(start=at("10:30"), client=SAM)  # after a rest of half an hour: a stretch of its own

        assert same()[:2] == ["12:00", "12:30"]

    def test_that_would_be_too_long_is_refused(self, limit, book, api, wish):
        limit(longest_stretch_minutes=90, rest_minutes=60)
        book(start=at("09:00"))

        refused = api.post("appointments/", wish(start=at("10:30"), client=SAM))

        assert is_problem(refused, 409, "not-offered")
        assert refused.json()["reasons"] == ["rest"]

    def test_is_kept_between_two_others_too(self, limit, book, same):
        limit(longest_stretch_minutes=120, rest_minutes=60)
        book(start=at("09:00"))
        book(start=at("13:30"), client=SAM)

        # One hour fits to either side of a rest, three in a row do not.
        assert "11:30" in same()
        assert "11:00" in same()

    def test_of_a_visit_that_alone_is_too_long_is_never_offered(self, limit, same):
        limit(longest_stretch_minutes=75)

        assert same() != []
        assert same(variation="swedish-90") == []


class TestALimit:
    def test_of_one_leaves_the_work_to_another(self, house, book, slots):
        Therapist.objects.filter(slug="anna").update(daily_limit_minutes=60)
        book(therapist="anna", start=at("09:00"))

        assert {tuple(slot["therapists"]) for slot in slots()["days"][0]["slots"]} == {("ben",)}
        assert book(start=at("14:00"), client=SAM)["therapists"] == ["ben"]

    def test_costs_no_statement_more(self, house, api, wish, slots):
        """L-02."""
        listing = statements(lambda: slots())
        Therapist.objects.update(daily_limit_minutes=300, weekly_limit_minutes=900, longest_stretch_minutes=180)

        assert statements(lambda: slots()) == listing <= 2
        assert statements(lambda: api.post("appointments/", wish(), Idempotency_Key="once")) <= 10
