"""What a process remembers of the catalogue, and that nobody ever books by what is not so any more (ADR 12)."""

import re

import pytest
from django.db import connection, transaction

from booking.models import Appointment, Location, Room, Service, Studio, Therapist, Variation
from booking.queries import catalogue, memory
from tests import factories
from tests.booking.caller import Caller, is_problem, statements
from tests.factories import at, guest

EDITION = "SELECT catalogue_edition FROM booking_studio"
GUARDED = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'a_change_is_another_edition'
"""


def edition():
    with connection.cursor() as cursor:
        cursor.execute(EDITION)
        return cursor.fetchone()[0]


@pytest.fixture
def again(api, wish):
    """Book an hour with ben, as the process already knows the house: Kim was here before."""
    assert (
        api.post("appointments/", wish(therapist="ben", client=guest("Robin", "robin@example.com"))).status_code == 201
    )

    def again(**changes):
        return Caller().post("appointments/", wish(**{"therapist": "ben", "start": at("14:00")} | changes))

    return again


class TestWhatWasReadOnce:
    def test_costs_the_next_booking_no_statement(self, api, wish, again):
        memory.forget()

        first = statements(lambda: again(start=at("12:00")))
        second = statements(again)

        assert second == first - 1

    def test_serves_a_hold_and_who_takes_it_up(self, api, wish, again):
        """It was read for a booking: for a hold it is not read, nor for taking that up."""
        body = {"location": "harbour", "variation": "swedish-60", "start": at("16:00"), "therapist": "ben"}

        known = statements(lambda: hold_and_take_up(api, body))
        memory.forget()
        new = statements(lambda: hold_and_take_up(api, body | {"start": at("11:30")}))

        assert known == new - 1

    def test_is_all_guarded(self, db):
        """Each table that is read for it says when it changes."""
        read = set(re.findall(r"booking_[a-z_]+", catalogue.READ)) | {"booking_service"}
        with connection.cursor() as cursor:
            cursor.execute(GUARDED)
            assert read == {table for (table,) in cursor.fetchall()}

    def test_is_of_an_edition_that_never_comes_again(self, house):
        """Not even when the change was taken back: another process may have read it meanwhile."""
        before = edition()
        with transaction.atomic():
            Variation.objects.update(price_amount="1.00")
            within = edition()
            transaction.set_rollback(True)
        Variation.objects.update(price_amount="2.00")

        assert len({before, within, edition()}) == 3


def hold_and_take_up(api, body):
    held = api.post("holds/", body)
    assert held.status_code == 201, held.content
    booked = api.post("appointments/", {"hold": held.json()["token"], "client": guest("Lee", "lee@example.com")})
    assert booked.status_code == 201, booked.content
    return booked.json()


class TestAChange:
    @pytest.mark.parametrize(
        ("change", "seen"),
        [
            (lambda: Variation.objects.update(price_amount="99.50"), lambda one: one["price"]["amount"] == "99.50"),
            (lambda: Variation.objects.update(duration_minutes=75), lambda one: one["end"] == at("15:15")),
            (lambda: Studio.objects.update(currency="CHF"), lambda one: one["price"]["currency"] == "CHF"),
            (lambda: Studio.objects.update(tips_by_default=True), lambda _: Appointment.objects.last().tips),
            (lambda: Service.objects.update(needs_confirmation=True), lambda one: one["status"] == "pending"),
            (lambda: Service.objects.update(needs_room=False), lambda one: one["room"] is None),
            (lambda: Room.objects.filter(slug="blue").update(is_active=False), lambda one: one["room"] == "suite"),
            (lambda: factories.room("attic", Location.objects.get()), lambda one: one["room"] == "attic"),
            (
                lambda: Room.objects.get(slug="suite").usual_for.add(Therapist.objects.get(slug="ben")),
                lambda one: one["room"] == "suite",
            ),
        ],
        ids=["price", "length", "currency", "tips", "confirmation", "no-room", "closed-room", "new-room", "usual-room"],
    )
    def test_is_in_the_very_next_booking(self, again, change, seen):
        change()

        answer = again()

        assert answer.status_code == 201, answer.content
        assert seen(answer.json())

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            (lambda: Location.objects.update(is_active=False), "location"),
            (lambda: Service.objects.update(is_active=False), "variation"),
            (lambda: Variation.objects.filter(slug="swedish-60").update(is_active=False), "variation"),
        ],
        ids=["location", "service", "variation"],
    )
    def test_that_takes_it_off_sale_is_told(self, again, change, field):
        change()

        answer = again()

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}

    def test_that_makes_it_for_two_lets_a_second_person_come(self, again):
        """Refusing them would ask no diary, and so would never find out that the memory is old."""
        Service.objects.filter(slug="swedish").update(therapists_required=2)

        answer = again(partner={"name": "Lee Moreau"})

        assert answer.status_code == 201, answer.content
        assert answer.json()["therapists"] == ["anna", "ben"]

    def test_that_protects_somebodys_hands_is_heeded(self, again):
        Therapist.objects.filter(slug="ben").update(daily_limit_minutes=60)

        answer = again()

        assert is_problem(answer, 409, "not-offered")
        assert answer.json()["reasons"] == ["daily-limit"]

    def test_between_a_hold_and_its_booking_is_seen(self, api, again):
        body = {"location": "harbour", "variation": "swedish-60", "start": at("16:00"), "therapist": "ben"}
        held = api.post("holds/", body).json()["token"]
        Service.objects.update(needs_confirmation=True)

        answer = api.post("appointments/", {"hold": held, "client": guest("Lee", "lee@example.com")})

        assert answer.json()["status"] == "pending"
