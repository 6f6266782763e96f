"""What may be told about appointments, and which are to be told of."""

from datetime import datetime, timedelta

import pytest

from booking.models import Appointment
from booking.queries import facts_of, to_follow_up, to_remind_of
from tests.booking.caller import statements
from tests.factories import at

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}
SECOND = timedelta(seconds=1)


class TestFacts:
    def test_are_what_was_agreed(self, booked):
        [appointment] = Appointment.objects.all()

        facts = facts_of([appointment.pk])[appointment.pk]

        assert (facts.reference, facts.status, facts.sequence) == (booked["reference"], "booked", 0)
        assert facts.start_at == datetime.fromisoformat(booked["start"])
        assert facts.change_until == facts.start_at - timedelta(hours=24)
        assert (facts.time_zone, facts.location_phone, facts.studio_name) == (
            "Europe/Berlin",
            "+49 40 1234567",
            "Stillwater",
        )
        assert (facts.client_name, facts.client_mail, facts.therapists) == ("Kim Larsen", "kim@example.com", ("Anna",))
        assert facts.duration_minutes == 60

    def test_of_many_cost_what_those_of_one_cost(self, book):
        book()
        book(variation="couples-60", start=at("12:00"), partner={"name": "Robin"})
        book(client=SAM, start=at("14:00"))
        first, *rest = Appointment.objects.values_list("pk", flat=True)

        assert statements(lambda: facts_of([first])) == statements(lambda: facts_of([first, *rest])) == 2

    def test_of_what_is_not_there_are_left_out(self, house):
        assert facts_of([4711]) == {}

    def test_of_who_walked_in_name_nobody(self, desk, wish):
        desk.post("appointments/", wish(client=None))
        [appointment] = Appointment.objects.all()

        facts = facts_of([appointment.pk])[appointment.pk]

        assert (facts.client_name, facts.client_mail) == ("", "")


class TestWhoIsToBeRemindedOf:
    def test_begins_after_the_first_and_not_after_the_last_instant(self, booked):
        start = datetime.fromisoformat(booked["start"])

        assert to_remind_of(after=start - SECOND, before=start).count() == 1
        assert not to_remind_of(after=start, before=start + SECOND).exists()
        assert not to_remind_of(after=start - 2 * SECOND, before=start - SECOND).exists()

    @pytest.mark.parametrize(
        "changes", [{"status": "cancelled", "blocks": False}, {"status": "pending"}, {"notify": False}], ids=str
    )
    def test_is_booked_and_wants_mail(self, booked, changes):
        """R-01: a cancelled visit is never reminded of."""
        Appointment.objects.update(**changes)
        start = datetime.fromisoformat(booked["start"])

        assert not to_remind_of(after=start - SECOND, before=start).exists()


class TestWhoIsToBeAskedAfterwards:
    def test_came_and_wants_notes(self, book):
        booked = book(tips=True)
        end = datetime.fromisoformat(booked["end"])

        assert to_follow_up(after=end - SECOND, before=end).count() == 1
        assert not to_follow_up(after=end, before=end + SECOND).exists()

    @pytest.mark.parametrize(
        "changes", [{"status": "noshow", "blocks": False}, {"tips": False}, {"notify": False}], ids=str
    )
    def test_is_nobody_else(self, book, changes):
        end = datetime.fromisoformat(book(tips=True)["end"])
        Appointment.objects.update(**changes)

        assert not to_follow_up(after=end - SECOND, before=end).exists()
