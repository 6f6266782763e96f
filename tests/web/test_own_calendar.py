import re
from datetime import timedelta

import pytest

from booking.models import CalendarFeed
from tests.web.visitor import everything, pressed_value, text_of

PAGE = "calendar/"


def address_in(page) -> str:
    found = re.search(r"<code>http://127.0.0.1:8000(/[^<]+)</code>", text_of(page))
    assert found, text_of(page)
    return found[1]


class TestTheOwnCalendar:
    def test_is_found_from_the_appointment(self, kim):
        assert kim.address(PAGE) in text_of(kim.open())

    def test_is_made_by_a_press_and_shown_once(self, kim, sam):
        made = kim.press(PAGE, do="make")

        assert b"BEGIN:VEVENT" in sam.get(address_in(made)).content
        assert address_in(made).split("/")[-1][:-4] not in everything() + text_of(kim.open(PAGE))

    def test_is_not_made_by_looking(self, kim):
        """S17."""
        before = everything()
        kim.open(PAGE)
        assert everything() == before

    @pytest.mark.parametrize("after", [timedelta(0), timedelta(minutes=31)])
    def test_is_not_made_by_a_machine_or_from_an_old_page(self, kim, after):
        """S18."""
        assert kim.press(PAGE, after=after, do="make").status_code == 409
        assert not CalendarFeed.objects.exists()

    def test_made_anew_ends_the_one_before(self, kim, sam):
        first, second = (address_in(kim.press(PAGE, do="make")) for _ in range(2))

        assert [sam.get(one).status_code for one in (first, second)] == [404, 200]

    def test_is_kept_when_the_answer_is_loaded_again(self, kim, sam, clock):
        value = pressed_value(kim.open(PAGE))
        clock.shift(timedelta(seconds=5))
        first = kim.send(PAGE, press=value, do="make")

        assert kim.send(PAGE, press=value, do="make").status_code == 409
        assert sam.get(address_in(first)).status_code == 200

    def test_can_be_ended_without_a_new_one(self, kim, sam):
        made = address_in(kim.press(PAGE, do="make"))

        kim.press(PAGE, do="end")

        assert sam.get(made).status_code == 404

    def test_is_not_there_behind_another_link(self, kim, sam):
        assert sam.get(f"/manage/{'A' * 43}/{PAGE}").status_code == 404
