"""Therapists and their hours, kept over the API. T-11: hours are the studio's wall clock, whatever the caller's."""

from datetime import time

import pytest

from booking.models import DateOverride, Therapist, WeeklyHours
from tests.booking.caller import is_problem, starts_of
from tests.factories import TUESDAY, at

CARL = {"slug": "carl", "name": "Carl", "gender": "male", "services": ["swedish"], "daily_limit_minutes": 300}
MORNINGS = {
    "therapist": "anna",
    "location": "harbour",
    "weekday": "monday",
    "opens": "07:00",
    "closes": "08:30",
    "valid_from": "2026-01-01",
}
DAY_OFF = {"therapist": "anna", "location": "harbour", "date": "2026-12-01"}


class TestATherapist:
    def test_can_be_booked_from_when_they_have_skills_and_hours(self, owner, slots):
        owner.post("therapists/", CARL)
        assert not any("carl" in slot["therapists"] for slot in slots()["days"][0]["slots"])

        owner.post("hours/", MORNINGS | {"therapist": "carl", "weekday": "tuesday"})

        assert [slot["start"] for slot in slots()["days"][0]["slots"] if "carl" in slot["therapists"]] == [
            at("07:00"),
            at("07:30"),
        ]

    @pytest.mark.parametrize("minutes", [0, -5, 1441, "300", 12.5, True])
    def test_works_a_number_of_minutes_that_makes_sense(self, owner, minutes):
        answer = owner.post("therapists/", CARL | {"daily_limit_minutes": minutes})

        assert set(answer.json()["errors"]) == {"daily_limit_minutes"}

    def test_has_no_limit_when_it_is_empty(self, owner):
        owner.post("therapists/", CARL)

        assert owner.send("PATCH", "therapists/carl/", {"daily_limit_minutes": None}).status_code == 200
        assert Therapist.objects.get(slug="carl").daily_limit_minutes is None
        assert owner.get("therapists/carl/").json()["services"] == ["swedish"]


class TestHours:
    @pytest.mark.parametrize("wrong", ["09:00+01:00", "09:00Z", "25:00", "9:00", "09:00:30", "24:00", 900, ""])
    def test_are_the_studios_wall_clock_and_never_an_instant(self, owner, wrong):
        """T-11."""
        assert set(owner.post("hours/", MORNINGS | {"opens": wrong}).json()["errors"]) == {"opens"}

    def test_are_the_same_whatever_zone_the_caller_is_in(self, house, owner, slots):
        """T-11: entered from a laptop in Tokyo, with whatever its headers and its system say."""
        made = owner.post("hours/", MORNINGS | {"weekday": "tuesday"}, Time_Zone="Asia/Tokyo").json()

        assert (made["opens"], made["time_zone"]) == ("07:00", "Europe/Berlin")
        assert WeeklyHours.objects.get(reference=made["reference"]).opens == time(7)
        starts = starts_of(slots(time_zone="Asia/Tokyo"))
        assert "2026-12-01T15:00:00+09:00" in starts
        assert "2026-12-01T14:30:00+09:00" not in starts

    def test_are_listed_changed_and_removed(self, desk):
        """The desk's scope is enough."""
        made = desk.post("hours/", MORNINGS).json()
        path = f"hours/{made['reference']}/"

        assert made in desk.get("hours/", {"therapist": "anna", "limit": 200}).json()["results"]
        assert desk.send("PATCH", path, {"closes": "08:00", "valid_until": "2027-01-01"}).json()["closes"] == "08:00"
        assert is_problem(desk.send("PATCH", path, {"valid_from": "2027-01-01"}), 400, "invalid")
        assert desk.send("DELETE", path).status_code == 204
        assert not WeeklyHours.objects.filter(reference=made["reference"]).exists()

    def test_come_in_pages(self, owner):
        first = owner.get("hours/", {"limit": 5}).json()
        following = owner.browser.get(first["next"], headers=owner.headers).json()

        seen = [one["reference"] for one in first["results"] + following["results"]]
        assert len(seen) == len(set(seen)) == 10

    def test_of_one_date_take_the_place_of_the_week(self, desk, slots):
        made = desk.post("date-overrides/", DAY_OFF | {"opens": "20:00", "closes": "21:30"}).json()

        def annas():
            return [slot["start"] for slot in slots(therapist="anna")["days"][0]["slots"]]

        assert annas() == [at("20:00"), at("20:30")]
        path = f"date-overrides/{made['reference']}/"
        assert desk.send("PATCH", path, {"opens": None, "closes": None}).json()["opens"] is None
        assert annas() == []
        assert is_problem(desk.send("PATCH", path, {"opens": "09:00"}), 400, "invalid")
        assert desk.send("DELETE", path).status_code == 204
        assert len(annas()) > 10
        assert not DateOverride.objects.filter(on=TUESDAY).exists()
