"""The clock that nothing rings for, and that stood still: reliability 4.4, beat dead for half an hour; P4."""

import pytest

from tests.faults.house import House, eventually

pytestmark = pytest.mark.processes
DAY_MINUTES = 24 * 60
# A beat derives reminders at its first full minute, and then they are sent.
CAUGHT_UP_SECONDS = 60 + 15


def starts(house: House, reference: str, *, minutes: int) -> None:
    """The visit begins so many minutes from now, and was agreed long ago."""
    # One statement, since the appointment's constraints look at all of its times together.
    house.sql(
        "UPDATE booking_appointment SET agreed_at = now() - interval '9 days', changed_at = now() - interval '9 days', "
        "start_at = now() + away, end_at = now() + away + interval '1 hour', "
        "occupied = tstzrange(now() + away, now() + away + interval '1 hour') "
        "FROM (SELECT make_interval(mins => %s) AS away) AS moved WHERE reference = %s",
        minutes,
        reference,
    )


def states_by_reference(house: House) -> dict[str, str]:
    return dict(
        house.sql(
            "SELECT a.reference, m.state FROM notifications_message m "
            "JOIN booking_appointment a ON a.id = appointment_id"
        )
    )


class TestNewsThatNobodyRangFor:
    def test_goes_with_the_next_tick(self, house: House) -> None:
        """The row is the promise, and the bell a hint: here the broker forgets it, as when it is killed."""
        house.book()
        assert eventually(lambda: house.redis().llen("celery"))
        house.redis().flushall()
        house.start_worker()

        house.start_beat()

        assert eventually(lambda: house.states() == ["sent"]), house.states()


class TestABeatThatWasDeadForHalfAnHour:
    @pytest.mark.slow
    def test_is_made_up_for_within_a_minute_but_for_what_is_too_late(self, house: House) -> None:
        """P4: reminders go until their visit begins, and what is too late is written down as that."""
        house.start_worker()
        house.start_beat().kill()
        due_meanwhile, begins_soon, has_begun = (house.book()["reference"] for _ in range(3))
        assert eventually(lambda: house.states() == ["sent"] * 3)
        house.sql("DELETE FROM notifications_message")
        house.office.forget()
        starts(house, due_meanwhile, minutes=DAY_MINUTES - 30)
        starts(house, begins_soon, minutes=20)
        starts(house, has_begun, minutes=-50)
        house.rule("reminder", minutes=DAY_MINUTES)

        house.start_beat()

        told = {due_meanwhile: "sent", begins_soon: "sent", has_begun: "expired"}
        assert eventually(lambda: states_by_reference(house) == told, within_seconds=CAUGHT_UP_SECONDS), (
            states_by_reference(house)
        )
        assert len(house.office.arrived) == 2
