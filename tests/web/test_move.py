import re
from datetime import timedelta

import pytest

from booking.models import Appointment, HistoryEntry
from notifications.models import Kind, Message
from tests.factories import TUESDAY, at
from tests.web.visitor import Visitor, offered, pressed_value, text_of


class TestMoving:
    def test_takes_two_pages_and_one_press(self, booked, kim):
        answer = kim.press("move/", start=at("15:00"))

        booked.appointment.refresh_from_db()
        assert answer.status_code == 302
        assert booked.appointment.start_at.isoformat() == "2026-12-01T14:00:00+00:00"
        assert "It is moved" in text_of(kim.open())
        assert HistoryEntry.objects.filter(action="rescheduled").get().channel == "page"
        assert Message.objects.filter(kind=Kind.RESCHEDULED).count() == 1

    def test_every_time_on_the_page_can_be_chosen(self, kim, book):
        book("14:00", name="Robin", email="robin@example.com")
        times = offered(kim.open("move/", day="2026-12-01"))

        answers = {kim.press("move/", start=start).status_code for start in times}

        assert len(times) > 5
        assert answers == {302}

    def test_leaves_out_the_time_it_has(self, kim):
        assert at("10:00") not in offered(kim.open("move/", day="2026-12-01"))
        assert at("10:30") in offered(kim.open("move/", day="2026-12-01"))

    def test_keeps_the_therapist_who_was_asked_for(self, book, clock):
        kim = Visitor(book("12:00", therapist="anna").token, clock)
        book("15:00", therapist="anna", name="Robin", email="robin@example.com")

        page = kim.open("move/", day="2026-12-01")

        assert "with Anna, as you asked" in text_of(page)
        assert at("15:00") not in offered(page)

    def test_says_at_which_times_the_therapist_would_be_another(self, book, clock):
        kim = Visitor(book("12:00").token, clock)
        who = Appointment.objects.get().assignments.get().therapist.name
        book("15:00", therapist=who.lower(), name="Robin", email="robin@example.com")

        page = text_of(kim.open("move/", day="2026-12-01"))

        assert f"15:00–16:00 (Berlin time), without {who}" in page
        assert f"17:00–18:00 (Berlin time), without {who}" not in page

    @pytest.mark.parametrize(
        "start",
        [
            "",
            "tomorrow",
            "2026-12-01",
            "2026-12-01T15:00:00",
            "0001-01-01T00:00:00+14:00",
            "2026-12-01T15:00:00+99:99",
            "9999-12-31T23:00:00Z",
        ],
    )
    def test_to_no_time_asks_for_one(self, kim, start):
        answer = kim.press("move/", start=start)

        assert answer.status_code == 400
        assert "Please choose a time first" in text_of(answer)
        assert Appointment.objects.get().version == 1

    def test_to_a_time_that_is_not_offered_is_refused(self, kim):
        answer = kim.press("move/", start=at("03:00"))

        assert answer.status_code == 409
        assert "stays as it was" in text_of(answer)
        assert Appointment.objects.get().version == 1

    def test_to_a_time_just_taken_keeps_the_old_one(self, kim, book):
        """S19: two cannot have one time."""
        value = pressed_value(kim.open("move/"))
        book("15:00", name="Robin", email="robin@example.com")
        book("15:00", name="Ida", email="ida@example.com")
        kim.clock.shift(timedelta(seconds=5))

        answer = kim.send("move/", press=value, start=at("15:00"))

        assert answer.status_code == 409
        assert "just taken" in text_of(answer)
        assert at("16:30") in offered(answer)
        assert Appointment.objects.get(client__name="Kim Larsen").version == 1

    def test_pressed_too_soon_keeps_the_choice(self, kim):
        answer = kim.press("move/", after=timedelta(0), start=at("15:00"))

        assert answer.status_code == 409
        assert f'value="{at("15:00")}"' in text_of(answer)
        assert "checked" in text_of(answer)


class TestTheDaysToChooseFrom:
    def test_begin_with_the_first_week_that_has_a_time(self, kim, house):
        from booking.models import TimeOff
        from tests.factories import NOW

        for who in (house.anna, house.ben):
            TimeOff.objects.create(therapist=who, start_at=NOW, end_at=NOW + timedelta(days=20))

        page = text_of(kim.open("move/"))

        assert "Sunday 13 December</h2>" in page
        assert "Earlier dates" in page

    def test_are_seven_with_their_counts(self, kim):
        page = text_of(kim.open("move/", day="2026-12-01"))

        assert re.findall(r">(Sun|Mon|Tue|Wed|Thu|Fri|Sat)<b>(\d+)</b>", page) == [
            ("Mon", "30"), ("Tue", "1"), ("Wed", "2"), ("Thu", "3"), ("Fri", "4"), ("Sat", "5"), ("Sun", "6"),
        ]  # fmt: skip
        assert "17 free" in page
        assert "Tuesday 1 December</h2>" in page

    @pytest.mark.parametrize("day", ["1999-01-01", "9999-12-31", "2026-02-30", "today", "2026-12-01' OR 1=1", "０"])
    def test_stay_within_what_can_be_booked(self, kim, day):
        answer = kim.open("move/", day=day)

        assert answer.status_code == 200
        assert offered(answer)

    def test_say_so_when_there_is_no_time_at_all(self, kim, house):
        from booking.models import WeeklyHours

        WeeklyHours.objects.all().delete()

        answer = kim.open("move/")

        assert answer.status_code == 200
        assert "The studio is closed on these days" in text_of(answer)
        assert "+49 40 1234567" in text_of(answer)

    def test_need_the_same_number_of_statements_for_one_therapist_and_for_many(
        self, kim, house, django_assert_max_num_queries
    ):
        from tests.factories import therapist, works

        for number in range(12):
            works(therapist(f"extra-{number}", house.swedish), house.harbour)

        with django_assert_max_num_queries(13):
            kim.open("move/", day=TUESDAY.isoformat())
