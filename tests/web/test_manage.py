from datetime import timedelta

import pytest

from booking.access import staff
from booking.actions.cancel import cancel_appointment
from booking.actions.reschedule import reschedule_appointment
from booking.models import Appointment
from tests.factories import NOW, at
from tests.web.visitor import offered, text_of


class TestTheAppointmentsPage:
    def test_shows_the_visit_in_the_locations_time_and_names_the_zone(self, kim):
        """T-13, T-14."""
        page = text_of(kim.open())

        assert "Tuesday 1 December 2026" in page
        assert "10:00–11:00 (Berlin time)" in page
        assert "Swedish, 60 minutes" in page
        assert "20457 Hamburg" in page
        assert "€95.00" in page

    def test_shows_the_first_name_and_nothing_else_of_a_person(self, book, kim, clock):
        """S12, C-10: neither address, phone, family name nor note stands in any page."""
        secret = ["Larsen", "kim@example.com", "9876543", "sore left knee"]
        Appointment.objects.update(note="sore left knee")

        for name in ("", "move/", "cancel/"):
            page = text_of(kim.open(name))
            assert [word for word in secret if word in page] == []
        assert "Kim" in text_of(kim.open())

    def test_ignores_what_a_query_says(self, kim):
        """S13."""
        plain = kim.open().content
        lured = kim.open(cancelledBy="sam@example.com", rescheduledBy="<b>sam</b>", status="cancelled").content

        assert lured == plain

    def test_escapes_a_name_that_is_markup(self, book, clock, house):
        """S45."""
        from tests.web.visitor import Visitor

        house.swedish.name = "<script>alert(1)</script>"
        house.swedish.save()
        visitor = Visitor(book("12:00", name="<img/src=x>", email="x@example.com").token, clock)

        for name in ("", "move/", "cancel/"):
            page = text_of(visitor.open(name))
            assert "<script>" not in page
            assert "<img" not in page
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    @pytest.mark.parametrize(
        ("zone", "weekday"), [("Pacific/Auckland", "Tuesday 1 December"), ("America/Los_Angeles", "Tuesday 1 December")]
    )
    def test_keeps_the_local_date_where_utc_has_another(self, db, clock, zone, weekday):
        """T-09: 10:00 in Auckland is the day before in UTC; 17:00 in Los Angeles is the day after."""
        from tests import factories
        from tests.web.visitor import Visitor, book

        factories.house(zone=zone)
        clock_time = "10:00" if zone.startswith("Pacific") else "17:00"
        visitor = Visitor(book(clock_time, zone=zone).token, clock)

        assert f"{weekday} 2026" in text_of(visitor.open())
        move = visitor.open("move/", day="2026-12-01")
        assert "Tuesday 1 December</h2>" in text_of(move)
        assert {value[:10] for value in offered(move)} == {"2026-12-01"}

    def test_tells_the_new_time_through_an_old_link(self, booked, kim):
        reschedule_appointment(booked.appointment, start_at=NOW + timedelta(days=9, hours=3), by=staff("desk"), now=NOW)

        page = text_of(kim.open())

        assert "It is moved" in page
        assert "Wednesday 2 December 2026" in page
        assert "Tuesday 1 December 2026" not in page

    def test_tells_that_it_is_cancelled_and_offers_a_new_one(self, booked, kim):
        cancel_appointment(booked.appointment, by=staff("desk"), now=NOW)

        page = text_of(kim.open())

        assert "This appointment is cancelled" in page
        assert "Book a new one" in page
        assert "Move it" not in page

    @pytest.mark.parametrize(
        ("hours_after_start", "says"),
        [(-25, "See you soon"), (-1, "please call us"), (0.5, "has begun"), (2, "This visit is over")],
    )
    def test_tells_the_truth_at_every_hour(self, booked, kim, clock, hours_after_start, says):
        clock.move_to(booked.appointment.start_at + timedelta(hours=hours_after_start))

        assert says.lower() in text_of(kim.open()).lower()

    def test_gives_the_appointment_as_a_file_without_inviting_anybody(self, kim):
        answer = kim.open("appointment.ics")

        assert answer["Content-Type"].startswith("text/calendar")
        assert b"METHOD:PUBLISH" in answer.content
        assert b"ATTENDEE" not in answer.content
        assert kim.token.encode() not in answer.content


class TestAPageBehindALink:
    @pytest.mark.parametrize("name", ["", "move/", "cancel/", "appointment.ics"])
    def test_is_not_kept_indexed_or_told_to_other_sites(self, kim, name):
        answer = kim.open(name)

        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.cookies == {}

    @pytest.mark.parametrize("name", ["", "move/", "cancel/"])
    def test_loads_nothing_from_elsewhere_and_has_no_style_of_its_own(self, kim, name):
        page = text_of(kim.open(name))

        assert "style=" not in page
        assert "<style" not in page
        assert "<script" not in page
        assert 'src="' not in page
        assert kim.open(name)["Content-Security-Policy"].find("style-src 'self'") >= 0

    def test_answers_an_unknown_method_with_405(self, kim):
        assert kim.browser.put(kim.address("cancel/")).status_code == 405


class TestTheClockOfTheDeadline:
    def test_is_the_last_instant_itself(self, booked, kim, clock):
        """C-06: at 24 h 00 m 00 s it may be cancelled, a second later not."""
        deadline = booked.appointment.start_at - timedelta(hours=24)

        clock.move_to(deadline)
        assert kim.open("cancel/").status_code == 200
        clock.move_to(deadline + timedelta(seconds=1))
        refused = kim.open("cancel/")
        assert refused.status_code == 409
        assert "+49 40 1234567" in text_of(refused)
        assert kim.open("move/").status_code == 409

    @pytest.mark.parametrize("name", ["cancel/", "move/"])
    def test_is_asked_again_when_the_button_is_pressed(self, booked, kim, clock, name):
        """C-06: a page that was open over the deadline changes nothing."""
        clock.move_to(booked.appointment.start_at - timedelta(hours=24, seconds=10))

        answer = kim.press(name, after=timedelta(seconds=20), start=at("15:00"))

        booked.appointment.refresh_from_db()
        assert answer.status_code == 409
        assert "please call us" in text_of(answer).lower()
        assert booked.appointment.status == "booked"
        assert booked.appointment.version == 1
