"""GET appointments/: the desk's list."""

import pytest

from booking.models import Appointment
from tests import factories
from tests.booking.caller import is_problem, statements
from tests.factories import at

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}


@pytest.fixture
def two(book):
    return [book(therapist="anna")["reference"], book(client=SAM, therapist="ben", start=at("13:00"))["reference"]]


@pytest.fixture
def listed(desk):
    def listed(**query):
        answer = desk.get("appointments/", query)
        assert answer.status_code == 200, answer.content
        return [one["reference"] for one in answer.json()["results"]]

    return listed


class TestTheList:
    def test_is_ordered_by_start(self, listed, two):
        assert listed() == two

    def test_is_narrowed_by_what_the_desk_asks(self, listed, desk, two):
        desk.post(f"appointments/{two[0]}/cancel/")

        assert listed(status="cancelled") == [two[0]]
        assert listed(therapist="ben") == [two[1]]
        assert listed(location="uptown") == []
        assert listed(client=Appointment.objects.get(reference=two[1]).client.reference) == [two[1]]
        assert listed(**{"from": "2026-12-01", "until": "2026-12-01"}) == two
        assert listed(**{"from": "2026-12-02"}) == listed(until="2026-11-30") == []

    def test_counts_days_by_the_clock_of_the_location(self, desk, house, listed):
        """Dates are local: an early morning in Auckland is still the day before in UTC."""
        far = factories.location("far", "Pacific/Auckland")
        factories.works(house.anna, far)
        factories.room("shore", far)
        start = at("09:00", zone="Pacific/Auckland")
        body = {"location": "far", "variation": "swedish-60", "start": start, "client": SAM}
        reference = desk.post("appointments/", body).json()["reference"]

        assert listed(location="far", **{"from": "2026-12-01", "until": "2026-12-01"}) == [reference]

    def test_answers_to_head_as_to_get(self, desk, two):
        answer = desk.send("HEAD", "appointments/", None)

        assert (answer.status_code, answer.content) == (200, b"")

    def test_comes_in_pages(self, desk, two):
        page = desk.get("appointments/", {"limit": 1}).json()
        rest = desk.browser.get(page["next"], headers=desk.headers).json()

        assert [one["reference"] for one in page["results"] + rest["results"]] == two
        assert rest["next"] is None

    def test_costs_the_same_for_one_and_many(self, desk, book):
        factories.studio(open_appointments_per_client=0)
        book()
        desk.get("appointments/")  # the day's first call of a key is written down
        one = statements(lambda: desk.get("appointments/"))
        for hour in range(12, 17, 2):
            book(start=at(f"{hour}:00"))
            book(start=at(f"{hour}:00"), client=SAM)

        assert statements(lambda: desk.get("appointments/")) == one <= 5

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"from": "soon"}, "from"),
            ({"until": "2026-02-30"}, "until"),
            ({"until": "9999-12-31"}, "until"),
            ({"location": "\x00"}, "location"),
            ({"therapist": "x" * 51}, "therapist"),
            ({"status": "gone"}, "status"),
            ({"client": "a\nb"}, "client"),
            ({"cursor": "cD1hYmM="}, "cursor"),  # the position is no instant
            ({"cursor": "cD0lMDA="}, "cursor"),  # the position is a NUL
            ({"cursor": "abc"}, "cursor"),
            ({"limit": -1}, "limit"),
            ({"order_by": "client__email"}, "order_by"),
            ({"client__email": "kim@example.com"}, "client__email"),
        ],
        ids=str,
    )
    def test_asked_wrongly_names_the_field(self, desk, two, query, field):
        """S51."""
        answer = desk.get("appointments/", query)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}
