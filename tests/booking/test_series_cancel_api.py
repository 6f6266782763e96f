"""Cancelling one visit of a series, or this and the later ones; until when, and by whose link."""

from datetime import datetime, timedelta

import pytest

from booking.models import Appointment
from notifications.models import Message
from tests.booking.caller import Caller, is_problem, row_counts
from tests.booking.weeks import LATER, on, times
from tests.factories import NOW, guest


class TestTheDeadline:
    """C-06: elapsed time, each visit by its own."""

    @pytest.mark.parametrize(("ahead", "status"), [(timedelta(hours=24), 200), (timedelta(hours=23, minutes=59), 409)])
    @pytest.mark.parametrize("how", ["reschedule", "cancel"])
    def test_binds_the_client(self, change, clock, ahead, status, how):
        clock.move_to(datetime.fromisoformat(on(2)) - ahead)
        body = {"start": on(2, "14:00")} if how == "reschedule" else {}

        answer = change(2, how, body | LATER)

        assert answer.status_code == status
        if status == 409:
            assert is_problem(answer, 409, "too-late")
            assert "+49 40 1234567" in answer.json()["detail"]
            assert [one["start"] for one in answer.json()["occurrences"]] == [on(2)]
            assert times() == [on(week) for week in range(6)]

    def test_of_a_later_visit_counts_too(self, change, clock):
        """One that was moved close to the first, and has a longer deadline of its own."""
        Appointment.objects.filter(start_at=datetime.fromisoformat(on(3))).update(change_deadline_minutes=60 * 24 * 30)
        clock.move_to(datetime.fromisoformat(on(2)) - timedelta(days=2))

        answer = change(2, "cancel", LATER)

        assert is_problem(answer, 409, "too-late")
        assert [one["start"] for one in answer.json()["occurrences"]] == [on(3)]
        assert len(times()) == 6

    def test_does_not_bind_the_desk(self, change, desk, clock):
        clock.move_to(datetime.fromisoformat(on(2)) - timedelta(hours=1))

        assert change(2, "cancel", LATER, caller=desk).status_code == 200
        found = Appointment.objects.filter(status="cancelled").order_by("start_at").values_list("late", flat=True)
        assert list(found) == [True, False, False, False]


class TestCancellingOne:
    def test_leaves_the_others(self, change):
        assert change(2, "cancel").status_code == 200
        assert times() == [on(week) for week in (0, 1, 3, 4, 5)]


class TestCancellingThisAndLater:
    def test_frees_their_times(self, change, book):
        answer = change(2, "cancel", {"reason": "We are moving away."} | LATER)

        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert times() == [on(0), on(1)]
        assert set(Appointment.objects.filter(status="cancelled").values_list("cancel_reason", flat=True)) == {
            "We are moving away."
        }
        book(client=guest("Sam", "sam@example.net"), start=on(5), therapist="anna")

    def test_is_told_in_one_mail(self, change):
        Message.objects.all().delete()

        change(2, "cancel", LATER)

        assert Message.objects.get().kind == "cancelled"

    def test_twice_does_it_once(self, change):
        change(2, "cancel", LATER)
        before = row_counts()

        answer = change(2, "cancel", LATER, If_Match='"1"')

        assert (answer.status_code, answer.json()["version"]) == (200, 2)
        assert row_counts() == before

    def test_after_one_was_cancelled_alone_takes_the_rest(self, change):
        change(2, "cancel")

        assert change(2, "cancel", LATER).status_code == 200
        assert times() == [on(0), on(1)]
        assert Message.objects.filter(kind="cancelled").count() == 2

    def test_of_a_visit_that_is_over_is_refused(self, change, visits):
        Appointment.objects.filter(reference=visits[2]["reference"]).update(status="fulfilled")

        assert is_problem(change(2, "cancel", LATER), 409, "wrong-state")
        assert len(times()) == 6

    def test_without_a_series_cancels_one(self, book, booked, kim):
        book(start=on(1))

        assert kim.post(f"appointments/{booked['reference']}/cancel/", LATER).status_code == 200
        assert times() == [on(1)]


class TestALink:
    def test_opens_its_own_visit_only(self, change, visits):
        """S01: the holder may change the later ones together with their own, never one of them by itself."""
        kim = Caller(Authorization=f"Link {visits[0]['token']}")

        for how, body in (("reschedule", {"start": on(1, "14:00")}), ("cancel", {}), ("cancel", LATER)):
            assert is_problem(change(1, how, body, caller=kim), 404, "not-found")

    def test_changes_no_visit_that_the_desk_gave_to_somebody_else(self, change):
        """The same series, but another client by now."""
        last = Appointment.objects.latest("start_at")
        last.client = type(last.client).objects.create(name="Sam", email="sam@example.net", created_at=NOW)
        last.save()

        change(3, "cancel", LATER)

        assert times() == [on(0), on(1), on(2), on(5)]
