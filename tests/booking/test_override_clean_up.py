"""Clean-up that the desk cuts: as much as a visit needs and no more, with a line in the neighbour's history."""

from datetime import UTC, datetime, timedelta

import pytest

from booking import errors, queries
from booking.access import staff
from booking.actions.override import Override, make_way, place_anyway
from booking.models import Appointment, HistoryEntry
from notifications.models import Message
from tests import factories
from tests.booking.caller import is_problem
from tests.factories import NOW, at, guest
from tests.races.overlaps import overlapping_pairs

SAM = guest("Sam Okoro", "sam@example.com")
CUT = {"override": {"rules": ["clean-up"], "reason": "Two friends in a row"}}


@pytest.fixture
def squeeze(desk, wish):
    """Book anna for Sam, whatever clean-up is in the way."""

    def squeeze(start, **changes):
        return desk.post("appointments/", wish(start=at(start), therapist="anna", client=SAM, **changes) | CUT)

    return squeeze


def occupied(reference):
    """Return the clock times between which its therapist and room are occupied, by both tables."""
    row = Appointment.objects.get(reference=reference)
    part = row.assignments.get()
    assert (part.occupied, part.blocks) == (row.occupied, True)
    minute = timedelta(minutes=1)
    assert part.before_minutes == (row.start_at - row.occupied.lower) // minute
    assert part.after_minutes == (row.occupied.upper - row.end_at) // minute
    return tuple(f"{bound + timedelta(hours=1):%H:%M}" for bound in (row.occupied.lower, row.occupied.upper))


@pytest.fixture
def prepared(house):
    """An hour of Swedish needs ten minutes before, too."""
    house.hour.clean_up_before_minutes = 10
    house.hour.save()
    house.swedish.step_minutes = 5
    house.swedish.save()


class TestTheOneBefore:
    def test_gives_its_clean_up_to_the_visit(self, book, squeeze):
        before = book(therapist="anna", start=at("10:00"))["reference"]

        after = squeeze("11:00").json()

        assert (occupied(before), occupied(after["reference"])) == (("10:00", "11:00"), ("11:00", "12:15"))
        assert after["overridden"] == ["clean-up"]

    def test_has_it_in_its_history_and_tells_nobody(self, book, squeeze, desk):
        before = book(therapist="anna", start=at("10:00"))["reference"]
        squeeze("11:00", notify=False)

        body = desk.get(f"appointments/{before}/").json()
        entry = body["history"][-1]
        assert (entry["action"], entry["by"], body["version"]) == ("clean-up-cut", "desk app", 2)
        assert entry["before"] == {"occupied_until": at("11:15")}
        assert entry["after"] == {"occupied_until": at("11:00")}
        assert list(Message.objects.values_list("kind", flat=True)) == ["confirmation"]
        assert Appointment.objects.get(reference=before).sequence == 0

    def test_keeps_its_visit(self, book, squeeze):
        book(therapist="anna", start=at("10:00"))

        assert is_problem(squeeze("10:30"), 409, "slot-taken")
        assert not HistoryEntry.objects.filter(action="clean-up-cut").exists()

    def test_keeps_what_the_visit_does_not_need(self, prepared, book, squeeze):
        """The newcomer's own clean-up gives way first."""
        before = book(therapist="anna", start=at("10:00"))["reference"]

        after = squeeze("11:20").json()["reference"]

        assert (occupied(before), occupied(after)) == (("09:50", "11:15"), ("11:15", "12:35"))
        assert not HistoryEntry.objects.filter(action="clean-up-cut").exists()


class TestTheOneAfter:
    def test_leaves_no_room_for_clean_up(self, book, squeeze):
        after = book(therapist="anna", start=at("12:00"))["reference"]

        before = squeeze("11:00").json()["reference"]

        assert (occupied(before), occupied(after)) == (("11:00", "12:00"), ("12:00", "13:15"))
        assert not HistoryEntry.objects.filter(action="clean-up-cut").exists()

    def test_gives_its_own_when_the_visit_needs_it(self, prepared, book, squeeze):
        after = book(therapist="anna", start=at("12:00"))["reference"]

        before = squeeze("11:00").json()["reference"]

        assert (occupied(before), occupied(after)) == (("10:50", "12:00"), ("12:00", "13:15"))
        assert HistoryEntry.objects.filter(action="clean-up-cut", appointment__reference=after).count() == 1


class TestBothSides:
    def test_give_way_at_once(self, prepared, book, squeeze):
        neighbours = [book(therapist="anna", start=at(start))["reference"] for start in ("10:00", "12:00")]

        middle = squeeze("11:00").json()["reference"]

        assert occupied(middle) == ("11:00", "12:00")
        assert [occupied(one) for one in neighbours] == [("09:50", "11:00"), ("12:00", "13:15")]

    def test_of_a_room_give_way_too(self, house, book, desk, wish):
        """The therapist is another one: only the room was being cleaned."""
        house.rooms[1].delete()
        before = book(therapist="ben", start=at("10:00"))["reference"]
        asked = wish(start=at("11:00"), therapist="anna", client=SAM)

        assert is_problem(desk.post("appointments/", asked), 409, "slot-taken")
        assert desk.post("appointments/", asked | CUT).json()["room"] == "blue"
        assert occupied(before) == ("10:00", "11:00")

    def test_stay_whole_when_a_visit_is_moved_between_its_own(self, booked, desk):
        """It is no neighbour of itself."""
        moved = desk.post(
            f"appointments/{booked['reference']}/reschedule/", {"start": at("11:00"), "therapist": "anna"} | CUT
        )

        assert moved.status_code == 200
        assert occupied(booked["reference"]) == ("11:00", "12:15")
        assert [entry["action"] for entry in moved.json()["history"]] == ["booked", "rescheduled"]


class TestAHold:
    def test_beside_it_gives_way_without_history(self, hold, squeeze, api):
        """A hold has no history; with one it could never be given back."""
        token = hold(therapist="anna")["token"]

        assert squeeze("11:00").status_code == 201
        answer = api.post("appointments/", {"hold": token, "client": guest()})

        assert answer.status_code == 201
        assert occupied(answer.json()["reference"]) == ("10:00", "11:00")

    def test_beside_it_can_be_given_back(self, hold, squeeze, api):
        token = hold(therapist="anna")["token"]
        squeeze("11:00")

        assert api.send("DELETE", f"holds/{token}/").status_code == 204
        assert overlapping_pairs() == (0, 0)

    def test_that_has_ended_is_no_neighbour(self, hold, squeeze, clock):
        hold(therapist="anna", start=at("12:00"))
        clock.move_to(NOW + timedelta(minutes=10))

        done = squeeze("11:00").json()["reference"]

        assert occupied(done) == ("11:00", "12:15")
        assert Appointment.objects.count() == 1


class TestAVisitFromElsewhere:
    def test_that_came_in_between_is_not_cut(self, house, book):
        """Another location has another lock: after the look its booking may stand where nothing stood."""
        uptown = factories.location("uptown")
        factories.works(house.anna, uptown)
        factories.room("red", uptown)
        wanted = queries.wanted(location="harbour", variation="swedish-60", therapist="anna")
        start = datetime.fromisoformat(at("10:00")).astimezone(UTC)
        override = Override(frozenset({"clean-up"}), "Two friends in a row")
        place, agenda = place_anyway(wanted, start, override=override, now=NOW)
        other = book(therapist="anna", location="uptown", start=at("10:30"))["reference"]

        with pytest.raises(errors.SlotTaken):
            make_way(place, agenda.visit, by=staff("desk"), now=NOW)

        assert occupied(other) == ("10:30", "11:45")
