"""Clients as the desk keeps them."""

import pytest

from booking import access
from booking.actions.cancel import cancel_appointment
from booking.models import Appointment, Client, LinkToken, WaitlistEntry
from tests import factories
from tests.booking.caller import Caller, is_problem
from tests.factories import NOW

LEE = {"name": "Lee Park", "email": "lee@example.com", "phone": "+49 30 1234567", "time_zone": "Europe/Paris"}


@pytest.fixture
def client_of(booked):
    return Client.objects.get()


class TestClients:
    def test_are_added_and_found(self, desk, booked):
        made = desk.post("clients/", LEE).json()

        def found(query):
            return [one["name"] for one in desk.get("clients/", {"query": query}).json()["results"]]

        assert made["phone"] == "+49301234567"
        assert desk.get(f"clients/{made['reference']}/").json() == made
        assert found("park") == found("LEE@") == found("lee park") == found("1234567") == ["Lee Park"]
        assert found(made["reference"].lower()) == ["Lee Park"]
        assert found("larsen lee") == []
        assert sorted(found("example")) == ["Kim Larsen", "Lee Park"]

    def test_are_for_staff(self, house, booked):
        """S07: no list of clients for the public, nor for the holder of a link."""
        assert Caller().get("clients/").status_code == 401
        assert Caller(Authorization=f"Link {booked['token']}").get("clients/").status_code == 403
        reader = Caller(Authorization=f"Bearer {factories.api_key('read')}")
        assert reader.get("clients/").status_code == 200
        assert reader.post("clients/", LEE).status_code == 403
        assert reader.send("PATCH", f"clients/{Client.objects.get().reference}/", {"name": "X"}).status_code == 403

    @pytest.mark.parametrize(
        "change",
        [
            {"name": ""},
            {"name": "see https://evil.example"},
            {"email": "nobody"},
            {"phone": "12"},
            {"time_zone": "Mars/Base"},
            {"reference": "ZZZZZZZZZZ"},
            {"created_at": "2020-01-01T00:00:00Z"},
        ],
        ids=str,
    )
    def test_are_refused_in_words(self, desk, change):
        answer = desk.post("clients/", LEE | change)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == set(change)

    def test_of_one_name_at_one_address_are_one(self, desk, booked):
        answer = desk.post("clients/", {"name": "kim larsen", "email": "KIM@example.com"})

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"email"}


class TestAnotherAddress:
    def test_ends_the_links_that_went_to_the_old_one(self, desk, kim, booked, client_of):
        """S20."""
        assert kim.get(f"appointments/{booked['reference']}/").status_code == 200

        answer = desk.send("PATCH", f"clients/{client_of.reference}/", {"email": "kim@work.example"})

        assert answer.json()["email"] == "kim@work.example"
        assert kim.get(f"appointments/{booked['reference']}/").status_code == 404

    def test_that_is_the_same_ends_none(self, desk, kim, booked, client_of):
        desk.send("PATCH", f"clients/{client_of.reference}/", {"email": "kim@example.com", "name": "Kim A. Larsen"})

        assert kim.get(f"appointments/{booked['reference']}/").status_code == 200


class TestForgetting:
    def test_is_refused_while_a_visit_is_to_come(self, desk, client_of):
        assert is_problem(desk.send("DELETE", f"clients/{client_of.reference}/"), 409, "wrong-state")
        assert Client.objects.get().name == "Kim Larsen"

    def test_leaves_the_visits_and_nothing_of_the_person(self, desk, book):
        book(note="Left shoulder", variation="couples-60", partner={"name": "Sam", "email": "sam@example.com"})
        appointment = Appointment.objects.get()
        cancel_appointment(appointment, by=access.staff("Mara"), now=NOW)
        path = f"clients/{appointment.client.reference}/"

        assert desk.send("DELETE", path).status_code == 204

        assert is_problem(desk.get(path), 404, "not-found")
        assert desk.get("clients/").json()["results"] == []
        appointment.refresh_from_db()
        left = Client.objects.values("email", "phone", "time_zone").get()
        assert set(left.values()) == {""}
        assert (appointment.note, appointment.partner_name, appointment.partner_email) == ("", "", "")
        assert not LinkToken.objects.filter(revoked_at=None).exists()
        assert not WaitlistEntry.objects.exists()

    def test_lets_them_come_back_as_somebody_new(self, desk, booked, book, client_of):
        cancel_appointment(Appointment.objects.get(), by=access.staff("Mara"), now=NOW)
        desk.send("DELETE", f"clients/{client_of.reference}/")

        book()

        assert Client.objects.filter(email="kim@example.com").get().reference != client_of.reference
