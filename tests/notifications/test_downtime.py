"""Rules that meet, ticks that were missed, and what comes after the visit: R-06, R-09, check 66."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications import reminders
from notifications.models import Message
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    Stillwater,
    kinds,
    rows,
    rule,
    send,
)
from tests.notifications.test_due_at import EVENING_BEFORE, utc

MINUTE = timedelta(minutes=1)


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
