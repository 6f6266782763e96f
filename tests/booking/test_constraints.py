"""The database has the last word: each rule holds when the actions are gone round."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking import errors
from booking.actions.locks import REFUSALS, refusal_of
from booking.models import (
    AddOn,
    Appointment,
    Assignment,
    Client,
    Closure,
    DateOverride,
    HistoryEntry,
    Service,
    Studio,
    TimeOff,
    Variation,
    WeeklyHours,
)
from tests.factories import NOW, TUESDAY

TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def write(house):
    """Write an appointment and its assignment past every action."""

    def write(start=TEN, *, end=None, who=None, **changes):
        end = end or start + HOUR
        facts = {
            "status": "booked",
            "blocks": True,
            "location": house.harbour,
            "room": house.rooms[0],
            "service": house.swedish,
            "variation": house.hour,
            "start_at": start,
            "end_at": end,
            "occupied": DateTimeTZRange(start, end),
            "wall_start": "2026-12-01T10:00",
            "time_zone": "Europe/Berlin",
            "agreed_at": NOW,
            "price_amount": 95,
            "price_currency": "EUR",
            "change_deadline_minutes": 0,
            "created_at": NOW,
            "changed_at": NOW,
        }
        made = Appointment.objects.create(**(facts | changes))
        Assignment.objects.create(
            appointment=made, therapist=who or house.anna, occupied=made.occupied, blocks=made.blocks
        )
        return made

    return write


@pytest.fixture
def refused():
    """Run it, and return the name of the constraint that refused it."""

    def refused(run) -> str:
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            run()
        return caught.value.__cause__.diag.constraint_name

    return refused


class TestATherapist:
    def test_sees_one_client_at_a_time(self, write, refused, house):
        write()

        name = refused(lambda: write(TEN + HOUR / 2, room=house.rooms[1]))

        assert name == "a_therapist_sees_one_client_at_a_time"

    def test_may_see_two_that_touch(self, write):
        """S36: half-open."""
        write()
        write(TEN + HOUR)
        write(TEN - HOUR)

        assert Appointment.objects.count() == 3

    def test_is_assigned_once_to_an_appointment(self, write, refused, house):
        made = write(status="cancelled", blocks=False)
        again = Assignment(appointment=made, therapist=house.anna, occupied=made.occupied, blocks=False)

        assert refused(again.save) == "a_therapist_is_assigned_once_to_an_appointment"

    def test_is_free_when_the_other_visit_is_cancelled(self, write):
        write(status="cancelled", blocks=False)

        write()


class TestARoom:
    def test_holds_one_group_at_a_time(self, write, refused, house):
        write()

        assert refused(lambda: write(TEN + HOUR / 2, who=house.ben)) == "a_room_holds_one_group_at_a_time"

    def test_is_not_needed_for_visits_elsewhere(self, write, house):
        write(room=None)
        write(room=None, who=house.ben)


class TestAClient:
    def test_books_a_start_once(self, write, refused, house):
        kim = Client.objects.create(name="Kim", email="kim@example.com", created_at=NOW)
        write(client=kim)

        name = refused(lambda: write(client=kim, who=house.ben, room=house.rooms[1]))

        assert name == "a_client_books_a_start_once"

    def test_is_a_name_at_an_address(self, house, refused):
        Client.objects.create(name="Kim", email="kim@example.com", created_at=NOW)
        same = Client(name="KIM", email="Kim@Example.com", created_at=NOW)

        assert refused(same.save) == "a_client_is_a_name_at_an_address"
        for _ in range(2):
            Client.objects.create(name="Lee", created_at=NOW)


class TestAnAppointment:
    @pytest.mark.parametrize(
        ("word", "blocks"), [("cancelled", True), ("noshow", True), ("booked", False), ("arrived", False)]
    )
    def test_blocks_by_its_status(self, write, refused, word, blocks):
        assert refused(lambda: write(status=word, blocks=blocks)) == "the_status_decides_whether_it_blocks"

    def test_that_is_held_has_a_token_and_an_end(self, write, refused):
        assert refused(lambda: write(status="held", blocks=True)) == "a_hold_has_a_token_and_an_end"

    def test_that_is_booked_does_not_expire(self, write, refused):
        assert refused(lambda: write(expires_at=TEN)) == "what_is_booked_does_not_expire"

    def test_ends_after_it_starts(self, write, refused):
        name = refused(lambda: write(end=TEN, occupied=DateTimeTZRange(TEN, TEN + HOUR)))

        assert name == "a_visit_ends_after_it_starts"

    @pytest.mark.parametrize("cut", [(HOUR / 4, HOUR), (-HOUR, HOUR / 2)], ids=str)
    def test_lies_in_its_occupied_time(self, write, refused, cut):
        name = refused(lambda: write(occupied=DateTimeTZRange(TEN + cut[0], TEN + cut[1])))

        assert name == "the_visit_lies_in_the_occupied_time"


class TestAnAssignment:
    NAME = "an_assignment_occupies_what_its_appointment_does"

    @pytest.mark.parametrize(
        "changes", [{"blocks": False}, {"occupied": DateTimeTZRange(TEN, TEN + 2 * HOUR)}], ids=str
    )
    def test_cannot_drift_from_its_appointment(self, write, refused, changes):
        write()

        assert refused(lambda: Assignment.objects.update(**changes)) == self.NAME

    def test_follows_when_its_appointment_changes(self, write):
        made = write()

        Appointment.objects.filter(pk=made.pk).update(status="cancelled", blocks=False)

        assert Assignment.objects.get().blocks is False

    def test_cannot_follow_into_somebody_elses_time(self, write, refused, house):
        write()
        other = write(TEN + 2 * HOUR, room=house.rooms[1])
        moved = {"start_at": TEN, "end_at": TEN + HOUR, "occupied": DateTimeTZRange(TEN, TEN + HOUR)}

        name = refused(lambda: Appointment.objects.filter(pk=other.pk).update(**moved))

        assert name == "a_therapist_sees_one_client_at_a_time"


class TestHistory:
    @pytest.mark.parametrize(
        "statement", ["UPDATE booking_historyentry SET actor = 'sam'", "DELETE FROM booking_historyentry"]
    )
    def test_is_append_only(self, write, statement):
        HistoryEntry.objects.create(appointment=write(), at=NOW, action="booked", actor="kim", channel="api")

        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

        assert HistoryEntry.objects.get().actor == "kim"


class TestTheCatalogue:
    @pytest.mark.parametrize(
        ("change", "name"),
        [
            (lambda: Service.objects.update(therapists_required=3), "a_service_takes_one_or_two_therapists"),
            (lambda: Service.objects.update(step_minutes=0), "starts_are_a_step_apart"),
            (lambda: Variation.objects.update(duration_minutes=0), "a_visit_takes_time"),
            (lambda: Variation.objects.update(price_amount=-1), "a_price_is_not_negative"),
            (lambda: AddOn.objects.update(price_amount=-1), "an_add_on_price_is_not_negative"),
            (lambda: Studio.objects.create(pk=2, name="Second", mail_address="a@b.example"), "there_is_one_studio"),
            (lambda: WeeklyHours.objects.update(weekday=7), "a_weekday_is_one_of_seven"),
            (lambda: WeeklyHours.objects.update(valid_until="2020-01-01"), "hours_end_after_they_begin_to_hold"),
        ],
    )
    def test_holds_no_nonsense(self, house, refused, change, name):
        assert refused(change) == name

    def test_holds_no_absence_that_ends_before_it_begins(self, house, refused):
        away = TimeOff(therapist=house.anna, start_at=NOW, end_at=NOW)
        shut = Closure(location=house.harbour, start_at=NOW, end_at=NOW)
        half = DateOverride(therapist=house.anna, location=house.harbour, on=TUESDAY, opens="09:00")

        assert refused(away.save) == "time_off_ends_after_it_starts"
        assert refused(shut.save) == "a_closure_ends_after_it_starts"
        assert refused(half.save) == "an_override_has_both_times_or_none"


class TestARefusal:
    def test_is_named_by_a_constraint_that_exists(self, db):
        with connection.cursor() as cursor:
            cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
            known = {name for (name,) in cursor.fetchall()}

        assert set(REFUSALS) <= known

    def test_is_what_the_violated_constraint_means(self, write, house):
        write()

        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            write(room=house.rooms[1])

        assert isinstance(refusal_of(caught.value), errors.SlotTaken)

    def test_is_the_error_itself_when_no_rule_of_ours_is_broken(self, write):
        """Anything else is a bug and fails loudly."""
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            write(end=TEN, occupied=DateTimeTZRange(TEN, TEN + HOUR))

        assert refusal_of(caught.value) is caught.value
