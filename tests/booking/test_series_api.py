"""Visits that come again: POST /series/, what it refuses, and what its answer tells."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.models import Appointment, Client, HistoryEntry, LinkToken, Series, Service
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller, is_problem, statements
from tests.factories import TUESDAY, at, guest

WEEK = timedelta(weeks=1)
SAM = {"name": "Sam Okoro", "email": "sam@example.com"}


def starts(answer):
    return [one["start"] for one in answer["occurrences"]]


def clock_times_of(zone):
    found = Appointment.objects.order_by("start_at").values_list("start_at", flat=True)
    return [one.astimezone(ZoneInfo(zone)).strftime("%a %H:%M") for one in found]


class TestASeries:
    def test_is_an_appointment_for_each_date(self, api, book_weekly):
        done = book_weekly()

        assert starts(done) == [at("10:00", on=TUESDAY + n * WEEK) for n in range(6)]
        for one in done["occurrences"]:
            kim = Caller(Authorization=f"Link {one['token']}")
            seen = kim.get(f"appointments/{one['reference']}/").json()
            assert (seen["start"], seen["series"], seen["status"]) == (one["start"], done["reference"], "booked")
            assert one["manage_url"].endswith(f"/manage/{one['token']}/")

    def test_comes_every_so_many_weeks(self, book_weekly):
        assert starts(book_weekly(every_weeks=2, times=3)) == [at("10:00", on=TUESDAY + n * WEEK) for n in (0, 2, 4)]

    def test_is_found_at_its_address(self, api, weekly):
        answer = api.post("series/", weekly())

        assert answer["Location"] == f"/api/v1/series/{answer.json()['reference']}/"
        assert answer["Cache-Control"] == "no-store"

    def test_is_told_in_one_mail(self, book_weekly):
        """R-09: one message for the whole, not one a date."""
        book_weekly()

        [message] = Message.objects.all()
        assert (message.kind, message.appointment) == ("confirmation", Appointment.objects.earliest("start_at"))

    def test_is_written_into_the_history_of_each(self, book_weekly):
        book_weekly(times=3)

        assert HistoryEntry.objects.filter(action="booked").count() == LinkToken.objects.count() == 3
        assert Client.objects.count() == 1

    def test_is_on_record_with_what_was_asked_for(self, book_weekly):
        book_weekly(every_weeks=3, times=2)

        assert Series.objects.values_list("every_weeks", "times").get() == (3, 2)

    def test_can_be_for_two(self, book_weekly):
        done = book_weekly(times=2, variation="couples-60", partner={"name": "Robin Vale", "email": "r@example.com"})

        assert len(done["occurrences"]) == 2
        assert sorted(Message.objects.values_list("recipient", flat=True)) == ["client", "partner"]
        assert {one.therapists.count() for one in Appointment.objects.all()} == {2}

    def test_of_somebody_who_walks_in_is_told_to_nobody(self, desk, weekly):
        assert desk.post("series/", weekly(client=None, source="walk-in")).status_code == 201
        assert not Message.objects.exists()

    def test_of_a_client_the_desk_knows_is_theirs(self, desk, weekly, booked):
        client = Client.objects.get()

        answer = desk.post("series/", weekly(client={"reference": client.reference}, start=at("14:00")))

        assert answer.status_code == 201
        assert client.appointments.count() == 7


class TestTheLocalTime:
    @pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
    @pytest.mark.parametrize("change", [date(2027, 3, 14), date(2027, 3, 28), date(2026, 10, 25), date(2026, 11, 1)])
    @pytest.mark.parametrize("clock_time", ["10:00", "09:00", "16:30"])
    def test_stays_the_same_over_a_clock_change(self, db, api, clock, zone, change, clock_time):
        """T-07: weekly over both changes of both zones, also with visits on the Sunday itself."""
        factories.house(zone)
        Service.objects.update(horizon_days=365)
        first_on = change - 2 * WEEK
        clock.move_to(datetime.fromisoformat(at("12:00", on=first_on - timedelta(days=3))))
        body = {"location": "harbour", "variation": "swedish-60", "client": guest()}

        answer = api.post(
            "series/",
            body | {"start": at(clock_time, on=first_on, zone=zone), "repeat": {"every_weeks": 1, "times": 5}},
        )

        assert answer.status_code == 201, answer.content
        assert starts(answer.json()) == [at(clock_time, on=first_on + n * WEEK, zone=zone) for n in range(5)]
        assert set(clock_times_of(zone)) == {f"Sun {clock_time}"}
        assert {one[-5:] for one in Appointment.objects.values_list("wall_start", flat=True)} == {clock_time}

    def test_is_the_studios_whatever_offset_the_caller_writes(self, api, weekly, clock, house):
        """T-07: asked for in UTC, or by a clock in Tokyo, it still is ten in Berlin."""
        Service.objects.update(horizon_days=365)
        first_on = date(2027, 3, 23)
        start = datetime.fromisoformat(at("10:00", on=first_on)).astimezone(ZoneInfo("Asia/Tokyo")).isoformat()

        answer = api.post("series/", weekly(start=start, times=2))

        assert starts(answer.json()) == [at("10:00", on=first_on), at("10:00", on=first_on + WEEK)]


class TestTheSameKey:
    def test_books_one_series(self, api, weekly):
        first, again = (api.post("series/", weekly(), Idempotency_Key="once") for _ in range(2))

        assert again["Idempotency-Replayed"] == "true"
        assert again.json() == first.json()
        assert (Series.objects.count(), Appointment.objects.count(), Message.objects.count()) == (1, 6, 1)

    def test_with_another_wish_is_refused(self, api, weekly):
        api.post("series/", weekly(), Idempotency_Key="once")

        answer = api.post("series/", weekly(times=5), Idempotency_Key="once")

        assert is_problem(answer, 422, "idempotency-conflict")


class TestTheRequest:
    @pytest.mark.parametrize(
        "repeat",
        [
            ...,
            {},
            {"every_weeks": 1},
            {"times": 6},
            {"every_weeks": 0, "times": 6},
            {"every_weeks": 53, "times": 6},
            {"every_weeks": 1, "times": 1},
            {"every_weeks": 1, "times": 53},
            {"every_weeks": 1, "times": 6, "until": "2027-01-01"},
            6,
        ],
        ids=str,
    )
    def test_says_how_often(self, api, wish, repeat):
        answer = api.post("series/", wish(repeat=repeat))

        assert is_problem(answer, 400, "invalid")
        assert all(name.startswith("repeat") for name in answer.json()["errors"])

    def test_ends_within_the_calendar(self, api, weekly):
        answer = api.post("series/", weekly(start="9989-12-01T10:00:00Z", every_weeks=52, times=52))

        assert is_problem(answer, 400, "invalid")

    def test_holds_no_field_that_is_the_desks(self, api, weekly):
        assert set(api.post("series/", weekly(notify=False)).json()["errors"]) == {"notify"}


class TestReadingASeries:
    def test_lists_its_visits_for_staff(self, desk, book_weekly):
        done = book_weekly(times=3)

        seen = desk.get(f"series/{done['reference']}/").json()

        assert (seen["reference"], seen["every_weeks"], seen["times"]) == (done["reference"], 1, 3)
        assert [one["reference"] for one in seen["occurrences"]] == [one["reference"] for one in done["occurrences"]]
        assert seen["occurrences"][0]["client"]["email"] == "kim@example.com"

    def test_is_for_the_holder_of_any_of_its_links(self, book_weekly):
        done = book_weekly(times=3)
        kim = Caller(Authorization=f"Link {done['occurrences'][2]['token']}")

        seen = kim.get(f"series/{done['reference']}/").json()

        assert [one["client"] for one in seen["occurrences"]] == [{"name": "Kim"}] * 3

    def test_is_for_nobody_else(self, api, book, book_weekly):
        done = book_weekly(times=2)
        sam = Caller(Authorization=f"Link {book(client=SAM, start=at('14:00'))['token']}")

        for caller in (api, sam):
            known, never = caller.get(f"series/{done['reference']}/"), caller.get("series/ZZZZZZZZZZ/")
            assert is_problem(known, 404, "not-found")
            assert known.content == never.content

    def test_leaves_out_a_visit_that_the_desk_gave_to_somebody_else(self, book_weekly):
        done = book_weekly(times=3)
        last = Appointment.objects.latest("start_at")
        last.client = Client.objects.create(name="Sam Okoro", email="sam@example.com", created_at=factories.NOW)
        last.save()

        kim = Caller(Authorization=f"Link {done['occurrences'][0]['token']}")

        assert len(kim.get(f"series/{done['reference']}/").json()["occurrences"]) == 2

    @pytest.mark.parametrize("reference", ["%00", "' OR 1=1 --", "x" * 300])
    def test_of_nonsense_is_not_found(self, desk, reference):
        assert desk.get(f"series/{reference}/").status_code == 404

    def test_costs_the_same_for_few_and_many(self, desk, book_weekly):
        short = book_weekly(times=2)
        long = book_weekly(times=10, start=at("14:00"))

        desk.get(f"series/{short['reference']}/")  # which also notes when the key was used
        few = statements(lambda: desk.get(f"series/{short['reference']}/"))
        assert statements(lambda: desk.get(f"series/{long['reference']}/")) == few
