"""Hours in which nobody is reminded: messaging checks 69 and 70, R-10."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from booking import queries
from booking.models import Studio
from notifications import reminders
from notifications.models import Message
from notifications.quiet import QuietHours
from tests.notifications.stage import HOUR, VISIT, Stillwater, cancel, kinds, rows, rule, send, the
from tests.notifications.test_due_at import utc

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
AT_NIGHT = QuietHours(time(21), time(8))


def berlin(*parts: int) -> datetime:
    """The instant at which clocks in Berlin first show this."""
    return datetime(*parts, tzinfo=BERLIN).astimezone(utc(2026, 1, 1).tzinfo)


def keep_quiet(begins: time = time(21), ends: time = time(8)) -> None:
    Studio.objects.update(quiet_from=begins, quiet_until=ends)


class TestQuietHours:
    @pytest.mark.parametrize(
        ("due", "last", "goes"),
        [
            (berlin(2026, 11, 24, 20, 59), berlin(2026, 11, 25), berlin(2026, 11, 24, 20, 59)),
            (berlin(2026, 11, 24, 21), berlin(2026, 11, 25, 12), berlin(2026, 11, 25, 8)),
            (berlin(2026, 11, 25, 6), berlin(2026, 11, 25, 8), berlin(2026, 11, 25, 8)),
            (berlin(2026, 11, 25, 6), berlin(2026, 11, 25, 7, 59), berlin(2026, 11, 24, 20, 45)),
            (berlin(2026, 11, 25, 8), berlin(2026, 11, 25, 12), berlin(2026, 11, 25, 8)),
        ],
        ids=["before", "at their beginning", "of use at their end", "of no use at their end", "at their end"],
    )
    def test_move_what_is_due_in_them(self, due, last, goes):
        """Check 69."""
        assert AT_NIGHT.moved(due, "Europe/Berlin", last=last) == goes

    def test_at_noon_are_over_the_same_day(self):
        siesta = QuietHours(time(13), time(15))

        assert siesta.moved(berlin(2026, 7, 1, 14), "Europe/Berlin", last=berlin(2026, 7, 2)) == berlin(2026, 7, 1, 15)
        assert siesta.around(berlin(2026, 7, 1, 12, 59), "Europe/Berlin") is None

    @pytest.mark.parametrize(
        ("on", "hours"), [(date(2026, 10, 24), 12), (date(2026, 10, 25), 11), (date(2027, 3, 27), 10)]
    )
    def test_begin_and_end_by_the_clock_when_the_clocks_change(self, on, hours):
        at = datetime.combine(on, time(23), BERLIN).astimezone(utc(2026, 1, 1).tzinfo)

        begins, ends = AT_NIGHT.around(at, "Europe/Berlin")

        assert ends - begins == hours * HOUR
        assert [queries.wall_clock(one, "Europe/Berlin").time() for one in (begins, ends)] == [time(21), time(8)]

    def test_are_those_of_the_place(self):
        """When it is 23:00 in Berlin it is 17:00 in New York."""
        at = berlin(2026, 11, 24, 23)

        assert AT_NIGHT.around(at, "Europe/Berlin") is not None
        assert AT_NIGHT.around(at, "America/New_York") is None

    @pytest.mark.parametrize("half", [{"quiet_from": time(21)}, {"quiet_from": time(8), "quiet_until": time(8)}])
    def test_have_a_beginning_and_an_end(self, studio, half):
        with pytest.raises(IntegrityError, match="quiet_hours_have"), transaction.atomic():
            Studio.objects.update(**half)


class TestAReminderInQuietHours:
    def test_goes_when_they_are_over(self, studio, server):
        """Due at 07:30 by Berlin's clock, three hours before the visit."""
        keep_quiet()
        rule(3 * 60)
        studio.book()
        send()

        for minutes in range(0, 35, 5):
            reminders.derive(now=VISIT - 3 * HOUR + minutes * MINUTE)
            send(VISIT - 3 * HOUR + minutes * MINUTE)

        assert the("reminder").due_at == berlin(2026, 11, 24, 8)
        assert the("reminder").state == "sent"

    def test_goes_the_evening_before_when_that_is_too_late(self, studio, server):
        keep_quiet(ends=time(10))
        rule(3 * 60)
        studio.book()
        send()

        assert reminders.derive(now=berlin(2026, 11, 23, 20, 44)) == 0
        assert reminders.derive(now=berlin(2026, 11, 23, 20, 45)) == 1
        assert the("reminder").not_after == VISIT - HOUR

    def test_is_not_sent_by_a_worker_that_comes_late(self, studio, server):
        """Due at 20:00; the mail server was away until 22:00."""
        keep_quiet()
        rule(14 * 60 + 30)
        studio.book()
        send()
        reminders.derive(now=berlin(2026, 11, 23, 20))

        send(berlin(2026, 11, 23, 22))
        message = the("reminder")
        assert (message.state, message.due_at, message.tries) == ("pending", berlin(2026, 11, 24, 8), 0)
        send(berlin(2026, 11, 24, 8))

        assert kinds(server) == ["confirmation", "reminder"]

    def test_is_dropped_when_they_outlast_its_use(self, studio, server):
        keep_quiet(ends=time(10))
        rule(14 * 60 + 30)
        studio.book()
        send()
        reminders.derive(now=berlin(2026, 11, 23, 20))

        send(berlin(2026, 11, 24, 1))

        assert (the("reminder").state, kinds(server)) == ("expired", ["confirmation"])
        assert "quiet hours" in the("reminder").words

    def test_does_not_repeat_what_was_said_in_the_evening(self, studio):
        """Booked at 22:00: the reminder that would have gone at 20:45 is not wanted any more, R-10."""
        keep_quiet(ends=time(10))
        rule(3 * 60)
        studio.book(now=berlin(2026, 11, 23, 22))

        for hours in range(12):
            reminders.derive(now=berlin(2026, 11, 23, 22) + hours * HOUR)

        assert rows(kind="reminder") == []

    def test_of_a_follow_up_waits_for_the_morning(self, studio):
        keep_quiet()
        rule(11 * 60, kind="follow-up")
        studio.book()

        assert reminders.derive(now=berlin(2026, 11, 24, 22, 30)) == 0
        assert reminders.derive(now=berlin(2026, 11, 25, 8)) == 1

    def test_does_not_hold_up_news(self, studio, server):
        """What the client has just done is answered at any hour."""
        keep_quiet()
        at_night = berlin(2026, 11, 20, 23)
        studio.book(now=at_night)

        send(at_night)

        assert kinds(server) == ["confirmation"]

    def test_does_not_hold_up_a_cancellation(self, studio, server):
        keep_quiet()
        appointment = studio.book()
        send()
        at_night = berlin(2026, 11, 22, 23)
        cancel(appointment, now=at_night)

        send(at_night + HOUR)

        assert kinds(server) == ["confirmation", "cancelled"]

    def test_is_sent_once_over_the_night_of_the_change(self, db, server):
        """Check 70 with quiet hours: 25 October 2026 in Berlin has 25 hours."""
        studio = Stillwater()
        keep_quiet()
        rule(8 * 60)
        studio.book(utc(2026, 10, 25, 10), now=utc(2026, 10, 1, 9))
        Message.objects.all().delete()

        for step in range(0, 24 * 60, 10):
            now = utc(2026, 10, 24, 12) + step * MINUTE
            reminders.derive(now=now)
            send(now)

        assert [(message.state, message.due_at) for message in Message.objects.all()] == [
            ("sent", berlin(2026, 10, 25, 8))
        ]
