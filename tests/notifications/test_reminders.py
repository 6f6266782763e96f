"""When a rule's message is due, and that every tick finds exactly what is missing: checks 63 to 70."""

from datetime import timedelta

import pytest

from booking.actions.book import Person
from booking.actions.relocate import change_address
from notifications import reminders
from notifications.models import Message, ReminderRule
from tests.notifications.stage import (
    DAY,
    DESK,
    HOUR,
    NOW,
    VISIT,
    Stillwater,
    cancel,
    event_in,
    kinds,
    mails,
    move,
    rows,
    rule,
    send,
)
from tests.notifications.test_due_at import EVENING_BEFORE, SAME_CLOCK, utc

MINUTE = timedelta(minutes=1)


class TestDeriving:
    def test_writes_nothing_before_a_rule_is_due(self, studio):
        rule(24 * 60)
        studio.book()

        assert reminders.derive(now=VISIT - DAY - MINUTE) == 0
        assert reminders.derive(now=VISIT - DAY) == 1

    def test_again_writes_nothing_more(self, studio):
        rule(24 * 60)
        studio.book()

        for minutes in range(0, 600, 60):
            reminders.derive(now=VISIT - DAY + minutes * MINUTE)

        assert rows(kind="reminder") == [("reminder", "pending")]

    def test_writes_one_for_each_of_two(self, studio):
        rule(24 * 60)
        studio.book_for_two()

        reminders.derive(now=VISIT - DAY)

        assert sorted(Message.objects.filter(kind="reminder").values_list("recipient", flat=True)) == [
            "client",
            "partner",
        ]

    @pytest.mark.parametrize("why", ["cancelled", "silent", "inactive"])
    def test_passes_over_what_nobody_wants_to_hear_of(self, studio, why):
        """R-01, R-02: cancelled by whatever way."""
        rule(24 * 60, is_active=why != "inactive")
        appointment = studio.book(notify=why != "silent")
        if why == "cancelled":
            cancel(appointment, now=NOW)

        reminders.derive(now=VISIT - HOUR)

        assert rows(kind="reminder") == []

    def test_needs_no_repair_after_a_move(self, studio, server):
        """Check 63: nothing at the old time, one at the new."""
        rule(24 * 60)
        appointment = studio.book()
        move(appointment, VISIT + 3 * DAY, now=NOW + HOUR)
        send(NOW + HOUR)

        reminders.derive(now=VISIT - DAY)
        assert rows(kind="reminder") == []
        reminders.derive(now=VISIT + 2 * DAY)
        send(VISIT + 2 * DAY)

        assert kinds(server) == ["rescheduled", "reminder"]
        assert event_in(mails(server)[1]).decoded("DTSTART") == VISIT + 3 * DAY

    def test_after_a_move_back_and_forth_writes_one_set_for_the_last(self, studio):
        """Check 64."""
        rule(24 * 60)
        appointment = studio.book()
        reminders.derive(now=VISIT - DAY)
        for to in (VISIT + DAY, VISIT + 2 * DAY, VISIT + DAY):
            appointment = move(appointment, to, now=VISIT - DAY + MINUTE)

        reminders.derive(now=VISIT)

        assert list(Message.objects.filter(kind="reminder").order_by("sequence").values_list("sequence", "state")) == [
            (0, "cancelled"),
            (3, "pending"),
        ]

    def test_does_not_repeat_a_reminder_because_the_address_changed(self, studio, server):
        """R-09: news of another address is news enough."""
        rule(24 * 60)
        studio.book()
        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)
        change_address(studio.location, address="Neue Gasse 1\n10115 Berlin", by=DESK, now=VISIT - 20 * HOUR)

        reminders.derive(now=VISIT - 20 * HOUR)
        send(VISIT - 20 * HOUR)

        assert kinds(server) == ["confirmation", "reminder", "relocated"]

    def test_reminds_after_another_address_once_the_gap_has_passed(self, studio, server):
        rule(24 * 60)
        studio.book()
        send()
        change_address(studio.location, address="Neue Gasse 1\n10115 Berlin", by=DESK, now=NOW + DAY)
        send(NOW + DAY)

        reminders.derive(now=VISIT - DAY)
        send(VISIT - DAY)

        assert kinds(server) == ["confirmation", "relocated", "reminder"]

    def test_follows_a_rule_that_has_changed_at_once(self, studio):
        changed = rule(24 * 60)
        studio.book()
        ReminderRule.objects.filter(pk=changed.pk).update(minutes=48 * 60)

        reminders.derive(now=VISIT - 2 * DAY)

        assert rows(kind="reminder") == [("reminder", "pending")]

    def test_keeps_wall_clock_rules_over_the_clock_change(self, db):
        """Check 67, through the database: on 25 October 2026 Berlin has 25 hours."""
        studio = Stillwater()
        rule(name="evening before", **EVENING_BEFORE)
        studio.book(utc(2026, 10, 25, 9), now=utc(2026, 10, 1, 9))

        assert reminders.derive(now=utc(2026, 10, 24, 15, 59)) == 0
        assert reminders.derive(now=utc(2026, 10, 24, 16)) == 1

    def test_any_minute_of_the_night_of_the_change_sends_each_once(self, db, server):
        """Check 70, celery#1604."""
        studio = Stillwater()
        rule(24 * 60)
        rule(name="same clock", **SAME_CLOCK)
        # 26 October, 01:30 and 02:30 and 03:30 in Berlin: a day before is the long night.
        starts = [utc(2026, 10, 26, hour, 30) for hour in range(4)]
        for start in starts:
            who = Person(name="Kim Larsen", email=f"{start:%H}.kim@example.com")
            studio.book(start, now=utc(2026, 10, 1, 9), client=who)
        Message.objects.all().delete()

        for minute in range(0, 4 * 60 + 1, 10):
            now = utc(2026, 10, 25, 0) + minute * MINUTE
            reminders.derive(now=now)
            send(now)

        told = Message.objects.filter(state="sent").values_list("appointment__start_at", "rule__days_before")
        # By the clock it is an hour earlier for the first two; for the others both rules mean the same instant.
        assert sorted(told, key=str) == sorted(
            [(start, None) for start in starts] + [(start, 1) for start in starts[:2]], key=str
        )
        assert len(server.kept) == 6


class TestABookingAtShortNotice:
    def test_gets_no_reminder_when_the_confirmation_serves(self, studio):
        """Check 65, R-10: booked three hours ahead under "24 h before"."""
        rule(24 * 60)
        studio.book(now=VISIT - 3 * HOUR)

        for minutes in range(0, 180, 5):
            reminders.derive(now=VISIT - 3 * HOUR + minutes * MINUTE)

        assert rows() == [("confirmation", "pending")]

    @pytest.mark.parametrize(("hours_before_it_is_due", "written"), [(4, 1), (3.99, 0)])
    def test_gets_one_only_after_the_gap(self, studio, hours_before_it_is_due, written):
        """Check 65: no reminder within `min_gap_minutes` after the confirmation."""
        rule(3 * 60, min_gap_minutes=4 * 60)
        studio.book(now=VISIT - 3 * HOUR - hours_before_it_is_due * HOUR)

        assert reminders.derive(now=VISIT - 3 * HOUR) == written

    def test_counts_from_the_last_agreement(self, studio):
        """A move an hour before the reminder is due has told them; R-09."""
        rule(24 * 60)
        appointment = studio.book()
        move(appointment, VISIT + HOUR, now=VISIT - DAY)

        assert reminders.derive(now=VISIT + HOUR - DAY) == 0
