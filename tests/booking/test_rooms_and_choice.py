"""Who serves and where, when the client leaves it to the studio; and who does when they do not."""

from datetime import timedelta

import pytest

from booking.models import Appointment, Assignment, Room, Service
from notifications.models import Message
from tests import factories
from tests.booking.caller import is_problem, starts_of
from tests.factories import TUESDAY, at, guest

ROBIN = {"name": "Robin Weiss", "email": "robin@example.com"}


@pytest.fixture
def guests():
    """Another guest each time."""
    numbers = iter(range(1000))
    return lambda: guest(f"Kim {chr(65 + next(numbers))}", f"kim{next(numbers)}@example.com")


@pytest.fixture
def served(book, guests):
    """Book it for somebody new and return who serves, or where."""

    def served(what="therapists", **wishes):
        found = book(client=guests(), **wishes)[what]
        return found[0] if what == "therapists" and len(found) == 1 else found

    return served


@pytest.fixture
def carl(house):
    """A third therapist, who can do all that the others can."""
    carl = factories.therapist("carl", house.swedish, house.couples.service, gender="male")
    factories.works(carl, house.harbour)
    return carl


class TestACouple:
    def test_gets_two_of_those_who_can_and_the_room_for_two(self, house, carl, served):
        """A-01: the one without the skill is free as well, and first of all."""
        factories.works(factories.therapist("aaron", house.swedish), house.harbour)

        assert served(variation="couples-60") == ["anna", "ben"]
        assert Appointment.objects.get().room.slug == "suite"

    def test_is_not_two_couples_in_one_room(self, house, api, carl, served, wish, guests, slots):
        """A-01, S35: there are therapists left, and no second room for two."""
        factories.works(factories.therapist("dora", house.couples.service), house.harbour)
        served(variation="couples-60")

        refused = api.post("appointments/", wish(variation="couples-60", client=guests()))

        assert is_problem(refused, 409, "slot-taken")
        assert at("10:00") not in starts_of(slots(variation="couples-60"))

    def test_occupies_both_therapists(self, house, served, api, wish, guests, slots):
        """A-02: the second one's diary, too, by the same visit; and until it is cleaned up."""
        served(variation="couples-60")

        assert set(Assignment.objects.values_list("therapist__slug", flat=True)) == {"anna", "ben"}
        assert Appointment.objects.count() == 1
        for therapist in ("anna", "ben"):
            free = starts_of(slots(therapist=therapist))
            assert not {at("10:00"), at("11:00")} & set(free)
            assert at("11:30") in free
            refused = api.post("appointments/", wish(therapist=therapist, start=at("10:30"), client=guests()))
            assert is_problem(refused, 409, "slot-taken")

    def test_is_one_visit_whose_clean_up_keeps_neither_of_them_out(self, served):
        """U-09: two people in one session are one appointment, with one clean-up after both."""
        served(variation="couples-60")

        rows = Assignment.objects.values_list("occupied", "after_minutes")
        assert len(set(rows)) == 1

    def test_tells_the_partner_by_their_own_mail(self, book):
        book(variation="couples-60", partner=ROBIN)

        assert set(Message.objects.values_list("recipient", flat=True)) == {"client", "partner"}

    def test_moves_as_one(self, house, book, desk, slots):
        reference = book(variation="couples-60")["reference"]

        moved = desk.post(f"appointments/{reference}/reschedule/", {"start": at("14:00")}).json()

        assert (moved["therapists"], moved["room"]) == (["anna", "ben"], "suite")
        assert at("10:00") in starts_of(slots(variation="couples-60"))
        assert at("14:00") not in starts_of(slots(therapist="ben"))


class TestWishesOfTwo:
    @pytest.mark.parametrize(
        ("wishes", "who"),
        [
            ({}, ["anna", "ben"]),
            ({"gender": "male"}, ["anna", "ben"]),
            ({"gender": "male", "partner_gender": "male"}, ["ben", "carl"]),
            ({"gender": "female", "partner_gender": "male"}, ["anna", "ben"]),
            ({"gender": "male", "partner_gender": "female"}, ["anna", "ben"]),
            ({"therapist": "carl"}, ["anna", "carl"]),
            ({"therapist": "carl", "partner_gender": "male"}, ["ben", "carl"]),
        ],
    )
    def test_are_each_persons_own(self, house, carl, served, wishes, who):
        assert sorted(served(variation="couples-60", **wishes)) == who

    @pytest.mark.parametrize(
        "wishes",
        [
            {"gender": "female", "partner_gender": "female"},
            {"gender": "other"},
            {"partner_gender": "other"},
            {"therapist": "ben", "gender": "female", "partner_gender": "female"},
        ],
    )
    def test_that_nobody_fills_are_not_offered(self, house, api, wish, slots, wishes):
        """H-05: an empty answer says why."""
        assert slots(variation="couples-60", **wishes)["reason"] is not None
        assert starts_of(slots(variation="couples-60", **wishes)) == []
        assert is_problem(api.post("appointments/", wish(variation="couples-60", **wishes)), 409, "not-offered")

    def test_list_only_who_is_part_of_a_pair(self, house, carl, slots):
        """Anna has no partner when both are to be men."""
        answer = slots(variation="couples-60", gender="male", partner_gender="male")

        assert {tuple(slot["therapists"]) for day in answer["days"] for slot in day["slots"]} == {("ben", "carl")}


class TestNoRoom:
    def test_is_no_visit(self, house, api, wish, slots):
        """A-04: both therapists are free, and H-05: the reason says what is missing."""
        Room.objects.all().delete()

        answer = slots()
        assert (starts_of(answer), answer["reason"]) == ([], "no-room")
        refused = api.post("appointments/", wish())
        assert is_problem(refused, 409, "not-offered")
        assert refused.json()["reasons"] == ["wrong-room"]

    def test_is_free_when_others_are_in_it(self, house, served, slots, api, wish, guests):
        """A-04."""
        house.rooms[1].delete()
        served()

        assert at("10:00") not in starts_of(slots())
        assert is_problem(api.post("appointments/", wish(client=guests())), 409, "slot-taken")

    def test_is_needed_at_the_clients_place(self, house, served, slots):
        """A-04: an outcall."""
        Room.objects.all().delete()
        Service.objects.update(needs_room=False)

        assert at("10:00") in starts_of(slots())
        assert served("room") is None
        assert served("room") is None
        assert at("10:00") not in starts_of(slots())  # now both are out


class TestTheRoom:
    def test_for_two_is_kept_for_two(self, served):
        """The plain room first; the scarce one when there is no other."""
        assert [served("room"), served("room")] == ["blue", "suite"]

    def test_is_where_the_therapist_usually_works(self, house, served):
        house.rooms[1].usual_for.add(house.ben)

        assert [served("room", therapist="ben"), served("room", therapist="anna")] == ["suite", "blue"]

    def test_that_somebody_else_works_in_is_left_to_them(self, house, served):
        house.rooms[0].usual_for.add(house.ben)
        factories.room("green", house.harbour)

        assert [served("room", therapist="anna"), served("room", therapist="ben")] == ["green", "blue"]

    def test_has_what_the_service_needs(self, house, served, slots):
        Service.objects.filter(slug="swedish").update(room_features=["couples"])

        assert served("room") == "suite"
        assert at("10:00") not in starts_of(slots())


class TestTheTherapist:
    def test_is_who_has_least_to_do_that_day(self, served):
        served(therapist="anna", start=at("14:00"))

        assert served() == "ben"

    def test_is_who_was_booked_longest_ago_when_days_are_even(self, served):
        """Fairness goes round over days, whoever comes first in the alphabet."""
        days = [TUESDAY + timedelta(days=n) for n in range(4)]

        assert [served(start=at("10:00", on=day)) for day in days] == ["anna", "ben", "anna", "ben"]

    def test_is_the_same_for_the_same_question(self, hold, api):
        found = []
        for _ in range(3):
            kept = hold()
            found += kept["therapists"]
            api.send("DELETE", f"holds/{kept['token']}/")

        assert found == ["anna"] * 3

    def test_beside_one_asked_for_by_name_takes_turns(self, house, carl, served):
        """A-06: anna is always there, and the others take turns at her side."""
        days = [TUESDAY + timedelta(days=n) for n in range(4)]
        teams = [served(variation="couples-60", therapist="anna", start=at("10:00", on=day)) for day in days]

        assert [sorted(team) for team in teams] == [["anna", "ben"], ["anna", "carl"]] * 2

    def test_asked_for_by_name_is_remembered(self, house, book, desk):
        """A move keeps them, and is refused when they have no time then."""
        mine = book(therapist="ben")
        book(therapist="ben", start=at("14:00"), client=ROBIN)
        path = f"appointments/{mine['reference']}/reschedule/"

        assert mine["requested_therapist"] is True
        assert is_problem(desk.post(path, {"start": at("14:00")}), 409, "slot-taken")
        moved = desk.post(path, {"start": at("12:00")}).json()
        assert (moved["therapists"], moved["requested_therapist"]) == (["ben"], True)

    def test_whom_nobody_asked_for_may_be_another_after_a_move(self, house, book, desk):
        mine = book()
        book(therapist="anna", start=at("14:00"), client=ROBIN)

        moved = desk.post(f"appointments/{mine['reference']}/reschedule/", {"start": at("14:00")}).json()

        assert (moved["therapists"], moved["requested_therapist"]) == (["ben"], False)

    @pytest.mark.parametrize(("gender", "who"), [("female", "anna"), ("male", "ben")])
    def test_is_of_the_gender_asked_for(self, served, gender, who):
        assert served(gender=gender) == who
        assert Appointment.objects.get().requested_gender == gender
