"""Places, rooms, people, hours and the menu, kept over the API by staff with the scope for it."""

import pytest

from booking.models import AddOn, Appointment, Location, Room, Service, Variation
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts

ROOM = {"slug": "attic", "name": "The attic", "location": "harbour", "features": ["heated-table"]}
PLACE = {"slug": "uptown", "name": "Uptown", "time_zone": "America/New_York", "address": "5 Hill Rd\nNew York"}
CARL = {"slug": "carl", "name": "Carl", "gender": "male", "services": ["swedish"], "daily_limit_minutes": 300}
FOOT = {
    "slug": "foot",
    "name": "Foot massage",
    "kind": "foot",
    "policy": {"notice_minutes": 60, "late_cancel_percent": 50},
    "variations": [{"slug": "foot-30", "duration_minutes": 30, "price": {"amount": "45.00", "currency": "EUR"}}],
    "add_ons": [{"slug": "scrub", "name": "Scrub", "duration_minutes": 10, "price": {"amount": "8.00"}}],
}
MORNINGS = {
    "therapist": "anna",
    "location": "harbour",
    "weekday": "monday",
    "opens": "07:00",
    "closes": "08:30",
    "valid_from": "2026-01-01",
}
DAY_OFF = {"therapist": "anna", "location": "harbour", "date": "2026-12-01"}
ADDED = {
    "rooms/": ROOM,
    "locations/": PLACE,
    "therapists/": CARL,
    "services/": FOOT,
    "hours/": MORNINGS,
    "date-overrides/": DAY_OFF,
}
OF_THE_DESK = {"hours/", "date-overrides/"}


def holder(*scopes):
    return Caller(Authorization=f"Bearer {factories.api_key(*scopes)}")


def path_of(door, answer):
    return f"{door}{answer.get('slug') or answer['reference']}/"


@pytest.mark.parametrize("door", ADDED)
class TestEachCollection:
    def test_takes_a_new_one_and_reads_it_back(self, owner, door):
        answer = owner.post(door, ADDED[door])

        assert answer.status_code == 201, answer.content
        made = answer.json()
        assert answer["Location"] == f"/api/v1/{path_of(door, made)}"
        assert owner.get(path_of(door, made)).json() == made
        assert {name for name in ADDED[door] if name not in made} == set()

    def test_is_written_only_with_the_scope_for_it(self, house, door):
        before = row_counts()
        weak = ["read"] if door in OF_THE_DESK else ["read", "desk"]
        for caller, status in ((Caller(), 401), (holder(*weak), 403)):
            assert caller.post(door, ADDED[door]).status_code == status
            for method in ("PATCH", "DELETE"):
                assert caller.send(method, f"{door}anna/", {}).status_code == status

        assert {name: count for name, count in row_counts().items() if name != "booking.ApiKey"} == {
            name: count for name, count in before.items() if name != "booking.ApiKey"
        }

    def test_refuses_fields_it_does_not_know(self, owner, door):
        """S05, S39: no mass assignment; a reference, a key or a price column is nobody's to send."""
        before = row_counts()
        for extra in ({"id": 1}, {"reference": "ZZZZZZZZZZ"}, {"price_amount": 1}, {"appointments": []}):
            answer = owner.post(door, ADDED[door] | extra)
            assert is_problem(answer, 400, "invalid")
            assert set(answer.json()["errors"]) == set(extra)

        assert row_counts() == before

    def test_names_each_field_that_is_missing(self, owner, door):
        answer = owner.post(door, {})

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) <= set(ADDED[door]) | {"valid_from"}
        assert answer.json()["errors"]

    @pytest.mark.parametrize("name", ["never-there", "%00", "1"])
    def test_has_nothing_under_another_name(self, owner, door, name):
        for method in ("GET", "PATCH", "DELETE"):
            assert is_problem(owner.send(method, f"{door}{name}/", {}), 404, "not-found")

    def test_makes_one_for_one_key(self, owner, door):
        answers = [owner.post(door, ADDED[door], Idempotency_Key="once") for _ in range(2)]

        assert answers[0].content == answers[1].content
        assert answers[1]["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("door", ["rooms/", "locations/", "therapists/", "services/"])
class TestASlug:
    def test_is_taken_once(self, owner, door):
        owner.post(door, ADDED[door])

        answer = owner.post(door, ADDED[door])

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"slug"}

    def test_stays(self, owner, door):
        made = owner.post(door, ADDED[door]).json()

        answer = owner.send("PATCH", path_of(door, made), {"slug": "another"})

        assert is_problem(answer, 400, "invalid")

    @pytest.mark.parametrize("slug", ["Attic", "at tic", "-attic", "a_b", "ättic", "a" * 51, "", 5])
    def test_is_plain(self, owner, door, slug):
        answer = owner.post(door, ADDED[door] | {"slug": slug})

        assert set(answer.json()["errors"]) == {"slug"}


class TestDeleting:
    def test_keeps_what_was_booked_and_offers_it_no_more(self, owner, booked, slots):
        for path in ("services/couples/", "rooms/suite/", "therapists/ben/"):
            assert owner.send("DELETE", path).status_code == 204
            assert owner.get(path).json()["is_active"] is False
        assert {who for slot in slots()["days"][0]["slots"] for who in slot["therapists"]} == {"anna"}
        assert Appointment.objects.get().reference == booked["reference"]

    def test_is_taken_back_by_a_change(self, owner, api):
        owner.send("DELETE", "therapists/ben/")
        owner.send("PATCH", "therapists/ben/", {"is_active": True})

        assert [one["slug"] for one in api.get("therapists/").json()["results"]] == ["anna", "ben"]

    def test_of_a_location_takes_it_from_the_list(self, owner, api):
        owner.send("DELETE", "locations/harbour/")

        assert api.get("locations/").json()["results"] == []
        assert Location.objects.count() == 1


class TestALocation:
    def test_tells_everybody_of_its_new_address(self, owner, booked):
        owner.send("PATCH", "locations/harbour/", {"address": "Quay 7\n20457 Hamburg"})

        assert Message.objects.filter(kind="relocated").count() == 1
        assert Location.objects.get().address == "Quay 7\n20457 Hamburg"

    def test_keeps_its_clocks_while_visits_are_to_come(self, owner, booked):
        answer = owner.send("PATCH", "locations/harbour/", {"time_zone": "Europe/Lisbon", "name": "Kai"})

        assert set(answer.json()["errors"]) == {"time_zone"}
        assert Location.objects.get().name == "Harbour"

    def test_has_its_place_on_the_map_or_none(self, owner):
        path = "locations/harbour/"

        assert owner.send("PATCH", path, {"geo": {"latitude": 53.5, "longitude": 10.0}}).json()["geo"] == {
            "latitude": 53.5,
            "longitude": 10.0,
        }
        assert owner.send("PATCH", path, {"geo": None}).json()["geo"] is None
        assert owner.send("PATCH", path, {"geo": {"latitude": 91, "longitude": 0}}).status_code == 400


class TestARoom:
    def test_is_listed_by_location_for_staff(self, owner):
        owner.post("rooms/", ROOM | {"usual_for": ["ben", "anna"]})

        found = owner.get("rooms/", {"location": "harbour"}).json()["results"]
        assert [(one["slug"], one["usual_for"]) for one in found] == [
            ("attic", ["anna", "ben"]),
            ("blue", []),
            ("suite", []),
        ]
        assert Caller().get("rooms/").status_code == 401
        assert is_problem(owner.get("rooms/", {"location": "nowhere"}), 400, "invalid")

    def test_does_not_travel_once_somebody_was_booked_into_it(self, owner, booked):
        owner.post("locations/", PLACE)

        assert owner.send("PATCH", "rooms/suite/", {"location": "uptown"}).status_code == 200
        assert owner.send("PATCH", f"rooms/{booked['room']}/", {"location": "uptown"}).status_code == 400

    def test_with_a_wrong_friend_is_not_written_by_half(self, owner):
        answer = owner.post("rooms/", ROOM | {"usual_for": ["nobody"]})

        assert set(answer.json()["errors"]) == {"usual_for"}
        assert not Room.objects.filter(slug="attic").exists()


class TestAService:
    def test_is_offered_with_what_it_was_given(self, owner, api):
        owner.post("services/", FOOT)

        found = next(one for one in api.get("services/").json()["results"] if one["slug"] == "foot")
        assert found["variations"] == [
            {"slug": "foot-30", "duration_minutes": 30, "price": {"amount": "45.00", "currency": "EUR"}}
        ]
        assert [one["slug"] for one in found["add_ons"]] == ["scrub"]
        assert found["policy"]["notice_minutes"] == 60

    def test_has_from_then_on_the_variations_it_is_given(self, owner, booked):
        hour = {"slug": "swedish-60", "duration_minutes": 55, "price": {"amount": "99.00"}}

        found = owner.send("PATCH", "services/swedish/", {"variations": [hour]}).json()

        assert [one["slug"] for one in found["variations"]] == ["swedish-60"]
        assert dict(Variation.objects.filter(service__slug="swedish").values_list("slug", "is_active")) == {
            "swedish-60": True,
            "swedish-90": False,
        }
        assert Variation.objects.get(slug="swedish-60").clean_up_after_minutes == 15
        assert str(Appointment.objects.get().price_amount) == booked["price"]["amount"] == "95.00"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"variations": [FOOT["variations"][0] | {"price": {"amount": "1.00", "currency": "USD"}}]}, "variations"),
            ({"variations": [FOOT["variations"][0] | {"slug": "swedish-60"}]}, "variations"),
            ({"variations": FOOT["variations"] * 2}, "variations"),
            ({"variations": [FOOT["variations"][0] | {"price": {"amount": "-1"}}]}, "variations[0].price.amount"),
            ({"variations": [FOOT["variations"][0] | {"duration_minutes": 0}]}, "variations[0].duration_minutes"),
            ({"policy": {"late_cancel_percent": 101}}, "policy.late_cancel_percent"),
            ({"therapists_required": 3}, "therapists_required"),
            ({"kind": "dance"}, "kind"),
            ({"step_minutes": 0}, "step_minutes"),
        ],
        ids=str,
    )
    def test_names_the_wrong_field_and_writes_nothing(self, owner, change, field):
        before = row_counts()

        answer = owner.post("services/", FOOT | change)

        assert is_problem(answer, 400, "invalid")
        assert [name.replace(".0.", "[0].") for name in answer.json()["errors"]] == [field]
        assert row_counts() == before

    def test_shares_its_add_ons(self, owner):
        owner.post("services/", FOOT)
        cheaper = FOOT["add_ons"][0] | {"price": {"amount": "5.00"}}

        owner.send("PATCH", "services/swedish/", {"add_ons": [cheaper]})

        assert str(AddOn.objects.get(slug="scrub").price_amount) == "5.00"
        assert set(Service.objects.filter(add_ons__slug="scrub").values_list("slug", flat=True)) == {"foot", "swedish"}
