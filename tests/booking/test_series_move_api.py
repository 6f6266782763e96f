"""Moving one visit of a series, or this and the later ones."""

from datetime import date, datetime, timedelta

import pytest

from booking.models import Appointment, Assignment, Closure, HistoryEntry, Service
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts
from tests.booking.weeks import LATER, on, times
from tests.factories import at, guest


class TestMovingOne:
    @pytest.mark.parametrize("scope", [{}, {"scope": "this"}], ids=str)
    def test_leaves_the_others_and_stays_in_the_series(self, change, series, scope):
        answer = change(1, "reschedule", {"start": on(1, "14:00")} | scope)

        assert answer.status_code == 200
        assert (answer.json()["series"], answer.json()["version"]) == (series["reference"], 2)
        assert times() == [on(0), on(1, "14:00"), *(on(week) for week in (2, 3, 4, 5))]
        assert Appointment.objects.filter(series__reference=series["reference"]).count() == 6


class TestMovingThisAndLater:
    def test_moves_each_by_the_same_difference(self, change):
        answer = change(2, "reschedule", {"start": on(2, "11:30", days=1)} | LATER)

        assert answer.status_code == 200
        assert answer.json()["start"] == on(2, "11:30", days=1)
        assert times() == [on(0), on(1), *(on(week, "11:30", days=1) for week in (2, 3, 4, 5))]

    @pytest.mark.parametrize("interval", [1, -1])
    def test_finds_their_own_old_times_free(self, change, book, interval):
        """A weekly series moves by one week: each new time but one is the old time of a neighbour, whoever else
        is in the house."""
        for week in range(8):
            book(client=guest(f"Sam {week}", f"sam{week}@example.net"), start=on(week), therapist="ben")

        answer = change(2, "reschedule", {"start": on(2 + interval)} | LATER)

        if interval > 0:
            assert answer.status_code == 200, answer.content
            theirs = Appointment.objects.exclude(series=None).order_by("start_at").values_list("wall_start", flat=True)
            assert list(theirs) == [on(week)[:16] for week in (0, 1, 3, 4, 5, 6)]
        else:  # the second visit stays, and it is in the way
            assert is_problem(answer, 409, "slot-taken")

    def test_keeps_the_therapist_of_each(self, change, book):
        before = list(Assignment.objects.order_by("appointment__start_at").values_list("therapist__slug", flat=True))

        change(0, "reschedule", {"start": on(0, "14:00")} | LATER)

        after = Assignment.objects.order_by("appointment__start_at").values_list("therapist__slug", flat=True)
        assert list(after) == before

    def test_keeps_the_distance_of_one_that_was_moved_alone(self, change):
        change(3, "reschedule", {"start": on(3, "12:00")})

        change(2, "reschedule", {"start": on(2, "11:00")} | LATER)

        assert times() == [on(0), on(1), on(2, "11:00"), on(3, "13:00"), on(4, "11:00"), on(5, "11:00")]

    def test_keeps_the_local_time_over_a_clock_change(self, db, api, clock):
        """T-07."""
        factories.house()
        Service.objects.update(horizon_days=365)
        first_on = date(2027, 3, 23)
        body = {"location": "harbour", "variation": "swedish-60", "client": guest(), "start": at("10:00", on=first_on)}
        done = api.post("series/", body | {"repeat": {"every_weeks": 1, "times": 3}}).json()["occurrences"]
        kim = Caller(Authorization=f"Link {done[0]['token']}")

        start = at("13:30", on=first_on - timedelta(days=1))
        kim.post(f"appointments/{done[0]['reference']}/reschedule/", {"start": start} | LATER)

        assert times() == [at("13:30", on=first_on + timedelta(days=7 * week - 1)) for week in range(3)]

    def test_can_be_to_another_therapist_at_the_same_times(self, change, book):
        book(client=guest("Sam", "sam@example.net"), start=on(1, "14:00"), therapist="ben")

        answer = change(1, "reschedule", {"start": on(1), "therapist": "ben"} | LATER)

        assert answer.json()["therapists"] == ["ben"]
        served = (
            Appointment.objects.exclude(series=None).order_by("start_at").values_list("therapists__slug", flat=True)
        )
        assert list(served)[1:] == ["ben"] * 5
        assert Assignment.objects.filter(blocks=False).count() == 0

    def test_to_where_they_are_changes_nothing(self, change):
        before = row_counts()

        answer = change(1, "reschedule", {"start": on(1)} | LATER)

        assert (answer.status_code, answer.json()["version"]) == (200, 1)
        assert row_counts() == before
        assert Appointment.objects.filter(blocks=True).count() == 6

    def test_is_all_or_nothing_and_names_each_conflict(self, change, house):
        shut = datetime.fromisoformat(on(4, "13:00"))
        Closure.objects.create(location=house.harbour, start_at=shut, end_at=shut + timedelta(hours=4))
        before = (row_counts(), list(Appointment.objects.order_by("pk").values()))

        answer = change(2, "reschedule", {"start": on(2, "14:00")} | LATER)

        assert is_problem(answer, 409, "not-offered")
        [conflict] = answer.json()["occurrences"]
        assert (conflict["start"], conflict["problem"]["reasons"]) == (on(4, "14:00"), ["closure"])
        assert (row_counts(), list(Appointment.objects.order_by("pk").values())) == before

    def test_is_told_in_one_mail(self, change):
        """R-09."""
        Message.objects.all().delete()

        change(2, "reschedule", {"start": on(2, "14:00")} | LATER)

        [message] = Message.objects.all()
        assert (message.kind, message.appointment.start_at) == ("rescheduled", datetime.fromisoformat(on(2, "14:00")))

    def test_is_in_the_history_of_each_and_every_calendar_revision(self, change):
        change(3, "reschedule", {"start": on(3, "14:00")} | LATER)

        assert HistoryEntry.objects.filter(action="rescheduled").count() == 3
        found = Appointment.objects.order_by("start_at").values_list("version", "sequence")
        assert list(found) == [(1, 0)] * 3 + [(2, 1)] * 3

    def test_leaves_alone_what_is_cancelled_or_over(self, change, visits):
        change(4, "cancel")
        Appointment.objects.filter(reference=visits[5]["reference"]).update(status="fulfilled")

        change(2, "reschedule", {"start": on(2, "14:00")} | LATER)

        assert times() == [on(0), on(1), on(2, "14:00"), on(3, "14:00"), on(5)]

    def test_without_a_series_moves_one(self, book, api):
        one = book()
        kim = Caller(Authorization=f"Link {one['token']}")

        answer = kim.post(f"appointments/{one['reference']}/reschedule/", {"start": on(0, "14:00")} | LATER)

        assert (answer.status_code, answer.json()["start"]) == (200, on(0, "14:00"))

    def test_of_a_cancelled_visit_is_refused(self, change):
        change(2, "cancel")

        assert is_problem(change(2, "reschedule", {"start": on(2, "14:00")} | LATER), 409, "wrong-state")
        assert times() == [on(week) for week in (0, 1, 3, 4, 5)]

    def test_of_an_older_version_is_stale(self, change):
        change(2, "reschedule", {"start": on(2, "14:00")})

        answer = change(2, "reschedule", {"start": on(2, "15:00")} | LATER, If_Match='"1"')

        assert is_problem(answer, 412, "stale")

    def test_knows_two_scopes(self, change):
        assert is_problem(change(0, "reschedule", {"start": on(0, "14:00"), "scope": "all"}), 400, "invalid")

    def test_can_be_for_two(self, api, wish):
        done = api.post("series/", wish(variation="couples-60", repeat={"every_weeks": 1, "times": 3})).json()
        first = done["occurrences"][0]
        kim = Caller(Authorization=f"Link {first['token']}")

        answer = kim.post(f"appointments/{first['reference']}/reschedule/", {"start": on(1)} | LATER)

        assert answer.status_code == 200
        assert times() == [on(1), on(2), on(3)]
        assert Assignment.objects.filter(blocks=True).count() == 6
