from datetime import timedelta

import pytest

from booking.access import staff
from booking.actions.cancel import cancel_appointment
from booking.actions.reschedule import reschedule_appointment
from booking.models import Appointment, HistoryEntry
from notifications.models import Kind, Message
from tests.factories import NOW
from tests.web.visitor import pressed_value, text_of


def status() -> str:
    return Appointment.objects.get().status


class TestCancelling:
    def test_takes_two_pages_and_one_press(self, kim):
        answer = kim.press("cancel/")

        assert answer.status_code == 302
        assert answer["Location"] == kim.address()
        assert "This appointment is cancelled" in text_of(kim.open())
        assert HistoryEntry.objects.filter(action="cancelled").get().channel == "page"
        assert Message.objects.filter(kind=Kind.CANCELLED).count() == 1

    def test_twice_does_it_once(self, kim):
        value = pressed_value(kim.open("cancel/"))
        kim.clock.shift(timedelta(seconds=5))

        answers = [kim.send("cancel/", press=value).status_code for _ in range(2)]

        assert answers == [302, 302]
        assert Message.objects.filter(kind=Kind.CANCELLED).count() == 1
        assert Appointment.objects.get().version == 2

    def test_of_another_time_than_the_page_showed_is_refused(self, booked, kim):
        value = pressed_value(kim.open("cancel/"))
        reschedule_appointment(booked.appointment, start_at=NOW + timedelta(days=9, hours=3), by=staff("desk"), now=NOW)
        kim.clock.shift(timedelta(seconds=5))

        answer = kim.send("cancel/", press=value)

        assert answer.status_code == 412
        assert "has changed since you opened that page" in text_of(answer)
        assert "Wednesday 2 December" in text_of(answer)
        assert status() == "booked"

    def test_of_a_past_visit_is_refused(self, booked, kim):
        """C-04."""
        kim.clock.move_to(booked.appointment.end_at + timedelta(hours=1))

        assert kim.open("cancel/").status_code == 409
        assert kim.open("move/").status_code == 409
        assert kim.send("move/", start="2026-12-20T10:00:00+01:00").status_code == 409
        assert status() == "booked"

    def test_works_in_a_browser_that_keeps_no_cookies(self, kim):
        """And sends `Origin: null`, as a page without referrer does."""
        value = pressed_value(kim.open("cancel/"))
        kim.clock.shift(timedelta(seconds=5))

        from django.test import Client

        bare = Client(enforce_csrf_checks=True)
        answer = bare.post(kim.address("cancel/"), {"press": value}, headers={"Origin": "null"})

        assert answer.status_code == 302
        assert status() == "cancelled"


class TestAPress:
    @pytest.mark.parametrize("seconds", [0, 1, 1.9])
    def test_is_too_quick_for_a_person_before_two_seconds(self, kim, seconds):
        """S18."""
        answer = kim.press("cancel/", after=timedelta(seconds=seconds))

        assert answer.status_code == 409
        assert "very quick" in text_of(answer)
        assert status() == "booked"

    @pytest.mark.parametrize("seconds", [2, 30 * 60])
    def test_counts_from_two_seconds_to_thirty_minutes(self, kim, seconds):
        """S18."""
        assert kim.press("cancel/", after=timedelta(seconds=seconds)).status_code == 302
        assert status() == "cancelled"

    def test_is_too_old_after_thirty_minutes(self, kim):
        """S18."""
        answer = kim.press("cancel/", after=timedelta(minutes=30, seconds=1))

        assert answer.status_code == 409
        assert "open for a while" in text_of(answer)
        assert status() == "booked"

    def test_that_did_not_count_gets_a_fresh_value(self, kim):
        early = kim.press("cancel/", after=timedelta(0))
        kim.clock.shift(timedelta(seconds=3))

        assert kim.send("cancel/", press=pressed_value(early)).status_code == 302
        assert status() == "cancelled"

    @pytest.mark.parametrize("value", ["", "yes", "1795000000000.1:forged", "é\x00"])
    def test_without_the_pages_value_does_nothing(self, kim, value):
        """S18, S30: a form on another site has no such value."""
        assert kim.send("cancel/", press=value).status_code == 409
        assert status() == "booked"

    def test_with_the_value_of_another_page_does_nothing(self, kim):
        value = pressed_value(kim.open("move/"))
        kim.clock.shift(timedelta(seconds=5))

        assert kim.send("cancel/", press=value).status_code == 409
        assert status() == "booked"

    def test_with_the_value_of_another_appointment_does_nothing(self, kim, book, clock):
        from tests.web.visitor import Visitor

        robin = Visitor(book("14:00", name="Robin", email="robin@example.com").token, clock)
        value = pressed_value(robin.open("cancel/"))
        clock.shift(timedelta(seconds=5))

        assert kim.send("cancel/", press=value).status_code == 409
        assert not Appointment.objects.filter(status="cancelled").exists()

    def test_is_not_taken_from_the_address(self, kim):
        """S30: a GET that carries what a form would is only read."""
        value = pressed_value(kim.open("cancel/"))
        kim.clock.shift(timedelta(seconds=5))

        assert kim.open("cancel/", press=value).status_code == 200
        assert kim.browser.post(f"{kim.address('cancel/')}?press={value}").status_code == 409
        assert status() == "booked"


class TestACancelledAppointment:
    def test_cannot_be_moved(self, booked, kim):
        """C-03: refused, and a new one is offered."""
        value = pressed_value(kim.open("move/"))
        cancel_appointment(booked.appointment, by=staff("desk"), now=NOW)
        kim.clock.shift(timedelta(seconds=5))

        answers = [kim.open("move/"), kim.send("move/", press=value, start="2026-12-02T10:00:00+01:00")]

        assert [answer.status_code for answer in answers] == [409, 409]
        assert all("Book a new one" in text_of(answer) for answer in answers)
        assert status() == "cancelled"
