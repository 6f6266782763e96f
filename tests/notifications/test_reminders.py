"""When a rule's message is due, and that every tick finds exactly what is missing: messaging.md 4.4, checks 63 to 70."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import reminders
from notifications.models import Message, ReminderRule
from tests.notifications.stage import (
    DAY,
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

MINUTE = timedelta(minutes=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def due(start_at: datetime, zone: str, **fields) -> datetime:
    fields = {"kind": "reminder", "minutes": 24 * 60} | fields
    return reminders.due_at(
        ReminderRule(**fields), start_at=start_at, end_at=start_at + timedelta(hours=1), time_zone=zone
    )


SAME_CLOCK = {"days_before": 1}
EVENING_BEFORE = {"days_before": 1, "at_time": time(18)}


class TestDueAt:
    @pytest.mark.parametrize(
        ("zone", "start_at", "a_day_of_hours", "same_clock"),
        [
            # Europe/Berlin: 10:00 local on both Sundays.
            ("Europe/Berlin", utc(2026, 3, 29, 8), utc(2026, 3, 28, 8), utc(2026, 3, 28, 9)),
            ("Europe/Berlin", utc(2026, 10, 25, 9), utc(2026, 10, 24, 9), utc(2026, 10, 24, 8)),
            ("Europe/Berlin", utc(2027, 3, 28, 8), utc(2027, 3, 27, 8), utc(2027, 3, 27, 9)),
            ("Europe/Berlin", utc(2027, 10, 31, 9), utc(2027, 10, 30, 9), utc(2027, 10, 30, 8)),
            ("America/New_York", utc(2026, 3, 8, 14), utc(2026, 3, 7, 14), utc(2026, 3, 7, 15)),
            ("America/New_York", utc(2026, 11, 1, 15), utc(2026, 10, 31, 15), utc(2026, 10, 31, 14)),
        ],
    )
    def test_counts_hours_as_elapsed_and_days_by_the_clock(self, zone, start_at, a_day_of_hours, same_clock):
        """Checks 67 and 68."""
        assert start_at.astimezone(ZoneInfo(zone)).hour == 10
        assert due(start_at, zone) == a_day_of_hours
        assert due(start_at, zone, **SAME_CLOCK) == same_clock

    @pytest.mark.parametrize(
        ("start_at", "expected"),
        [
            (utc(2026, 3, 29, 8), utc(2026, 3, 28, 17)),
            (utc(2026, 3, 30, 8), utc(2026, 3, 29, 16)),
            (utc(2026, 10, 25, 9), utc(2026, 10, 24, 16)),
            (utc(2026, 10, 26, 9), utc(2026, 10, 25, 17)),
        ],
        ids=["to spring", "from spring", "to autumn", "from autumn"],
    )
    def test_of_the_evening_before_is_six_by_the_studios_clock(self, start_at, expected):
        assert due(start_at, "Europe/Berlin", **EVENING_BEFORE) == expected
        assert expected.astimezone(ZoneInfo("Europe/Berlin")).hour == 18

    def test_at_a_clock_time_that_is_skipped_is_an_hour_on(self):
        """02:30 does not exist on 29 March 2026; RFC 5545 reads it with the offset before the change."""
        assert due(utc(2026, 3, 30, 8), "Europe/Berlin", days_before=1, at_time=time(2, 30)) == utc(2026, 3, 29, 1, 30)

    def test_at_a_clock_time_that_comes_twice_is_the_first(self):
        assert due(utc(2026, 10, 26, 9), "Europe/Berlin", days_before=1, at_time=time(2, 30)) == utc(
            2026, 10, 25, 0, 30
        )

    def test_of_a_follow_up_is_counted_from_the_end(self):
        assert due(VISIT, "Europe/Berlin", kind="follow-up", minutes=120) == VISIT + 3 * HOUR

    @given(
        start_at=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
        days=st.integers(0, 7),
    )
    def test_of_a_rule_by_the_day_shows_the_same_clock_unless_it_is_skipped(self, start_at, zone, days):
        found = due(start_at, zone, days_before=days).astimezone(ZoneInfo(zone))
        local = start_at.astimezone(ZoneInfo(zone))

        wanted = datetime.combine(local.date() - days * DAY, local.time().replace(second=0, microsecond=0))
        skipped = wanted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert found.replace(tzinfo=None) == skipped


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

    def test_follows_a_rule_that_has_changed_at_once(self, studio):
        changed = rule(24 * 60)
        studio.book()
        ReminderRule.objects.filter(pk=changed.pk).update(minutes=48 * 60)

        reminders.derive(now=VISIT - 2 * DAY)

        assert rows(kind="reminder") == [("reminder", "pending")]

    def test_follows_a_rule_that_is_new(self, studio):
        studio.book()
        reminders.derive(now=VISIT - 20 * HOUR)
        rule(24 * 60)

        reminders.derive(now=VISIT - 20 * HOUR)

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
            studio.book(start, now=utc(2026, 10, 1, 9))
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


class TestAfterTheSchedulerWasDown:
    """R-06: three rules; late if still of use, else expired, and visible either way."""

    @pytest.fixture
    def three_rules(self, studio):
        return [rule(72 * 60, name="3 days"), rule(24 * 60, name="24 h"), rule(2 * 60, name="2 h")]

    def states(self):
        found = Message.objects.filter(kind="reminder").select_related("rule")
        return {message.rule.name: message.state for message in found}

    def test_for_half_an_hour_sends_late(self, studio, three_rules, server):
        studio.book(now=NOW - 3 * DAY)
        Message.objects.all().delete()
        reminders.derive(now=VISIT - 3 * DAY + 30 * MINUTE)

        send(VISIT - 3 * DAY + 30 * MINUTE)

        assert self.states() == {"3 days": "sent"}

    def test_until_half_an_hour_before_sends_nothing_and_says_so(self, studio, three_rules, server):
        """Check 66."""
        studio.book(now=NOW - 3 * DAY)
        Message.objects.all().delete()

        reminders.derive(now=VISIT - 30 * MINUTE)
        send(VISIT - 30 * MINUTE)

        assert self.states() == {"3 days": "expired", "24 h": "expired", "2 h": "expired"}
        assert all(message.words for message in Message.objects.all())
        assert server.kept == []

    def test_sends_one_when_several_have_come_due_meanwhile(self, studio, three_rules, server):
        studio.book(now=NOW - 3 * DAY)
        Message.objects.all().delete()

        reminders.derive(now=VISIT - 90 * MINUTE)
        send(VISIT - 90 * MINUTE)

        assert self.states() == {"3 days": "expired", "24 h": "expired", "2 h": "sent"}
        assert len(server.kept) == 1

    def test_with_the_message_already_written_drops_it_too(self, studio, server):
        """Check 66: not the scheduler but the worker was away, from T-24 h to T-30 min."""
        rule(24 * 60)
        studio.book()
        send()
        reminders.derive(now=VISIT - DAY)

        send(VISIT - 30 * MINUTE)

        assert rows(kind="reminder") == [("reminder", "expired")]
        assert kinds(server) == ["confirmation"]

    def test_until_after_the_visit_says_so_too(self, studio, three_rules):
        """Nobody was reminded of this one: the desk should see that, most of all."""
        studio.book(now=NOW - 3 * DAY)
        Message.objects.all().delete()

        reminders.derive(now=VISIT + 30 * MINUTE)

        assert self.states() == {"3 days": "expired", "24 h": "expired", "2 h": "expired"}


class TestTwoRules:
    def test_that_fall_on_one_instant_make_one_reminder(self, studio, server):
        """R-09: "24 h before" and "the day before at 18:00" are one moment for a visit at 18:00."""
        rule(24 * 60)
        rule(name="evening before", **EVENING_BEFORE)
        studio.book(utc(2026, 11, 24, 17))
        send()

        for minutes in range(10):
            reminders.derive(now=utc(2026, 11, 23, 17) + minutes * MINUTE)
            send(utc(2026, 11, 23, 17) + minutes * MINUTE)

        assert kinds(server) == ["confirmation", "reminder"]

    def test_one_of_them_retired_leaves_the_other(self, studio):
        first, _second = rule(24 * 60), rule(3 * 60, min_gap_minutes=0)
        studio.book()
        reminders.derive(now=VISIT - DAY)
        first.delete()

        reminders.derive(now=VISIT - 3 * HOUR)

        assert rows(kind="reminder") == [("reminder", "pending")] * 2


class TestFollowUps:
    def test_come_after_the_visit_and_not_after_three_days(self, studio):
        rule(24 * 60, kind="follow-up")
        studio.book()

        assert reminders.derive(now=VISIT + HOUR + DAY - MINUTE) == 0
        assert reminders.derive(now=VISIT + HOUR + DAY) == 1
        assert Message.objects.get(kind="follow-up").not_after == VISIT + HOUR + 4 * DAY

    @pytest.mark.parametrize("status", ["cancelled", "noshow"])
    def test_do_not_come_after_no_visit(self, studio, status):
        rule(60, kind="follow-up")
        appointment = studio.book()
        appointment.status, appointment.blocks = status, False
        appointment.save()

        assert reminders.derive(now=VISIT + 3 * HOUR) == 0

    def test_do_not_come_to_those_who_want_no_notes(self, studio):
        rule(60, kind="follow-up")
        studio.book(tips=False)

        assert reminders.derive(now=VISIT + 3 * HOUR) == 0


class TestARule:
    def test_by_the_clock_needs_a_day(self, db):
        from django.db import IntegrityError

        with pytest.raises(IntegrityError, match="a_clock_time_needs_a_day"):
            rule(60, at_time=time(18))

    def test_for_a_date_line_away_studio_is_by_its_clock(self, db):
        studio = Stillwater("Pacific/Auckland")
        rule(name="evening before", **EVENING_BEFORE)
        start = datetime.combine(date(2026, 11, 25), time(9), ZoneInfo("Pacific/Auckland"))
        studio.book(start.astimezone(UTC))

        expected = datetime.combine(date(2026, 11, 24), time(18), ZoneInfo("Pacific/Auckland"))
        assert reminders.derive(now=expected.astimezone(UTC) - MINUTE) == 0
        assert reminders.derive(now=expected.astimezone(UTC)) == 1
