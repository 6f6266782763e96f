"""GET slots/: what is offered, in which words, and what it costs the database."""

from datetime import date, time, timedelta

import pytest

from booking.models import Closure, DateOverride, TimeOff, WeeklyHours
from tests import factories
from tests.booking.caller import Caller, clock_times, is_problem, row_counts, starts_of
from tests.factories import NOW, TUESDAY, at


def shut(place, opens: str, closes: str, on: date = TUESDAY) -> Closure:
    return Closure.objects.create(location=place, start_at=at(opens, on), end_at=at(closes, on))


class TestTheAnswer:
    def test_lists_every_date_of_the_range(self, slots):
        answer = slots(**{"from": "2026-11-30", "until": "2026-12-02"})

        assert [day["date"] for day in answer["days"]] == ["2026-11-30", "2026-12-01", "2026-12-02"]
        assert {key: answer[key] for key in ("location", "variation", "time_zone", "reason")} == {
            "location": "harbour",
            "variation": "swedish-60",
            "time_zone": "Europe/Berlin",
            "reason": None,
        }

    def test_gives_start_end_and_who(self, slots):
        assert slots()["days"][0]["slots"][0] == {
            "start": "2026-12-01T09:00:00+01:00",
            "end": "2026-12-01T10:00:00+01:00",
            "therapists": ["anna", "ben"],
        }

    def test_ends_with_the_last_visit_before_closing(self, slots):
        assert clock_times(slots())[-1] == "17:00"

    def test_lengthens_the_visit_by_its_add_ons(self, slots):
        answer = slots(add_ons="scalp")

        assert answer["days"][0]["slots"][0]["end"] == at("10:15")
        assert clock_times(answer)[-1] == "16:30"

    def test_keeps_to_a_therapist_or_a_gender(self, slots):
        assert {who for slot in slots(therapist="ben")["days"][0]["slots"] for who in slot["therapists"]} == {"ben"}
        assert {who for slot in slots(gender="female")["days"][0]["slots"] for who in slot["therapists"]} == {"anna"}

    def test_leaves_out_what_is_booked_and_its_clean_up(self, slots, book):
        """B-15, U-03: 10:00 to 11:15 is occupied, so no hour with clean-up may begin after 8:45 or before 11:15."""
        book(therapist="anna")

        assert [start for start in clock_times(slots(therapist="anna")) if start < "12:00"] == ["11:30"]
        assert "10:00" in clock_times(slots(therapist="ben"))

    def test_changes_nothing(self, slots):
        """S11, S30: a GET leaves every table as it was."""
        before = row_counts()

        slots()

        assert row_counts() == before

    def test_offers_a_couple_everyone_of_a_working_pair(self, slots, book):
        """A-01: two therapists and the one room for couples."""
        assert slots(variation="couples-60")["days"][0]["slots"][0]["therapists"] == ["anna", "ben"]

        book(therapist="anna")

        assert "10:00" not in clock_times(slots(variation="couples-60"))


class TestANamedTherapistOfAPair:
    def test_is_part_of_each_pair_offered(self, slots):
        assert clock_times(slots(variation="couples-60", therapist="anna"))[0] == "09:00"

    def test_is_in_the_visit_that_is_booked(self, house, book):
        """Two others come first and are as free, and Ben was asked for."""
        for slug in ("aaron", "abel"):
            factories.works(factories.therapist(slug, house.couples.service), house.harbour)

        booked = book(variation="couples-60", therapist="ben")

        assert "ben" in booked["therapists"]
        assert len(booked["therapists"]) == 2

    def test_who_has_no_such_skill_makes_none(self, house, slots, api, wish):
        factories.works(factories.therapist("carl", house.swedish), house.harbour)

        assert slots(variation="couples-60", therapist="carl")["reason"] == "no-therapist"
        answer = api.post("appointments/", wish(variation="couples-60", therapist="carl"))
        assert is_problem(answer, 409, "not-offered")
        assert answer.json()["reasons"] == ["no-skill"]


class TestTheReason:
    def test_is_closed_when_nobody_works(self, slots, house):
        shut(house.harbour, "00:00", "23:59")

        assert slots()["reason"] == "closed"
        assert starts_of(slots()) == []

    def test_is_fully_booked_when_others_were_faster(self, slots, house, book):
        WeeklyHours.objects.update(opens=time(10), closes=time(11))
        book(therapist="anna")
        book(therapist="ben", client=factories.guest("Sam Okoro", "sam@example.com"))

        assert slots()["reason"] == "fully-booked"

    def test_is_too_soon_within_the_notice(self, slots):
        assert slots(**{"from": NOW.date(), "until": NOW.date()})["reason"] is None
        assert slots(**{"from": "2026-11-20", "until": "2026-11-22"})["reason"] == "too-soon"

    def test_is_too_far_beyond_the_horizon(self, slots):
        assert slots(**{"from": "2027-02-22", "until": "2027-02-25"})["reason"] == "too-far"
        assert slots(**{"from": "2027-02-21", "until": "2027-02-21"})["reason"] is None

    def test_is_no_therapist_without_the_skill(self, slots, house):
        house.ben.skills.clear()
        house.anna.skills.remove(house.couples.service)

        assert slots(variation="couples-60")["reason"] == "no-therapist"
        assert slots(gender="male")["reason"] == "no-therapist"

    def test_is_no_therapist_when_one_of_two_is_missing(self, slots, house):
        house.ben.skills.clear()

        assert slots(variation="couples-60")["reason"] == "no-therapist"

    def test_is_no_room_without_one_that_suits(self, slots, house):
        type(house.rooms[1]).objects.filter(slug="suite").update(is_active=False)

        assert slots(variation="couples-60")["reason"] == "no-room"


class TestTimeAway:
    def test_of_a_therapist_takes_theirs(self, slots, house):
        TimeOff.objects.create(therapist=house.anna, start_at=at("09:00"), end_at=at("12:00"))

        assert clock_times(slots(therapist="anna"))[0] == "12:00"
        assert clock_times(slots(therapist="ben"))[0] == "09:00"

    def test_on_one_date_replaces_the_week(self, slots, house):
        DateOverride.objects.create(
            therapist=house.anna, location=house.harbour, on=TUESDAY, opens="14:00", closes="16:00"
        )
        DateOverride.objects.create(therapist=house.ben, location=house.harbour, on=TUESDAY)

        assert clock_times(slots()) == ["14:00", "14:30", "15:00"]

    def test_between_two_spans_is_a_break(self, slots, house):
        WeeklyHours.objects.filter(therapist=house.anna).update(closes=time(12))
        factories.works(house.anna, house.harbour, time(13, 15), time(15))

        assert clock_times(slots(therapist="anna")) == ["09:00", "09:30", "10:00", "10:30", "11:00", "13:15", "13:45"]


class TestAQuery:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"location": ""}, "location"),
            ({"location": "nowhere"}, "location"),
            ({"variation": "nothing"}, "variation"),
            ({"variation": "x" * 51}, "variation"),
            ({"from": "2026-13-01"}, "from"),
            ({"from": "0001-01-01", "until": "0001-01-02"}, "from"),
            ({"from": "9999-12-31", "until": "9999-12-31"}, "from"),
            ({"until": "tomorrow"}, "until"),
            ({"until": "2026-11-30"}, "until"),
            ({"until": "2027-02-01"}, "until"),
            ({"therapist": "a\u2028b"}, "therapist"),
            ({"gender": "any"}, "gender"),
            ({"add_ons": "scalp,foot"}, "add_ons"),
            ({"time_zone": "Mars/Base"}, "time_zone"),
            ({"time_zone": "../etc/passwd"}, "time_zone"),
            ({"instead_of": ""}, "instead_of"),
            ({"ordering": "start"}, "ordering"),
            ({"location__slug": "harbour"}, "location__slug"),
        ],
        ids=str,
    )
    def test_that_is_wrong_names_its_field(self, api, house, change, field):
        """S51: no other filters and no orderings than those we list."""
        query = {"location": "harbour", "variation": "swedish-60", "from": TUESDAY, "until": TUESDAY}

        answer = api.get("slots/", query | change)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}

    @pytest.mark.parametrize("field", ["location", "variation", "from", "until"])
    def test_that_lacks_a_field_names_it(self, api, house, field):
        query = {"location": "harbour", "variation": "swedish-60", "from": TUESDAY, "until": TUESDAY}
        del query[field]

        answer = api.get("slots/", query)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}

    def test_of_62_days_is_the_longest(self, slots):
        assert len(slots(until=TUESDAY + timedelta(days=61))["days"]) == 62


class TestTheCost:
    """L-01, L-02: the number of statements grows with neither therapists nor days nor bookings."""

    def statements(self, slots, django_assert_max_num_queries, **changes):
        with django_assert_max_num_queries(4) as captured:
            slots(**changes)
        return len(captured)

    def test_is_the_same_for_a_day_and_two_months(self, slots, django_assert_max_num_queries):
        one = self.statements(slots, django_assert_max_num_queries)
        many = self.statements(slots, django_assert_max_num_queries, until=TUESDAY + timedelta(days=61))

        assert one == many

    def test_is_the_same_for_two_therapists_and_twenty(self, slots, house, book, django_assert_max_num_queries):
        two = self.statements(slots, django_assert_max_num_queries)
        for number in range(18):
            factories.works(factories.therapist(f"t{number}", house.swedish), house.harbour)
            factories.room(f"r{number}", house.harbour)
        for number in range(10):
            book(client=factories.guest(email=f"kim{number}@example.com"))

        assert self.statements(slots, django_assert_max_num_queries) == two


class TestSlotsInsteadOf:
    def test_count_the_appointments_own_time_as_free(self, slots, kim, booked):
        found = slots(kim, therapist=booked["therapists"][0], instead_of=booked["reference"])

        assert {"10:00", "10:30"} <= set(clock_times(found))

    def test_of_a_stranger_are_not_found(self, api, house, booked):
        """S01: neither without a link nor with another's."""
        query = {"location": "harbour", "variation": "swedish-60", "from": TUESDAY, "until": TUESDAY}

        known = api.get("slots/", query | {"instead_of": booked["reference"]})
        never = api.get("slots/", query | {"instead_of": "ZZZZZZZZZZ"})

        assert is_problem(known, 404, "not-found")
        assert known.content == never.content

    def test_can_all_be_moved_to(self, house, slots, book):
        """L-04: a wish for a therapist's gender holds for the move too, so no other start may be shown."""
        TimeOff.objects.create(therapist=house.anna, start_at=at("12:00"), end_at=at("18:00"))
        done = book(gender="female")
        kim = Caller(Authorization=f"Link {done['token']}")

        for start in starts_of(slots(kim, instead_of=done["reference"]))[:12]:
            answer = kim.post(f"appointments/{done['reference']}/reschedule/", {"start": start})
            assert answer.status_code == 200, (start, answer.content)
