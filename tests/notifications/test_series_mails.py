"""What Kim reads about visits that come again: one mail for the whole, and one for each when its day is near."""

from datetime import timedelta

import pytest

from booking import access, queries
from booking.actions.book import Wishes
from booking.actions.series_book import Repeat, book_series
from booking.actions.series_cancel import cancel_series
from booking.actions.series_move import move_series
from booking.models import Appointment
from notifications import reminders
from tests.notifications.stage import (
    DAY,
    DESK,
    HOUR,
    KIM,
    NOW,
    VISIT,
    event_in,
    kinds,
    mails,
    move,
    rule,
    send,
    text_in,
)

WEEK = timedelta(weeks=1)


@pytest.fixture
def weekly(studio):
    """Kim's four Tuesdays at half past ten, booked at NOW."""
    wanted = queries.wanted(location="mitte", variation="swedish-60")
    book_series(
        wanted,
        start_at=VISIT,
        repeat=Repeat(every_weeks=1, times=4),
        wishes=Wishes(client=KIM, tips=False),
        by=access.ANYONE,
        now=NOW,
    )
    return list(Appointment.objects.order_by("start_at"))


def dates_in(text: str) -> list[str]:
    return [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]


FOUR = [
    "Tuesday 24 November 2026, 10:30",
    "Tuesday 1 December 2026, 10:30",
    "Tuesday 8 December 2026, 10:30",
    "Tuesday 15 December 2026, 10:30",
]


class TestAConfirmation:
    def test_of_a_series_is_one_mail_with_all_dates(self, weekly, server):
        """R-09."""
        send()

        assert kinds(server) == ["confirmation"]
        [mail] = mails(server)
        assert dates_in(text_in(mail)) == FOUR
        assert all(date in text_in(mail, "html") for date in FOUR)
        assert event_in(mail).start == VISIT

    def test_tells_what_is_true_when_it_goes(self, weekly, server):
        move(weekly[2], weekly[2].start_at + HOUR, now=NOW)
        send()

        confirmation = text_in(mails(server)[0])
        assert dates_in(confirmation) == [*FOUR[:2], "Tuesday 8 December 2026, 11:30", FOUR[3]]

    def test_of_one_visit_lists_no_dates(self, studio, server):
        studio.book()
        send()

        assert dates_in(text_in(mails(server)[0])) == []


class TestAReminder:
    def test_goes_for_each_date_with_its_own_invite(self, weekly, server):
        rule(24 * 60)
        send()
        for visit in weekly:
            reminders.derive(now=visit.start_at - DAY)
            send(visit.start_at - DAY)

        assert kinds(server) == ["confirmation", *["reminder"] * 4]
        assert [event_in(mail).start for mail in mails(server)[1:]] == [visit.start_at for visit in weekly]
        assert dates_in(text_in(mails(server)[2])) == []


class TestMovingThisAndLater:
    def test_is_one_mail_with_the_new_dates(self, weekly, server):
        send()
        move_series(weekly[2], start_at=weekly[2].start_at + HOUR, by=DESK, now=NOW + HOUR)
        send(NOW + HOUR)

        assert kinds(server) == ["confirmation", "rescheduled"]
        told = text_in(mails(server)[1])
        assert "When: Tuesday 8 December 2026, 11:30" in told
        assert dates_in(told) == [
            *FOUR[:2],
            "Tuesday 8 December 2026, 11:30",
            "Tuesday 15 December 2026, 11:30",
        ]

    def test_leaves_out_the_dates_that_are_past(self, weekly, server):
        later = weekly[1].end_at
        move_series(weekly[2], start_at=weekly[2].start_at + HOUR, by=DESK, now=later)
        send(later)

        told = next(text_in(mail) for mail in mails(server) if "New time" in mail["Subject"])
        assert dates_in(told) == ["Tuesday 8 December 2026, 11:30", "Tuesday 15 December 2026, 11:30"]


class TestCancellingThisAndLater:
    def test_is_one_mail_that_names_what_is_cancelled_and_what_stays(self, weekly, server):
        send()
        cancel_series(weekly[2], by=DESK, now=NOW + HOUR)
        send(NOW + HOUR)

        assert kinds(server) == ["confirmation", "cancelled"]
        told = text_in(mails(server)[1])
        cancelled, _, stays = told.partition("stay as they are")
        assert dates_in(cancelled) == FOUR[2:]
        assert dates_in(stays) == FOUR[:2]
        assert all(date in text_in(mails(server)[1], "html") for date in FOUR)

    def test_of_the_last_two_that_are_left_names_no_others(self, weekly, server):
        cancel_series(weekly[0], by=DESK, now=NOW + HOUR)
        send(NOW + HOUR)

        told = text_in(mails(server)[-1])
        assert dates_in(told) == FOUR
        assert "stay as they are" not in told
