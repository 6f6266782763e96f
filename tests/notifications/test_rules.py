"""For whom a rule holds, and from when on: messaging checks 67 and 68, R-10."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from booking.actions.book import Person
from notifications import queue, reminders
from notifications.models import ReminderRule
from tests.notifications.stage import DAY, HOUR, VISIT, Stillwater, rows, rule, the
from tests.notifications.test_due_at import EVENING_BEFORE, utc

MINUTE = timedelta(minutes=1)


class TestARuleForSomeServices:
    def test_speaks_of_no_other(self, studio):
        rule(24 * 60, services=[studio.swedish])
        swedish = studio.book()
        studio.book(VISIT + HOUR, service="couples", client=Person(name="Robin Vale", email="robin@example.com"))

        reminders.derive(now=VISIT)

        assert the("reminder").appointment_id == swedish.pk

    def test_that_names_none_is_for_all(self, studio):
        rule(24 * 60)
        studio.book()
        studio.book(VISIT + HOUR, service="couples", client=Person(name="Robin Vale", email="robin@example.com"))

        reminders.derive(now=VISIT - 20 * HOUR)

        assert len(rows(kind="reminder")) == 2

    def test_does_not_cut_short_the_reminder_of_another_service(self, studio):
        """A reminder yields to the next one, but only to one that will come."""
        rule(24 * 60)
        rule(3 * 60, services=[studio.couples])
        studio.book()

        reminders.derive(now=VISIT - DAY)

        assert the("reminder").not_after == VISIT - HOUR


class TestANewRule:
    """It must not mail everybody who is inside its window already."""

    @pytest.mark.parametrize(("made", "written"), [(-MINUTE, 1), (timedelta(0), 0), (HOUR, 0)])
    def test_reminds_only_of_what_falls_due_after_it_was_made(self, studio, made, written):
        studio.book()
        rule(24 * 60, since=VISIT - DAY + made)

        reminders.derive(now=VISIT - 20 * HOUR)

        assert len(rows(kind="reminder")) == written

    def test_is_made_when_the_database_says(self, studio):
        before = queue.database_now()
        made = ReminderRule.objects.create(name="new", kind="reminder")
        made.refresh_from_db()

        assert made.since >= before

    def test_by_the_clock_counts_from_the_clock_time_of_the_studio(self, db):
        """On 25 October 2026 Berlin's clocks go back: 18:00 on the day before is 16:00 UTC."""
        studio = Stillwater()
        studio.book(utc(2026, 10, 25, 9), now=utc(2026, 10, 1, 9))
        late = rule(name="evening before", since=utc(2026, 10, 24, 16), **EVENING_BEFORE)

        assert reminders.derive(now=utc(2026, 10, 24, 17)) == 0
        ReminderRule.objects.filter(pk=late.pk).update(since=utc(2026, 10, 24, 15, 59))
        assert reminders.derive(now=utc(2026, 10, 24, 17)) == 1

    def test_does_not_follow_up_on_the_visits_of_yesterday(self, studio):
        studio.book()
        rule(60, kind="follow-up", since=VISIT + 3 * HOUR)

        assert reminders.derive(now=VISIT + 4 * HOUR) == 0

    def test_does_not_cut_short_what_an_older_one_says(self, studio):
        """It will say nothing about this visit itself."""
        rule(24 * 60)
        rule(20 * 60, since=VISIT - 19 * HOUR)
        studio.book()

        reminders.derive(now=VISIT - 18 * HOUR)

        assert rows(kind="reminder") == [("reminder", "pending")]


class TestARuleThatChanges:
    @pytest.fixture
    def noor(self, db) -> Browser:
        browser = Browser()
        browser.force_login(User.objects.create_superuser("noor"))
        return browser

    def save(self, browser: Browser, changed: ReminderRule, **fields: str) -> None:
        form = {"name": changed.name, "kind": "reminder", "minutes": str(changed.minutes), "is_active": "on"}
        form |= {"min_gap_minutes": "240", "useful_until_minutes": "60", "language": "en"}
        answer = browser.post(f"/admin/notifications/reminderrule/{changed.pk}/change/", form | fields)
        assert answer.status_code == 302

    def test_holds_from_then_on_for_visits_that_are_booked_already(self, noor, studio):
        changed = rule(24 * 60)
        before = queue.database_now()

        self.save(noor, changed, minutes="120")

        changed.refresh_from_db()
        assert changed.minutes == 120
        assert changed.since >= before

    def test_has_told_first_whom_it_had_to_tell(self, noor, studio):
        """What fell due since the last tick is not lost because the rule changes now."""
        changed = rule(24 * 60)
        now = queue.database_now()
        studio.book((now + 20 * HOUR).replace(minute=0, second=0, microsecond=0), now=now - 3 * DAY)

        self.save(noor, changed, minutes="120")

        assert rows(kind="reminder") == [("reminder", "pending")]

    def test_its_name_is_not_made_anew(self, noor, studio):
        changed = rule(24 * 60)

        self.save(noor, changed, name="A day ahead")

        since = changed.since
        changed.refresh_from_db()
        assert (changed.name, changed.since) == ("A day ahead", since)
