"""What anyone may read about the studio, and nothing beside it."""

import pytest

from booking.models import Location, Service, Therapist, Variation
from tests import factories
from tests.booking.caller import is_problem, row_counts, statements


class TestLocations:
    def test_say_where_and_in_which_zone(self, api, house):
        Location.objects.update(latitude=53.5, longitude=9.9)

        assert api.get("locations/").json()["results"] == [
            {
                "slug": "harbour",
                "name": "Harbour",
                "time_zone": "Europe/Berlin",
                "address": "Kai 1\n20457 Hamburg",
                "phone": "+49 40 1234567",
                "geo": {"latitude": 53.5, "longitude": 9.9},
            }
        ]

    def test_that_are_closed_for_good_are_left_out(self, api, house):
        Location.objects.update(is_active=False)

        assert api.get("locations/").json()["results"] == []


class TestServices:
    def test_say_length_price_and_policy(self, api, house):
        swedish = api.get("services/").json()["results"][1]

        assert swedish == {
            "slug": "swedish",
            "name": "Swedish",
            "description": "",
            "category": "",
            "therapists_required": 1,
            "needs_confirmation": False,
            "variations": [
                {"slug": "swedish-60", "duration_minutes": 60, "price": {"amount": "95.00", "currency": "EUR"}},
                {"slug": "swedish-90", "duration_minutes": 90, "price": {"amount": "130.00", "currency": "EUR"}},
            ],
            "add_ons": [
                {
                    "slug": "scalp",
                    "name": "Scalp",
                    "duration_minutes": 15,
                    "price": {"amount": "12.50", "currency": "EUR"},
                }
            ],
            "policy": {"notice_minutes": 120, "horizon_days": 90, "change_deadline_minutes": 1440},
        }

    def test_of_a_location_are_those_somebody_does_there(self, api, house):
        factories.location("uptown")

        assert [one["slug"] for one in api.get("services/", {"location": "harbour"}).json()["results"]] == [
            "couples",
            "swedish",
        ]
        assert api.get("services/", {"location": "uptown"}).json()["results"] == []

    def test_no_longer_sold_are_left_out(self, api, house):
        Service.objects.filter(slug="couples").update(is_active=False)
        Variation.objects.filter(slug="swedish-90").update(is_active=False)

        [swedish] = api.get("services/").json()["results"]
        assert [one["slug"] for one in swedish["variations"]] == ["swedish-60"]


class TestTherapists:
    def test_say_who_does_what(self, api, house):
        assert api.get("therapists/").json()["results"][0] == {
            "slug": "anna",
            "name": "Anna",
            "bio": "",
            "languages": ["en"],
            "gender": "female",
            "services": ["couples", "swedish"],
        }

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"service": "couples"}, ["anna"]),
            ({"service": "swedish", "location": "harbour"}, ["anna", "ben"]),
            ({"location": "uptown"}, []),
        ],
        ids=str,
    )
    def test_can_be_asked_for_by_skill_and_place(self, api, house, query, found):
        factories.location("uptown")
        house.ben.skills.remove(house.couples.service)

        assert [one["slug"] for one in api.get("therapists/", query).json()["results"]] == found

    def test_who_left_are_left_out(self, api, house):
        Therapist.objects.filter(slug="ben").update(is_active=False)

        assert [one["slug"] for one in api.get("therapists/").json()["results"]] == ["anna"]


@pytest.mark.parametrize("path", ["locations/", "services/", "therapists/"])
class TestAList:
    def test_is_a_cursor_page(self, api, house, path):
        for number in range(6):
            factories.location(f"place-{number}")
            factories.therapist(f"therapist-{number}")
            factories.service(f"service-{number}")
        seen, page = [], api.get(path, {"limit": 3}).json()
        while True:
            assert set(page) == {"next", "previous", "results"}
            seen += [one["slug"] for one in page["results"]]
            if page["next"] is None:
                break
            page = api.browser.get(page["next"]).json()

        assert seen == sorted(seen)
        assert len(seen) == len(set(seen)) >= 7

    def test_is_50_long_unless_asked_and_200_at_most(self, api, house, path):
        for number in range(60):
            factories.location(f"place-{number:03}")
            factories.therapist(f"therapist-{number:03}")
            factories.service(f"service-{number:03}")

        assert len(api.get(path).json()["results"]) == 50
        assert len(api.get(path, {"limit": 200}).json()["results"]) > 60

    def test_costs_the_same_for_few_and_many(self, api, house, path):
        few = statements(lambda: api.get(path))
        for number in range(20):
            factories.works(factories.therapist(f"t{number}", house.swedish), house.harbour)
            factories.variation(factories.service(f"s{number}"))

        assert statements(lambda: api.get(path)) == few <= 5

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"limit": 201}, "limit"),
            ({"limit": 0}, "limit"),
            ({"limit": "ten"}, "limit"),
            ({"cursor": "x" * 201}, "cursor"),
            ({"cursor": "not a cursor"}, "cursor"),
            ({"cursor": "cD0lMDA="}, "cursor"),  # the position is a NUL
            ({"ordering": "name"}, "ordering"),
            ({"fields": "slug"}, "fields"),
            ({"location": "a\nb"}, "location"),
            ({"service": "x" * 51}, "service"),
            ({"id__gt": 0, "_connector": "OR"}, "id__gt"),
        ],
        ids=str,
    )
    def test_asked_wrongly_names_the_field(self, api, house, path, query, field):
        """S51: no orderings, no fields, no filters but ours."""
        answer = api.get(path, query)

        assert is_problem(answer, 400, "invalid")
        assert field in answer.json()["errors"]

    def test_changes_nothing(self, api, house, path):
        before = row_counts()
        for method in ("GET", "HEAD", "OPTIONS"):
            assert api.send(method, path, None).status_code == 200

        assert row_counts() == before

    def test_takes_no_other_method(self, api, desk, house, path):
        """To write is for staff, and there is one way to add."""
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert is_problem(api.send(method, path, {}), 401, "not-authenticated")
        for method in ("PUT", "PATCH", "DELETE"):
            assert is_problem(desk.send(method, path, {}), 403, "forbidden")
