"""The desk makes calendar addresses, sees which there are, and ends one: reliability cases S20, S22, S23."""

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client as Browser

from booking.models import CalendarFeed
from tests.booking.admin_pages import address, save
from tests.booking.caller import Caller, is_problem
from tests.factories import api_key


@pytest.fixture
def make(desk):
    """Make a calendar address over the API, and return the answer."""

    def make(**body):
        answer = desk.post("calendars/", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return make


@pytest.fixture
def noor(house) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("noor"))
    return browser


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


class TestMakingOne:
    @pytest.mark.parametrize("whose", [{"therapist": "anna"}, {"location": "harbour"}])
    def test_answers_with_the_address_this_once(self, booked, make, desk, api, whose):
        made = make(**whose, label="Anna's phone")

        assert b"BEGIN:VEVENT" in api.browser.get(path_of(made["url"])).content
        [listed] = desk.get("calendars/").json()["results"]
        assert listed == {name: value for name, value in made.items() if name != "url"}

    def test_may_be_for_a_client(self, booked, make, desk):
        [client] = desk.get("clients/").json()["results"]

        assert make(client=client["reference"])["client"] == client["reference"]

    def test_may_leave_the_names_out(self, booked, make, api):
        made = make(therapist="anna", names=False)

        assert b"Kim" not in api.browser.get(path_of(made["url"])).content

    def test_with_one_key_makes_one(self, house, desk):
        answers = [desk.post("calendars/", {"therapist": "anna"}, Idempotency_Key="once") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert CalendarFeed.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "body"),
            ({"therapist": "anna", "location": "harbour"}, "body"),
            ({"therapist": "nobody"}, "therapist"),
            ({"client": "ZZZZZZZZZZ"}, "client"),
            ({"therapist": "anna", "secret": "mine"}, "secret"),
        ],
        ids=str,
    )
    def test_asked_wrongly_names_the_field(self, house, desk, body, field):
        answer = desk.post("calendars/", body)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}

    @pytest.mark.parametrize("scopes", [None, ("read",)], ids=str)
    def test_is_for_the_desk(self, house, scopes):
        caller = Caller(**({"Authorization": f"Bearer {api_key(*scopes)}"} if scopes else {}))

        for method, path in (("GET", "calendars/"), ("POST", "calendars/"), ("DELETE", "calendars/ZZZZZZZZZZ/")):
            assert caller.send(method, path, {}).status_code in {401, 403}


class TestEndingOne:
    def test_shuts_it_and_no_other(self, house, make, desk, api):
        """S22."""
        lost, kept = make(therapist="anna"), make(therapist="anna")

        assert desk.send("DELETE", f"calendars/{lost['reference']}/").status_code == 204
        assert [api.browser.get(path_of(one["url"])).status_code for one in (lost, kept)] == [404, 200]
        assert [one["reference"] for one in desk.get("calendars/").json()["results"]] == [kept["reference"]]
        assert is_problem(desk.send("DELETE", f"calendars/{lost['reference']}/"), 404, "not-found")


class TestTheOwnersPages:
    def test_show_a_new_address_this_once(self, noor, house, api):
        answer = save(noor, address(CalendarFeed), therapist=str(house.anna.pk), label="Phone")

        [told, *_] = [str(message) for message in get_messages(answer.wsgi_request)]
        assert api.browser.get(path_of(told.split()[-1])).status_code == 200
        assert CalendarFeed.objects.get().label == "Phone"

    def test_ask_for_one_of_them(self, noor, house):
        both = {"therapist": str(house.anna.pk), "location": str(house.harbour.pk)}

        assert noor.post(address(CalendarFeed), both).status_code == 200
        assert not CalendarFeed.objects.exists()

    def test_end_one(self, noor, make, house, api):
        made = make(therapist="anna")
        key = CalendarFeed.objects.get().pk

        noor.post("/admin/booking/calendarfeed/", {"action": "revoke", "_selected_action": [key]})

        assert api.browser.get(path_of(made["url"])).status_code == 404
