"""The studio's summary of the day ahead: one a day for each location, true when it goes."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from booking.actions.book import Person
from booking.models import Location, Studio
from notifications import queue, summaries
from notifications.models import Kind, Message, ReminderRule
from notifications.tasks import derive_reminders
from tests.notifications.stage import (
    DAY,
    HOUR,
    NOW,
    VISIT,
    calendar_in,
    cancel,
    mails,
    rows,
    send,
    text_in,
    the,
)

EVENING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 18:00 in Berlin, the day before VISIT
SAM = Person(name="Sam Okoro", email="sam@example.com")


@pytest.fixture
def rule(db) -> ReminderRule:
    return ReminderRule.objects.create(
        name="The day ahead", kind="staff-digest", days_before=1, at_time=time(18), since=NOW - DAY
    )


class TestASummary:
    def test_is_due_once_a_day_at_the_studios_wall_time(self, studio, rule):
        assert summaries.derive(now=EVENING - timedelta(seconds=1)) == 0
        assert summaries.derive(now=EVENING) == 1
        assert summaries.derive(now=EVENING + HOUR) == 0
        assert summaries.derive(now=EVENING + DAY) == 1

        assert Message.objects.first().due_at == EVENING
        assert rows() == [("staff-digest", "pending")] * 2

    def test_keeps_the_clock_time_over_a_change_of_clocks(self, studio, rule):
        """T-01's sibling: 18:00 is 16:00 UTC in summer, 17:00 in winter."""
        ReminderRule.objects.update(since=datetime(2026, 1, 1, tzinfo=UTC))
        for now in (datetime(2026, 10, 24, 16, 30, tzinfo=UTC), datetime(2026, 10, 25, 17, 30, tzinfo=UTC)):
            summaries.derive(now=now)

        assert [due for (due,) in Message.objects.order_by("due_at").values_list("due_at")] == [
            datetime(2026, 10, 24, 16, 0, tzinfo=UTC),
            datetime(2026, 10, 25, 17, 0, tzinfo=UTC),
        ]

    def test_goes_for_each_location_by_its_own_clock(self, studio, rule):
        Location.objects.create(slug="soho", name="Stillwater Soho", time_zone="America/New_York", address="1 St")

        assert summaries.derive(now=EVENING) == 1
        assert summaries.derive(now=EVENING + 6 * HOUR) == 1

    def test_of_two_ticks_at_once_is_one(self, studio, rule):
        """Check 58."""
        summaries.derive(now=EVENING)
        again = Message.objects.get()
        again.pk = None

        with pytest.raises(IntegrityError), transaction.atomic():
            again.save(force_insert=True)

    def test_that_is_six_hours_late_is_left_to_the_next_day(self, studio, rule, server):
        assert summaries.derive(now=EVENING + 6 * HOUR + timedelta(seconds=1)) == 0
        summaries.derive(now=EVENING)

        send(EVENING + 7 * HOUR)

        assert (the("staff-digest").state, server.kept) == ("expired", [])

    def test_by_a_new_rule_does_not_come_for_a_time_that_has_passed(self, studio, rule):
        ReminderRule.objects.update(since=EVENING + HOUR)

        assert summaries.derive(now=EVENING + 2 * HOUR) == 0
        assert summaries.derive(now=EVENING + DAY) == 1

    def test_needs_a_clock_time(self, db):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReminderRule.objects.create(name="No time", kind="staff-digest")

    def test_is_about_a_place_and_a_day_and_no_appointment(self, studio):
        appointment = studio.book()

        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.filter(appointment=appointment).update(kind="staff-digest")
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.filter(appointment=appointment).update(appointment=None)

    def test_is_derived_and_sent_by_the_task_of_reminders(self, studio, rule, monkeypatch):
        monkeypatch.setattr(queue, "database_now", lambda: EVENING)
        asked = []
        monkeypatch.setattr("notifications.tasks.sweep.delay", lambda: asked.append(1))

        derive_reminders()

        assert rows() == [("staff-digest", "pending")]
        assert asked == [1]


class TestWhatItSays:
    @pytest.fixture
    def told(self, studio, rule, server):
        """What the desk reads about a day on which all sorts of things happen."""

        def tell(now=EVENING):
            summaries.derive(now=EVENING)
            send(now)
            return next(mail for mail in mails(server) if mail["To"] == "desk@stillwater.example")

        return tell

    def test_is_the_day_ahead_to_the_studios_address(self, studio, told):
        studio.book(VISIT + HOUR)
        studio.book(VISIT - HOUR, client=SAM)
        studio.book(VISIT + DAY)
        studio.book(VISIT + 2 * HOUR, client=None)
        mail = told()

        assert mail["Subject"] == "Stillwater Mitte: Tuesday 24 November 2026"
        assert mail["From"] == "Stillwater <hello@stillwater.example>"
        lines = [line for line in text_in(mail).splitlines() if line.startswith("- ")]
        assert [line.split(", ")[1:3] for line in lines] == [
            ["09:30", "Sam Okoro"],
            ["11:30", "Kim Larsen"],
            ["12:30", "Swedish massage"],
        ]
        assert calendar_in(mail) is None
        assert mail["List-Unsubscribe"] is None
        assert "kim@example.com" not in text_in(mail)

    def test_is_true_when_it_goes(self, studio, told):
        appointment = studio.book()
        summaries.derive(now=EVENING)
        cancel(appointment, now=EVENING)

        assert "There are none." in text_in(told())

    def test_names_requests_that_wait(self, studio, told):
        studio.swedish.needs_confirmation = True
        studio.swedish.save()
        studio.book(VISIT + 3 * DAY, now=EVENING - HOUR)
        studio.book(VISIT + 4 * DAY, now=EVENING - 2 * DAY, client=SAM)

        text = text_in(told())

        assert "Requests that wait for an answer:" in text
        assert "Kim Larsen, Swedish massage" in text
        assert "answer by Tuesday 24 November, 17:00" in text
        assert "Sam Okoro" not in text

    def test_names_who_cancelled_late_since_yesterday(self, studio, told):
        studio.swedish.change_deadline_minutes = 24 * 60
        studio.swedish.save()
        late, early = studio.book(EVENING + 3 * HOUR), studio.book(EVENING + 5 * DAY, client=SAM)
        for appointment in (late, early):
            cancel(appointment, now=EVENING - HOUR)

        text = text_in(told())

        assert "Cancelled late in the last 24 hours:" in text
        assert "Kim Larsen" in text
        assert "Sam Okoro" not in text

    def test_names_mails_that_did_not_arrive_and_not_what_the_server_said(self, studio, told):
        """Check 74: a server's words may hold an address."""
        studio.book(VISIT + 9 * DAY)
        Message.objects.update(state="failed", words="550 <kim@example.com> unknown", due_at=EVENING - HOUR)

        text = text_in(told())

        assert "Mails that did not arrive:\r\n- confirmation: Thursday 3 December, 10:30, Kim Larsen" in text
        assert "550" not in text

    @pytest.mark.parametrize("kind", sorted({*Kind} - {Kind.STAFF_DIGEST}))
    def test_has_a_name_for_every_kind_of_them(self, studio, told, kind):
        studio.book(VISIT + 9 * DAY)
        Message.objects.update(kind=kind, state="bounced", due_at=EVENING - HOUR)

        assert "Mails that did not arrive:" in text_in(told())

    def test_is_in_the_language_of_its_rule(self, studio, told):
        ReminderRule.objects.update(language="de")

        assert told()["Subject"] == "Stillwater Mitte: Dienstag, 24. November 2026"

    def test_goes_to_the_one_address_there_is(self, studio, rule, server):
        Studio.objects.update(reply_to="")
        summaries.derive(now=EVENING)
        send(EVENING)

        assert mails(server)[0]["To"] == "hello@stillwater.example"

    def test_waits_for_no_confirmation_and_keeps_none_waiting(self, studio, rule, server):
        """Among reminders, after news, though all of a batch is read first."""
        summaries.derive(now=EVENING)
        studio.book(now=EVENING)
        send(EVENING)

        assert [mail["To"] for mail in mails(server)] == ["kim@example.com", "desk@stillwater.example"]
