"""Moving the visits that an absence lies over: as the desk says, or to the best place for each, in one action."""

from datetime import date, time, timedelta

import pytest

from booking.models import Appointment, WeeklyHours
from notifications.models import Message
from tests import factories
from tests.booking.caller import is_problem
from tests.factories import NOW, at

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}
LEE = {"name": "Lee Park", "email": "lee@example.com"}
WEDNESDAY = date(2026, 12, 2)


class TestMovingThemByName:
    def test_is_one_action_and_each_client_is_told(self, annas, book, away, desk):
        sams = book(client=SAM, start=at("12:00"), therapist="anna")
        done = away()
        moves = [
            {"appointment": annas["reference"], "therapist": "ben"},
            {"appointment": sams["reference"], "start": at("12:00", on=WEDNESDAY)},
        ]

        answer = desk.post(f"time-off/{done['reference']}/move/", {"moves": moves}).json()

        assert [(one["appointment"], one["therapists"], one["start"]) for one in answer["moved"]] == [
            (annas["reference"], ["ben"], at("10:00")),
            (sams["reference"], ["anna"], at("12:00", on=WEDNESDAY)),
        ]
        assert answer["left"] == []
        assert set(Message.objects.filter(kind="rescheduled").values_list("appointment__reference", flat=True)) == {
            annas["reference"],
            sams["reference"],
        }
        assert desk.get(f"time-off/{done['reference']}/affected/").json()["affected"] == []

    def test_moves_all_of_them_or_none(self, annas, book, away, desk):
        sams = book(client=SAM, start=at("12:00"), therapist="anna")
        done = away()
        before = list(Appointment.objects.order_by("pk").values())
        moves = [
            {"appointment": annas["reference"], "therapist": "ben"},
            {"appointment": sams["reference"], "start": at("12:10", on=WEDNESDAY)},
        ]

        answer = desk.post(f"time-off/{done['reference']}/move/", {"moves": moves})

        assert is_problem(answer, 409, "not-offered")
        assert sams["reference"] in answer.json()["detail"]
        assert list(Appointment.objects.order_by("pk").values()) == before
        assert not Message.objects.filter(kind="rescheduled").exists()

    def test_of_a_substitute_is_not_what_the_client_asked_for(self, book, away, desk):
        annas = book(therapist="anna")
        move = {"moves": [{"appointment": annas["reference"], "therapist": "ben"}]}

        desk.post(f"time-off/{away()['reference']}/move/", move)

        present = desk.get(f"appointments/{annas['reference']}/").json()
        assert (present["therapists"], present["requested_therapist"]) == (["ben"], False)
        assert present["history"][-1]["by"] == "desk app"

    @pytest.mark.parametrize(
        "move",
        [{"start": at("10:00")}, {"therapist": "anna"}, {}, {"appointment": "ZZZZZZZZZZ", "therapist": "ben"}],
        ids=str,
    )
    def test_refuses_what_would_move_nothing(self, annas, away, desk, move):
        answer = desk.post(
            f"time-off/{away()['reference']}/move/", {"moves": [{"appointment": annas["reference"], **move}]}
        )

        assert is_problem(answer, 400, "invalid")
        assert Appointment.objects.get().version == 1

    @pytest.mark.parametrize("body", [{}, {"moves": []}, {"automatic": False}, {"automatic": True, "moves": []}])
    def test_says_what_it_wants_to_hear(self, annas, away, desk, body):
        assert is_problem(desk.post(f"time-off/{away()['reference']}/move/", body), 400, "invalid")


class TestMovingThemAutomatically:
    def move(self, desk, done):
        answer = desk.post(f"time-off/{done['reference']}/move/", {"automatic": True})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def test_keeps_the_time_when_somebody_else_is_free(self, annas, away, desk):
        moved = self.move(desk, away())["moved"]

        assert [(one["therapists"], one["start"]) for one in moved] == [(["ben"], at("10:00"))]

    def test_takes_the_nearest_time_otherwise(self, annas, book, away, desk):
        """Ben is busy at ten, and free after his clean-up."""
        book(client=LEE, therapist="ben")

        moved = self.move(desk, away())["moved"]

        assert [(one["therapists"], one["start"]) for one in moved] == [(["ben"], at("11:30"))]

    def test_gives_no_time_twice(self, annas, book, house, away, desk):
        """Ben begins at noon: both want the first hour of his, and the second of them looks again."""
        WeeklyHours.objects.filter(therapist=house.ben).update(opens=time(12))
        sams = book(client=SAM, start=at("11:30"))

        moved = self.move(desk, away(until=at("18:00")))["moved"]

        assert [(one["appointment"], one["start"]) for one in moved] == [
            (annas["reference"], at("12:00")),
            (sams["reference"], at("13:30")),
        ]

    def test_leaves_those_who_asked_by_name_for_the_desk(self, book, away, desk):
        annas = book(therapist="anna")

        answer = self.move(desk, away())

        assert answer["moved"] == []
        assert [(one["appointment"], one["code"]) for one in answer["left"]] == [(annas["reference"], "not-offered")]
        assert "by name" in answer["left"][0]["detail"]
        assert Appointment.objects.get().version == 1

    def test_leaves_what_has_begun(self, annas, desk, away, clock):
        clock.move_to(NOW + timedelta(days=8, hours=1, minutes=30))

        answer = self.move(desk, away())

        assert (answer["moved"], answer["left"][0]["code"]) == ([], "wrong-state")

    def test_leaves_whom_nobody_can_see_within_two_weeks(self, annas, house, desk, away):
        house.ben.is_active = False
        house.ben.save()
        done = away(**{"from": "2026-11-23T00:00:00+01:00", "until": "2026-12-31T00:00:00+01:00"})

        answer = self.move(desk, done)

        assert (answer["moved"], answer["left"][0]["code"]) == ([], "not-offered")

    def test_passes_over_a_time_at_which_the_client_is_elsewhere(self, annas, book, house, away, desk):
        """B-12: Kim is with Carl from half past eleven; the constraint says no, and the next time is tried."""
        book(client=LEE, therapist="ben")
        factories.works(factories.therapist("carl", house.swedish), house.harbour, time(11, 30), time(13))
        book(start=at("11:30"), therapist="carl")

        moved = self.move(desk, away())["moved"]

        assert [(one["appointment"], one["start"]) for one in moved] == [(annas["reference"], at("12:30"))]
