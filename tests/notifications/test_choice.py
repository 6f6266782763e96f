"""The choice among notes: by service, moment and history, and by nothing about the person."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from notifications import nudges, reminders
from notifications.models import Exposure, Message, ReminderRule
from tests.booking.visits import visit
from tests.notifications.stage import HOUR, NOW, VISIT, rule, send


class TestTheMomentOf:
    @pytest.mark.parametrize(
        ("made", "moment"),
        [
            ({"kind": "confirmation"}, "confirmation"),
            ({"kind": "rescheduled"}, None),
            ({"kind": "cancelled"}, None),
            ({"kind": "follow-up"}, "follow-up"),
            ({"kind": "reminder"}, "reminder-24h"),
            ({"kind": "reminder", "rule": ReminderRule(kind="reminder", minutes=48 * 60)}, "reminder-24h"),
            ({"kind": "reminder", "rule": ReminderRule(kind="reminder", minutes=3 * 60)}, "reminder-2h"),
            ({"kind": "reminder", "rule": ReminderRule(kind="reminder", minutes=60, days_before=1)}, "reminder-24h"),
        ],
    )
    def test_a_message_is_that_of_the_visit(self, made, moment):
        assert nudges.moment_of(Message(**made)) == moment

    def test_picks_among_notes_for_that_moment_only(self, studio, server, note):
        note("before", moments=["confirmation"])
        note("hours", moments=["reminder-2h"])
        rule(3 * 60)
        studio.book()
        send()
        reminders.derive(now=VISIT - 3 * HOUR)
        send(VISIT - 3 * HOUR)

        assert list(Exposure.objects.order_by("pk").values_list("snippet", flat=True)) == ["before", "hours"]


ABOUT_THE_PERSON = {
    "client_name": st.text(max_size=20),
    "client_mail": st.sampled_from(["kim@example.com", "a@b.example"]),
    "partner_name": st.text(max_size=20),
    "partner_mail": st.sampled_from(["", "robin@example.com"]),
    "language": st.sampled_from(["en", "de"]),
    "price_amount": st.integers(0, 500),
    "start_at": st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them so
    "therapists": st.tuples(st.text(max_size=9)),
    "add_ons": st.tuples(st.text(max_size=9)),
    "reference": st.text(max_size=10),
    "status": st.sampled_from(["booked", "arrived"]),
    "location_name": st.text(max_size=9),
}


class TestTheChoice:
    @examples(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
    @given(data=st.data(), kind=st.sampled_from(["swedish", "sports"]))
    def test_depends_on_service_moment_and_history_alone(self, shelf, data, kind):
        """Check 51: whatever else is true of the visit or the person, the same mail gets the same note."""
        plain = visit(service_kind=kind)
        other = replace(plain, **{name: data.draw(values, label=name) for name, values in ABOUT_THE_PERSON.items()})
        message = Message(pk=1, kind="confirmation", recipient="client", name="a name")

        def chosen(facts):
            fresh = nudges.Nudges(now=NOW, conflicting=False, readers=["reader"])
            return fresh.choose(message, facts, reader="reader")

        assert chosen(plain) == chosen(other)
        assert chosen(plain).slug.startswith(("any", kind))

    def test_is_spread_over_what_fits(self, shelf):
        def chosen(name):
            fresh = nudges.Nudges(now=NOW, conflicting=False, readers=[])
            found = fresh.choose(Message(kind="confirmation", name=name), visit(service_kind="swedish"), reader="x")
            return found.slug

        assert len({chosen(f"mail {n}") for n in range(60)}) == 6

    def test_knows_of_no_field_about_health(self):
        """Check 51: the facts that reach the choice hold nothing of the kind, so nobody can start to use it."""
        from booking.events import AppointmentFacts

        assert not {"note", "intake", "health", "notes"} & {field.name for field in fields(AppointmentFacts)}

    @pytest.fixture
    def shelf(self, note):
        for n in range(3):
            note(f"any-{n}")
            note(f"swedish-{n}", services=["swedish"])
            note(f"sports-{n}", services=["sports"])
