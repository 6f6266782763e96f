"""Visits that come again, when some of their dates cannot be had: all or nothing, or skipped and named."""

from datetime import datetime, timedelta

import pytest

from booking.models import Appointment, Closure, TimeOff
from notifications.models import Message
from tests import factories
from tests.booking.caller import is_problem, row_counts
from tests.factories import TUESDAY, at, guest

WEEK = timedelta(weeks=1)
SAM = {"name": "Sam Okoro", "email": "sam@example.com"}


@pytest.fixture
def closed_on_the_third(house):
    """The studio is shut on the third Tuesday."""
    opens = datetime.fromisoformat(at("00:00", on=TUESDAY + 2 * WEEK))
    return Closure.objects.create(location=house.harbour, start_at=opens, end_at=opens + timedelta(days=1))


def starts(answer):
    return [one["start"] for one in answer["occurrences"]]


class TestEveryOccurrence:
    """S-02: the last is held to the same rules as the first."""

    @pytest.mark.parametrize("week", range(6))
    def test_is_checked_against_others(self, api, book, weekly, week):
        for who in ("anna", "ben"):
            client = guest(f"Sam {who}", f"{who}@example.net")
            book(client=client, therapist=who, start=at("10:30", on=TUESDAY + week * WEEK))

        answer = api.post("series/", weekly())

        assert is_problem(answer, 409, "slot-taken")
        assert [one["start"] for one in answer.json()["occurrences"]] == [at("10:00", on=TUESDAY + week * WEEK)]

    def test_keeps_the_horizon(self, api, weekly):
        answer = api.post("series/", weekly(every_weeks=4, times=5))

        assert is_problem(answer, 409, "not-offered")
        assert answer.json()["reasons"] == ["horizon"]
        assert starts(answer.json()) == [at("10:00", on=TUESDAY + n * WEEK) for n in (12, 16)]

    def test_is_on_the_grid(self, api, weekly):
        answer = api.post("series/", weekly(start=at("10:00").replace("10:00:00", "10:00:30"), skip_conflicts=True))

        assert is_problem(answer, 409, "not-offered")
        assert len(answer.json()["occurrences"]) == 6


class TestAllOrNothing:
    def test_leaves_nothing_when_one_date_cannot_be_had(self, api, weekly, closed_on_the_third):
        """S-01: six weeks, the third conflicts: no booking, no mail, no series, and the key is free."""
        before = row_counts()

        answer = api.post("series/", weekly(), Idempotency_Key="once")

        assert is_problem(answer, 409, "not-offered")
        assert answer.json()["reasons"] == ["closure"]
        assert row_counts() == before

        Closure.objects.all().delete()
        assert api.post("series/", weekly(), Idempotency_Key="once").status_code == 201

    def test_names_every_conflict_and_not_only_the_first(self, api, book, weekly, closed_on_the_third):
        for who in ("anna", "ben"):
            client = guest(f"Sam {who}", f"{who}@example.net")
            book(client=client, therapist=who, start=at("10:00", on=TUESDAY + 4 * WEEK))

        conflicts = api.post("series/", weekly()).json()["occurrences"]

        assert [(one["start"], one["problem"]["code"]) for one in conflicts] == [
            (at("10:00", on=TUESDAY + 2 * WEEK), "not-offered"),
            (at("10:00", on=TUESDAY + 4 * WEEK), "slot-taken"),
        ]
        assert conflicts[0]["problem"]["reasons"] == ["closure"]
        assert conflicts[1]["problem"]["nearest"][0].startswith((TUESDAY + 4 * WEEK).isoformat())

    @pytest.mark.parametrize("clock_time", ["10:00", "10:30"])
    def test_is_also_what_a_client_gets_who_has_another_visit_then(self, api, book, weekly, clock_time):
        """A constraint that refuses one date refuses it by name, and the others are still looked at."""
        book(start=at(clock_time, on=TUESDAY + WEEK))

        answer = api.post("series/", weekly(times=3))

        assert is_problem(answer, 409, "slot-taken")
        assert starts(answer.json()) == [at("10:00", on=TUESDAY + WEEK)]
        assert Appointment.objects.count() == 1


class TestSkippingConflicts:
    def test_books_the_others_and_says_which_not(self, api, weekly, closed_on_the_third):
        """S-01, S-05: five of six, the third skipped, for a closure as well."""
        answer = api.post("series/", weekly(skip_conflicts=True))

        assert answer.status_code == 201
        found = answer.json()["occurrences"]
        assert [("reference" in one, "problem" in one) for one in found] == [
            (week != 2, week == 2) for week in range(6)
        ]
        assert found[2]["problem"] == {
            "code": "not-offered",
            "detail": "This time is not offered.",
            "reasons": ["closure"],
            "nearest": [],
        }
        assert Appointment.objects.count() == 5
        assert Message.objects.count() == 1

    def test_covers_time_off_the_horizon_and_other_clients(self, api, book, house, weekly):
        """S-05: whatever the reason is."""
        for who in (house.anna, house.ben):
            away = datetime.fromisoformat(at("00:00", on=TUESDAY + 4 * WEEK))
            TimeOff.objects.create(therapist=who, start_at=away, end_at=away + timedelta(days=1))
            client = guest(f"Sam {who.slug}", f"{who.slug}@example.net")
            book(client=client, therapist=who.slug, start=at("10:00", on=TUESDAY + 8 * WEEK))

        found = api.post("series/", weekly(every_weeks=4, times=4, skip_conflicts=True)).json()["occurrences"]

        problems = [one.get("problem", {}) for one in found]
        assert [(one.get("code"), one.get("reasons")) for one in problems] == [
            (None, None),
            ("not-offered", ["time-off"]),
            ("slot-taken", None),
            ("not-offered", ["horizon"]),
        ]

    def test_tells_by_mail_of_the_first_that_is_booked(self, api, house, weekly):
        shut = datetime.fromisoformat(at("00:00"))
        Closure.objects.create(location=house.harbour, start_at=shut, end_at=shut + timedelta(days=1))

        api.post("series/", weekly(skip_conflicts=True))

        assert Message.objects.get().appointment == Appointment.objects.earliest("start_at")

    def test_of_them_all_is_refused(self, api, house, weekly):
        before = row_counts()

        answer = api.post("series/", weekly(start=at("07:00"), skip_conflicts=True))

        assert is_problem(answer, 409, "not-offered")
        assert len(answer.json()["occurrences"]) == 6
        assert row_counts() == before

    def test_leaves_out_what_the_client_has_already(self, api, book, weekly):
        book(start=at("10:00", on=TUESDAY + WEEK))

        found = api.post("series/", weekly(times=3, skip_conflicts=True)).json()["occurrences"]

        assert [one.get("problem", {}).get("code") for one in found] == [None, "slot-taken", None]
        assert Appointment.objects.count() == 3


class TestTheTherapist:
    def served_by(self):
        return [one.therapists.get().slug for one in Appointment.objects.exclude(series=None).order_by("start_at")]

    def test_is_the_same_on_all_dates_when_anyone_will_do(self, book, book_weekly):
        """Ben has less to do on the first date and is taken on two others, so it is anna throughout."""
        book(client=SAM, therapist="anna", start=at("14:00"))
        for week in (2, 3):
            book(client=SAM, therapist="ben", start=at("10:00", on=TUESDAY + week * WEEK))

        book_weekly()

        assert self.served_by() == ["anna"] * 6

    def test_is_another_only_where_the_first_is_not_free(self, book, book_weekly):
        book(client=SAM, therapist="anna", start=at("10:00", on=TUESDAY + WEEK))
        for week in (2, 3):
            book(client=SAM, therapist="ben", start=at("10:00", on=TUESDAY + week * WEEK))

        book_weekly()

        assert self.served_by() == ["anna", "ben", "anna", "anna", "anna", "anna"]

    def test_is_who_has_the_least_to_do_when_all_can(self, book, book_weekly):
        book(client=SAM, therapist="anna", start=at("14:00", on=TUESDAY + WEEK))

        book_weekly(times=3)

        assert self.served_by() == ["ben"] * 3

    def test_is_the_one_asked_for_or_nobody(self, api, book, weekly):
        book(client=SAM, therapist="anna", start=at("10:00", on=TUESDAY + WEEK))

        answer = api.post("series/", weekly(therapist="anna"))

        assert is_problem(answer, 409, "slot-taken")

    def test_must_exist(self, api, weekly):
        answer = api.post("series/", weekly(therapist="nobody", skip_conflicts=True))

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"therapist"}


class TestTheLimitsOnline:
    @pytest.fixture(autouse=True)
    def three_each(self, house):
        factories.studio(open_appointments_per_client=3)

    def test_count_a_series_as_one(self, api, wish, book_weekly):
        """S37: three things ahead, however many visits they are."""
        book_weekly(times=6)
        book_weekly(times=2, start=at("12:00"))
        assert api.post("appointments/", wish(start=at("14:00"))).status_code == 201

        assert is_problem(api.post("appointments/", wish(start=at("16:00"))), 429, "too-many-requests")

    def test_hold_for_the_whole_series(self, api, book, weekly):
        for clock_time in ("12:00", "14:00", "16:00"):
            book(start=at(clock_time))
        before = row_counts()

        answer = api.post("series/", weekly(skip_conflicts=True))

        assert is_problem(answer, 429, "too-many-requests")
        assert row_counts() == before


class TestTheDesk:
    def test_sets_rules_aside_for_all_dates(self, desk, weekly):
        override = {"rules": ["horizon"], "reason": "A course that was paid for."}

        answer = desk.post("series/", weekly(every_weeks=6, times=4, override=override))

        assert answer.status_code == 201, answer.content
        found = Appointment.objects.order_by("start_at").values_list("overridden", flat=True)
        assert list(found) == [[], [], ["horizon"], ["horizon"]]

    def test_sets_rules_aside_for_this_and_the_later_ones(self, desk, book_weekly):
        first = book_weekly(times=2)["occurrences"][0]
        override = {"rules": ["outside-hours"], "reason": "They come before work."}
        body = {"start": at("07:00"), "scope": "this-and-later", "override": override}

        answer = desk.post(f"appointments/{first['reference']}/reschedule/", body)

        assert answer.status_code == 200, answer.content
        starts_of_both = Appointment.objects.order_by("start_at").values_list("wall_start", flat=True)
        assert [one[-5:] for one in starts_of_both] == ["07:00", "07:00"]
