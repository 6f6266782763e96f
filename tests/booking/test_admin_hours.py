"""T-11: hours, time off and closures are set by the clocks of the location, wherever browser and server are."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from booking.models import Closure, Therapist, TimeOff, WeeklyHours
from tests import factories
from tests.booking.admin_pages import address, save

HARBOUR_ZONE = "America/New_York"


@pytest.fixture
def noor(clock, db) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("noor"))
    return browser


@pytest.fixture
def house(clock, db) -> factories.House:
    """On another clock than the server's."""
    return factories.house(zone=HARBOUR_ZONE)


class TestTherapistsHours:
    def test_are_changed_as_the_clocks_of_the_location_show_them(self, noor, house) -> None:
        """T-11: nine o'clock stays nine o'clock, whatever zone the browser or the server is in."""
        page = address(Therapist, house.anna.pk)
        assert HARBOUR_ZONE in noor.get(page).content.decode()

        save(noor, page, **{"weekly_hours-0-opens": "08:30"})

        first = WeeklyHours.objects.filter(therapist=house.anna).order_by("valid_from", "weekday").first()
        assert f"{first.opens:%H:%M}-{first.closes:%H:%M}" == "08:30-18:00"

    def test_offer_no_clock_of_the_browser(self, noor, house) -> None:
        """T-11: Django's own input has a "now" that is the laptop's, and warns of "server time"."""
        assert "vTimeField" not in noor.get(address(Therapist, house.anna.pk)).content.decode()

    def test_are_read_again_as_they_were_written(self, noor, house) -> None:
        before = list(WeeklyHours.objects.order_by("pk").values())

        save(noor, address(Therapist, house.anna.pk))

        assert list(WeeklyHours.objects.order_by("pk").values()) == before

    def test_take_time_off_by_the_clocks_of_the_location(self, noor, house) -> None:
        """T-11."""
        save(
            noor,
            address(Therapist, house.anna.pk),
            **{
                "time_off-TOTAL_FORMS": "1",
                "time_off-0-therapist": house.anna.pk,
                "time_off-0-location": house.harbour.pk,
                "time_off-0-start_at": "2026-12-24T00:00",
                "time_off-0-end_at": "2026-12-27T00:00",
            },
        )

        away = TimeOff.objects.get()
        assert away.start_at == datetime(2026, 12, 24, tzinfo=ZoneInfo(HARBOUR_ZONE))
        assert away.end_at == datetime(2026, 12, 27, tzinfo=ZoneInfo(HARBOUR_ZONE))

    def test_warn_of_the_visits_that_time_off_lies_over(self, noor, house, book) -> None:
        visit = book(start="2026-12-01T10:00:00-05:00", therapist="anna")
        start = datetime(2026, 12, 2, tzinfo=ZoneInfo(HARBOUR_ZONE))
        TimeOff.objects.create(therapist=house.anna, start_at=start, end_at=start + timedelta(days=1))

        answer = save(noor, address(Therapist, house.anna.pk), **{"time_off-0-start_at": "2026-12-01T00:00"})

        assert f"{visit['reference']} (2026-12-01 10:00)" in noor.get(answer["Location"]).content.decode()

    def test_keep_time_off_where_it_was_when_something_else_changes(self, noor, house) -> None:
        start = datetime(2027, 3, 13, 23, tzinfo=ZoneInfo(HARBOUR_ZONE))
        TimeOff.objects.create(therapist=house.anna, start_at=start, end_at=start + timedelta(hours=9))

        save(noor, address(Therapist, house.anna.pk), bio="Quiet.", **{"time_off-0-reason": "Clocks go forward"})

        away = TimeOff.objects.get()
        assert (away.start_at, away.end_at) == (start, start + timedelta(hours=9))
        assert away.reason == "Clocks go forward"


class TestAClosure:
    @pytest.fixture
    def wish(self, house) -> dict[str, Any]:
        return {
            "location": house.harbour.pk,
            "start_at": "2026-12-25T00:00",
            "end_at": "2026-12-26T00:00",
            "reason": "Christmas",
        }

    def test_is_a_day_by_the_clocks_of_the_location(self, noor, wish) -> None:
        """T-11."""
        noor.post(address(Closure), wish)

        closure = Closure.objects.get()
        assert closure.start_at == datetime(2026, 12, 25, 5, tzinfo=UTC)
        assert closure.end_at == datetime(2026, 12, 26, 5, tzinfo=UTC)
        assert "2026-12-25 00:00 America/New_York" in noor.get("/admin/booking/closure/").content.decode()

    def test_stays_where_it_was_when_it_is_saved_again(self, noor, wish) -> None:
        noor.post(address(Closure), wish)
        before = Closure.objects.values().get()

        save(noor, address(Closure, before["id"]))

        assert Closure.objects.values().get() == before

    def test_warns_of_the_visits_it_lies_over(self, noor, wish, api) -> None:
        """Issue 3, item 13: nothing is moved by itself, and nothing is overlooked."""
        start = "2026-12-25T10:00:00-05:00"
        body = {"location": "harbour", "variation": "swedish-60", "start": start, "client": factories.guest()}
        visit = api.post("appointments/", body).json()

        answer = noor.post(address(Closure), wish, follow=True)

        assert f"{visit['reference']} (2026-12-25 10:00)" in answer.content.decode()

    @pytest.mark.parametrize("change", [{"end_at": "2026-12-24T00:00"}, {"start_at": "tomorrow"}, {"location": ""}])
    def test_is_refused_in_words_when_it_makes_no_sense(self, noor, wish, change: dict[str, str]) -> None:
        answer = noor.post(address(Closure), wish | change)

        assert answer.status_code == 200
        assert answer.context["errors"]
        assert not Closure.objects.exists()
