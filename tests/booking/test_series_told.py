"""What may be told of a series: the dates in the facts, and all of them in one file for calendars."""

from datetime import datetime, timedelta

import icalendar
import pytest

from booking import access, queries
from booking.models import Appointment, Client, Purpose
from tests.booking.caller import Caller, statements
from tests.factories import NOW, TUESDAY, at

WEEK = timedelta(weeks=1)


def on(week: int, clock_time: str = "10:00") -> datetime:
    return datetime.fromisoformat(at(clock_time, on=TUESDAY + week * WEEK))


@pytest.fixture
def visits(api, wish):
    """Kim's four Tuesdays at ten."""
    return api.post("series/", wish(repeat={"every_weeks": 1, "times": 4})).json()["occurrences"]


@pytest.fixture
def cancel(visits):
    def cancel(week: int, scope: str = "this"):
        kim = Caller(Authorization=f"Link {visits[week]['token']}")
        assert kim.post(f"appointments/{visits[week]['reference']}/cancel/", {"scope": scope}).status_code == 200

    return cancel


def facts_of(week: int):
    pk = Appointment.objects.order_by("start_at").values_list("pk", flat=True)[week]
    return queries.facts_of([pk])[pk]


class TestTheFacts:
    def test_name_the_dates_that_are_to_come(self, visits, cancel):
        cancel(1)
        Appointment.objects.filter(start_at=on(0)).update(status="fulfilled")

        assert facts_of(2).series == facts_of(0).series == (on(2), on(3))
        assert facts_of(2).cancelled_with == ()

    def test_name_what_was_cancelled_in_one_step(self, visits, cancel, clock):
        cancel(1)
        clock.shift(60)
        cancel(2, "this-and-later")

        assert facts_of(1).cancelled_with == (on(1),)
        assert facts_of(3).cancelled_with == (on(2), on(3))
        assert facts_of(3).series == (on(0),)

    def test_keep_the_dates_of_another_client_apart(self, visits):
        last = Appointment.objects.latest("start_at")
        last.client = Client.objects.create(name="Sam", email="sam@example.net", created_at=NOW)
        last.save()

        assert facts_of(0).series == (on(0), on(1), on(2))
        assert facts_of(3).series == (on(3),)

    def test_are_none_without_a_series(self, booked):
        assert (facts_of(0).series, facts_of(0).cancelled_with) == ((), ())

    def test_cost_one_statement_more_however_many(self, visits, api, wish, book):
        api.post("series/", wish(start=at("14:00"), repeat={"every_weeks": 1, "times": 5}))
        book(start=at("16:00"))
        ids = list(Appointment.objects.order_by("pk").values_list("pk", flat=True))

        assert statements(lambda: queries.facts_of(ids[:1])) == statements(lambda: queries.facts_of(ids)) == 3
        assert statements(lambda: queries.facts_of(ids[-1:])) == 2


class TestTheFileForCalendars:
    @pytest.fixture
    def download(self, visits, api):
        """The events of the file behind the calendar link of that week's mail."""

        def download(week: int):
            one = Appointment.objects.get(reference=visits[week]["reference"])
            [token] = access.issue_links([(one.pk, one.end_at, Purpose.CALENDAR)])
            answer = api.browser.get(f"/calendar/{token}.ics")
            assert answer.status_code == 200
            return icalendar.Calendar.from_ical(answer.content)

        return download

    @pytest.mark.parametrize("week", [0, 3])
    def test_holds_every_date(self, download, week):
        file = download(week)

        assert [event.start for event in file.events] == [on(n) for n in range(4)]
        assert file["METHOD"] == "PUBLISH"
        uids = Appointment.objects.order_by("start_at").values_list("uid", flat=True)
        assert [event["UID"] for event in file.events] == [str(uid) for uid in uids]
        assert len({event["UID"] for event in file.events}) == 4

    def test_leaves_out_what_is_cancelled_but_for_its_own(self, download, cancel):
        cancel(1)

        assert [event.start for event in download(0).events] == [on(0), on(2), on(3)]
        assert [str(event["STATUS"]) for event in download(1).events] == [
            "CONFIRMED",
            "CANCELLED",
            "CONFIRMED",
            "CONFIRMED",
        ]

    def test_holds_one_without_a_series(self, booked, api):
        one = Appointment.objects.get()
        [token] = access.issue_links([(one.pk, one.end_at, Purpose.CALENDAR)])

        assert len(icalendar.Calendar.from_ical(api.browser.get(f"/calendar/{token}.ics").content).events) == 1
