"""The day itself: the client comes, or does not, and the desk marks it."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.models import Appointment, HistoryEntry, Service
from tests.booking.caller import is_problem, row_counts, starts_of
from tests.factories import at, guest

SAM = guest("Sam Okoro", "sam@example.com")
START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 12, 1, 23, 0, tzinfo=UTC)  # in Berlin
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def reference(booked):
    return booked["reference"]


@pytest.fixture
def step(desk, reference):
    def step(word, to=reference, headers=None, **body):
        return desk.post(f"appointments/{to}/{word}/", body, **(headers or {}))

    return step


@pytest.fixture
def on_the_day(clock, booked):
    clock.move_to(START + 5 * MINUTE)


def status_of(reference: str) -> str:
    return Appointment.objects.get(reference=reference).status


class TestCheckingIn:
    @pytest.mark.parametrize("moment", [START - timedelta(hours=12), START, MIDNIGHT - SECOND], ids=str)
    def test_is_for_the_day_of_the_visit(self, step, clock, moment):
        clock.move_to(moment)

        done = step("check-in")

        assert (done.status_code, done["ETag"], done.json()["status"]) == (200, '"2"', "arrived")
        assert Appointment.objects.get().sequence == 0  # calendars need not know

    @pytest.mark.parametrize("moment", [START - timedelta(hours=12) - SECOND, MIDNIGHT], ids=str)
    def test_is_refused_on_other_days(self, step, clock, reference, moment):
        clock.move_to(moment)

        assert is_problem(step("check-in"), 409, "wrong-state")
        assert status_of(reference) == "booked"

    def test_is_for_who_walked_in(self, desk, wish, step, clock):
        """A walk-in has no client and no address; nobody is told, and everything else is the same."""
        clock.move_to(START - timedelta(hours=3))
        made = desk.post("appointments/", wish(client=None, source="walk-in", start=at("14:00"))).json()

        found = [step(word, to=made["reference"]).json() for word in ("check-in", "complete")]

        assert [one["status"] for one in found] == ["arrived", "fulfilled"]
        assert (found[-1]["client"], found[-1]["source"]) == (None, "walk-in")

    def test_is_not_for_a_request(self, step, reference):
        Appointment.objects.update(status="pending")

        refused = step("check-in")

        assert is_problem(refused, 409, "wrong-state")
        assert "Confirm or decline" in refused.json()["detail"]


class TestCompleting:
    def test_follows_checking_in(self, step, on_the_day, slots):
        step("check-in")

        done = step("complete")

        assert (done.json()["status"], done.json()["version"]) == ("fulfilled", 3)
        assert Appointment.objects.get().blocks  # what has been, has been

    def test_of_who_was_not_checked_in_is_refused(self, step, on_the_day):
        refused = step("complete")

        assert is_problem(refused, 409, "wrong-state")
        assert "checked in" in refused.json()["detail"]


class TestANoShow:
    """C-04."""

    @pytest.mark.parametrize("moment", [START, START + timedelta(days=3)], ids=str)
    def test_is_marked_from_the_start_on(self, step, clock, moment):
        clock.move_to(moment)

        assert step("no-show").json()["status"] == "noshow"

    def test_is_not_known_before_the_start(self, step, clock, reference):
        clock.move_to(START - SECOND)

        refused = step("no-show")

        assert is_problem(refused, 409, "wrong-state")
        assert "cancel" in refused.json()["detail"]
        assert status_of(reference) == "booked"

    def test_frees_the_time_that_is_left(self, book, step, slots, clock):
        long = book(variation="swedish-90", start=at("12:00"), therapist="anna", client=SAM)["reference"]
        Service.objects.update(notice_minutes=0)
        clock.move_to(START + timedelta(hours=2, minutes=10))
        assert at("12:30") not in starts_of(slots(therapist="anna"))

        step("no-show", to=long)

        assert at("12:30") in starts_of(slots(therapist="anna"))

    def test_is_not_who_was_here(self, step, on_the_day, reference):
        step("check-in")

        assert is_problem(step("no-show"), 409, "wrong-state")
        assert status_of(reference) == "arrived"


class TestAVisitThatIsPast:
    """C-04: no move; the desk may mark a no-show or a late cancel."""

    def test_is_not_moved(self, step, on_the_day):
        assert is_problem(step("reschedule", start=at("15:00")), 409, "wrong-state")

    def test_is_cancelled_by_the_desk_as_late(self, step, clock):
        clock.move_to(START + timedelta(days=2))

        assert (step("cancel").json()["status"], Appointment.objects.get().late) == ("cancelled", True)

    @pytest.mark.parametrize("words", [["check-in"], ["check-in", "complete"], ["no-show"]], ids=str)
    def test_that_was_marked_is_not_cancelled(self, step, on_the_day, words):
        for word in words:
            assert step(word).status_code == 200

        assert is_problem(step("cancel"), 409, "wrong-state")


class TestAStep:
    @pytest.mark.parametrize(
        ("words", "action", "event"),
        [(["check-in"], "checked-in", 1), (["check-in", "complete"], "completed", 0), (["no-show"], "no-show", 1)],
        ids=lambda value: str(value),
    )
    def test_twice_answers_twice_and_does_it_once(self, step, on_the_day, words, action, event):
        for word in words:
            first = step(word).json()
        before = row_counts()

        again = step(words[-1], headers={"If_Match": '"1"'})

        assert (again.status_code, again.json()) == (200, first)
        assert row_counts() == before
        assert HistoryEntry.objects.filter(action=action).count() == 1

    @pytest.mark.parametrize("word", ["check-in", "no-show"])
    def test_names_an_older_version(self, step, on_the_day, word):
        assert is_problem(step(word, headers={"If_Match": '"7"'}), 412, "stale")
        assert step(word, headers={"If_Match": '"1"'}).status_code == 200

    @pytest.mark.parametrize("word", ["check-in", "complete", "no-show", "undo", "confirm"])
    def test_takes_no_field(self, step, on_the_day, word):
        refused = step(word, status="fulfilled")

        assert is_problem(refused, 400, "invalid")
        assert set(refused.json()["errors"]) == {"status"}

    def test_needs_no_body(self, desk, reference, on_the_day):
        assert desk.send("POST", f"appointments/{reference}/check-in/").status_code == 200
