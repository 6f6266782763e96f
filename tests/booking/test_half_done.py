"""S04: what fails leaves nothing, whatever it had already written. A bug after the insert is the worst of it."""

import pytest

from booking import events
from tests.booking.caller import row_counts


@pytest.fixture
def broken_listener(monkeypatch):
    """Somebody who listens to bookings, after all the others, and has a bug."""

    def fail(event):
        raise RuntimeError("a bug in a listener")

    kind = events.AppointmentBooked
    monkeypatch.setitem(events._listeners, kind, [*events._listeners[kind], fail])


class TestABookingThatFailsHalfWay:
    def test_leaves_no_row(self, api, wish, broken_listener):
        before = row_counts()

        with pytest.raises(RuntimeError, match="a bug in a listener"):
            api.post("appointments/", wish(), **{"Idempotency-Key": "once"})

        assert row_counts() == before

    def test_leaves_its_key_free(self, api, wish, broken_listener, monkeypatch):
        with pytest.raises(RuntimeError):
            api.post("appointments/", wish(), **{"Idempotency-Key": "once"})
        monkeypatch.undo()

        assert api.post("appointments/", wish(), **{"Idempotency-Key": "once"}).status_code == 201

    def test_of_the_desk_with_somebody_elses_therapist_leaves_no_row_either(self, desk, wish):
        before = row_counts()

        answer = desk.post("appointments/", wish(therapist="nobody"))

        assert (answer.status_code, row_counts()) == (400, before)
