"""GET slots/explain/: why a time is offered or not, by the code that offers, for whom and in which room."""

from datetime import date, datetime, time, timedelta

import pytest

from booking.domain import reasons
from booking.models import Closure, DateOverride, Room, Service, Therapist, TimeOff, WeeklyHours
from tests import factories
from tests.booking.caller import Caller, is_problem, starts_of, statements
from tests.factories import TUESDAY, api_key, at, guest

SAM = guest("Sam Okoro", "sam@example.com")


@pytest.fixture
def explain(desk):
    def explain(start, **changes):
        query = {"location": "harbour", "variation": "swedish-60", "start": start} | changes
        answer = desk.get("slots/explain/", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return explain


def verdicts(answer, of="therapists"):
    return {one["slug"]: one["reason"] for one in answer[of]}


class TestExplaining:
    def test_names_everybody_and_every_room(self, explain):
        answer = explain(at("10:00"))

        assert answer == {
            "location": "harbour",
            "variation": "swedish-60",
            "start": at("10:00"),
            "offered": True,
            "reasons": [],
            "therapists": [
                {"slug": "anna", "name": "Anna", "reason": None},
                {"slug": "ben", "name": "Ben", "reason": None},
            ],
            "rooms": [
                {"slug": "blue", "name": "Blue", "reason": None},
                {"slug": "suite", "name": "Suite", "reason": None},
            ],
        }

    def test_tells_who_is_out_though_it_is_offered(self, explain, book):
        book(therapist="anna")

        answer = explain(at("10:00"))

        assert (answer["offered"], answer["reasons"]) == (True, [])
        assert verdicts(answer) == {"anna": "booked", "ben": None}
        assert verdicts(answer, "rooms") == {"blue": "booked", "suite": None}

    def test_of_a_service_without_a_room_names_none(self, house, explain):
        Service.objects.update(needs_room=False)

        assert explain(at("10:00"))["rooms"] == []

    def test_leaves_the_visit_out_that_is_to_be_moved(self, explain, booked):
        assert verdicts(explain(at("10:30"), instead_of=booked["reference"]))["anna"] is None
        assert verdicts(explain(at("10:30")))["anna"] == "booked"

    def test_names_a_guest_for_the_day(self, house, explain):
        """Somebody with hours for one date is offered, so they are explained."""
        cleo = factories.therapist("cleo", house.swedish)
        DateOverride.objects.create(therapist=cleo, location=house.harbour, on=TUESDAY, opens=time(9), closes=time(18))

        assert verdicts(explain(at("10:00"))) == {"anna": None, "ben": None, "cleo": None}
        assert verdicts(explain(at("10:00", on=TUESDAY + timedelta(days=1)))) == {"anna": None, "ben": None}

    def test_costs_the_same_whatever_the_house(self, house, explain):
        """L-02."""
        explain(at("10:00"))  # notes the use of the key
        before = statements(lambda: explain(at("10:00")))
        for number in range(5):
            factories.works(factories.therapist(f"t{number}", house.swedish), house.harbour)
            factories.room(f"r{number}", house.harbour)

        assert statements(lambda: explain(at("10:00"))) == before <= 6


def booked_at_ten(house, book, hold):
    book(therapist="anna")


def held_at_ten(house, book, hold):
    hold(therapist="anna")


def booked_before(house, book, hold):
    book(therapist="anna", start=at("09:00"))


def shut(house, book, hold):
    Closure.objects.create(location=house.harbour, start_at=at("09:00"), end_at=at("12:00"))


def away(house, book, hold):
    TimeOff.objects.create(therapist=house.anna, start_at=at("09:00"), end_at=at("12:00"))


def unskilled(house, book, hold):
    house.anna.skills.clear()


def limited(house, book, hold):
    book(therapist="anna", start=at("14:00"))
    Therapist.objects.filter(slug="anna").update(daily_limit_minutes=90)


def tired(house, book, hold):
    book(therapist="anna", start=at("11:30"))
    Therapist.objects.filter(slug="anna").update(longest_stretch_minutes=90, rest_minutes=60)


def off_work(house, book, hold):
    WeeklyHours.objects.filter(therapist=house.anna).update(opens=time(12))


def off_the_grid(house, book, hold):
    WeeklyHours.objects.filter(therapist=house.anna).update(opens=time(9, 10))


def thrifty(house, book, hold):
    """The day begins at nine, and half past nine would leave half an hour for nobody."""
    Service.objects.update(fewest_gaps=True, smallest_gap_minutes=120)


def needs_notice(house, book, hold):
    Service.objects.update(notice_minutes=9 * 24 * 60)


def is_far(house, book, hold):
    Service.objects.update(horizon_days=5)


WORDS = {
    "outside-hours": off_work,
    "time-off": away,
    "closure": shut,
    "booked": booked_at_ten,
    "held": held_at_ten,
    "clean-up": booked_before,
    "notice": needs_notice,
    "horizon": is_far,
    "daily-limit": limited,
    "rest": tired,
    "no-skill": unskilled,
    "off-grid": off_the_grid,
    "gap": thrifty,
}


class TestEachWord:
    @pytest.mark.parametrize("word", WORDS)
    def test_is_said_of_the_therapist_it_keeps_out(self, house, explain, book, hold, slots, word):
        WORDS[word](house, book, hold)

        answer = explain(at("10:00"))

        assert verdicts(answer)["anna"] == word
        assert at("10:00") not in starts_of(slots(therapist="anna"))

    @pytest.mark.parametrize("word", WORDS)
    def test_is_why_when_there_is_nobody_else(self, house, explain, book, hold, word):
        house.ben.delete()
        WORDS[word](house, book, hold)

        answer = explain(at("10:00"))

        assert not answer["offered"]
        assert word in answer["reasons"]

    def test_of_a_room_is_what_stands_in_it_or_what_it_lacks(self, house, explain, book, hold):
        Room.objects.filter(slug="suite").update(features=["couples", "heated-table"])
        Service.objects.filter(slug="swedish").update(room_features=["heated-table"])
        book(therapist="anna", start=at("09:00"))
        found = {clock: verdicts(explain(at(clock)), "rooms") for clock in ("09:00", "10:00", "10:30")}
        hold(therapist="ben", start=at("12:00"))
        found["12:00"] = verdicts(explain(at("12:00")), "rooms")

        assert {one["blue"] for one in found.values()} == {"wrong-room"}
        assert [one["suite"] for one in found.values()] == ["booked", "clean-up", None, "held"]

    def test_is_tested_here(self):
        assert {*WORDS, "wrong-room"} == set(reasons.ALL)


class TestAClosureBesideAVisit:
    def test_is_not_blamed_for_time_off(self, house, explain):
        """The closure meets the clean-up only, which may run past it; time off meets the visit."""
        TimeOff.objects.create(therapist=house.anna, start_at=at("10:30"), end_at=at("11:00"))
        Closure.objects.create(location=house.harbour, start_at=at("11:00"), end_at=at("12:00"))

        assert verdicts(explain(at("10:00"))) == {"anna": "time-off", "ben": None}


class TestOnlyStaff:
    @pytest.mark.parametrize(("scope", "status"), [("read", 200), ("desk", 200), ("admin", 200)])
    def test_of_any_scope_asks(self, house, scope, status):
        query = {"location": "harbour", "variation": "swedish-60", "start": at("10:00")}

        assert Caller(Authorization=f"Bearer {api_key(scope)}").get("slots/explain/", query).status_code == status

    def test_is_told_who_is_where(self, api, kim):
        query = {"location": "harbour", "variation": "swedish-60", "start": at("10:00")}

        assert is_problem(api.get("slots/explain/", query), 401, "not-authenticated")
        assert kim.get("slots/explain/", query).status_code in {401, 403}

    def test_is_read_strictly(self, desk, house):
        good = {"location": "harbour", "variation": "swedish-60", "start": at("10:00")}
        for field, value in (
            ("location", "nowhere"),
            ("variation", "nothing"),
            ("start", "2026-12-01T10:00:00"),
            ("start", "soon"),
            ("add_ons", "nothing"),
            ("therapist", "anna"),
        ):
            refused = desk.get("slots/explain/", good | {field: value})
            assert is_problem(refused, 400, "invalid")
            assert list(refused.json()["errors"]) == [field]
        assert is_problem(desk.get("slots/explain/", good | {"instead_of": "NOSUCHVISIT"}), 404, "not-found")


class TestOffered:
    """L-04: explained as offered, listed in slots, and bookable are the same, minute by minute."""

    @pytest.mark.parametrize("mode", ["step", "back-to-back", "fewest-gaps"])
    def test_is_what_is_listed_and_what_books(self, house, explain, book, hold, slots, desk, wish, api, mode):
        Service.objects.update(
            start_mode="step" if mode == "fewest-gaps" else mode, fewest_gaps=mode == "fewest-gaps", notice_minutes=0
        )
        Therapist.objects.filter(slug="ben").update(longest_stretch_minutes=120, rest_minutes=30)
        first = starts_of(slots())
        book(start=first[2], therapist="anna", client=SAM)
        hold(start=first[1])
        away_from = datetime.combine(TUESDAY, time(15), datetime.fromisoformat(at("15:00")).tzinfo)
        TimeOff.objects.create(therapist=house.ben, start_at=away_from, end_at=away_from + timedelta(minutes=95))

        listed = set(starts_of(slots()))

        assert listed
        for minute in range(8 * 60, 19 * 60, 5):
            start = at(f"{minute // 60:02}:{minute % 60:02}")
            explained = explain(start)
            assert explained["offered"] is (start in listed), explained
            assert (
                explained["offered"] is any(reason is None for reason in verdicts(explained).values())
                or (explained["reasons"])
            )
            self.books_when_offered(api, wish, start, offered=start in listed)

    def books_when_offered(self, api, wish, start, *, offered):
        answer = api.post("appointments/", wish(start=start))
        assert (answer.status_code == 201) is offered, (start, answer.content)
        if offered:
            holder = Caller(Authorization=f"Link {answer.json()['token']}")
            assert holder.post(f"appointments/{answer.json()['reference']}/cancel/").status_code == 200

    def test_is_never_half_a_minute(self, explain, api, wish, house):
        start = "2026-12-01T10:00:30+01:00"

        assert (explain(start)["offered"], explain(start)["reasons"]) == (False, ["off-grid"])
        assert is_problem(api.post("appointments/", wish(start=start)), 409, "not-offered")

    def test_is_local_to_the_location(self, explain):
        """T-16: whatever offset the desk's computer writes."""
        assert explain("2026-12-01T04:00:00-05:00")["start"] == at("10:00")
        assert explain("2026-12-01T04:00:00-05:00")["offered"]

    def test_on_a_day_of_change_is_told_by_its_clock(self, house, explain, slots):
        """T-02."""
        on = date(2027, 3, 28)
        Service.objects.update(horizon_days=400)

        assert explain(at("10:00", on=on))["start"] in starts_of(slots(**{"from": on, "until": on}))
