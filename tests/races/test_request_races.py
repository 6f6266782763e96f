"""Requests that the desk answers, several at once: one winner, and a named refusal for each other."""

from collections import Counter
from datetime import timedelta

import pytest

from booking.actions.requests import end_requests
from booking.models import Appointment, HistoryEntry, Service
from tests.booking.caller import Caller
from tests.factories import NOW, api_key
from tests.races.overlaps import overlapping_pairs
from tests.races.test_booking_races import booking

CALLERS = 8


@pytest.fixture
def desk(house):
    key = f"Bearer {api_key('read', 'desk')}"
    return lambda word, reference: lambda: Caller(Authorization=key).post(f"appointments/{reference}/{word}/")


@pytest.fixture
def requests(house):
    """As many requests for one hour with anna, none of which keeps anybody out."""
    Service.objects.update(needs_confirmation=True, needs_room=False)

    def ask(number):
        reference = booking(number)().json()["reference"]
        ends = NOW + timedelta(hours=24)
        Appointment.objects.filter(reference=reference).update(blocks=False, expires_at=ends)
        return reference

    return [ask(number) for number in range(CALLERS)]


def outcomes(answers):
    return Counter((answer.status_code, answer.json().get("code")) for answer in answers)


class TestConfirmingAtOnce:
    def test_of_two_requests_for_one_hour_lets_one_win(self, requests, desk, at_once):
        """B-03, S33: the second is refused and told which appointment has the hour."""
        answers = at_once([desk("confirm", reference) for reference in requests[:2]])

        assert outcomes(answers) == {(200, None): 1, (409, "slot-taken"): 1}
        winner = Appointment.objects.get(status="booked")
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert winner.reference in refused.json()["detail"]
        assert Appointment.objects.filter(blocks=True).count() == 1

    def test_of_many_requests_for_one_hour_lets_one_win(self, requests, desk, at_once):
        """S33."""
        answers = at_once([desk("confirm", reference) for reference in requests])

        assert outcomes(answers) == {(200, None): 1, (409, "slot-taken"): CALLERS - 1}
        assert Appointment.objects.filter(blocks=True).count() == 1

    def test_of_one_request_confirms_it_once(self, requests, desk, at_once):
        """S33: compare-and-swap; the others find it done."""
        answers = at_once([desk("confirm", requests[0])] * CALLERS)

        assert outcomes(answers) == {(200, None): CALLERS}
        assert HistoryEntry.objects.filter(action="confirmed").count() == 1
        assert Appointment.objects.get(reference=requests[0]).version == 2


class TestAConfirmAgainstADecline:
    def test_ends_in_one_of_two_stories(self, requests, desk, at_once):
        """S33: a yes and a no at once are one answer, and the other is refused by name."""
        confirmed, declined = at_once([desk("confirm", requests[0]), desk("decline", requests[0])])

        assert {confirmed.status_code, declined.status_code} == {200, 409}
        present = Appointment.objects.get(reference=requests[0])
        assert present.status == ("booked" if confirmed.status_code == 200 else "cancelled")
        assert present.blocks == (present.status == "booked")
        assert HistoryEntry.objects.filter(action__in=["confirmed", "declined"]).count() == 1


class TestAnUndoAgainstABooking:
    def test_gives_the_hour_to_one_of_them(self, house, desk, at_once):
        """What a decline freed is somebody's: who was first keeps it, the other is told."""
        kims = booking(0)().json()["reference"]
        Appointment.objects.update(status="pending", expires_at=NOW + timedelta(hours=24))
        assert desk("decline", kims)().status_code == 200

        undone, booked = at_once([desk("undo", kims), booking(1)])

        assert outcomes([undone, booked]) in (
            {(200, None): 1, (409, "slot-taken"): 1},
            {(201, None): 1, (409, "slot-taken"): 1},
        )
        assert overlapping_pairs() == (0, 0)


class TestTwoSweeps:
    def test_end_each_request_once(self, requests, at_once):
        """Two workers at once: what one holds the other leaves alone."""
        later = NOW + timedelta(hours=24)

        ended = at_once([lambda: end_requests(now=later)] * 4)

        assert sum(ended) == CALLERS
        assert HistoryEntry.objects.filter(action="declined").count() == CALLERS
        assert set(Appointment.objects.values_list("status", "version")) == {("cancelled", 2)}
