"""What happened is told inside the booking's own transaction: both are there or neither."""

import pytest

from booking import events
from booking.events import AppointmentBooked, AppointmentCancelled, AppointmentRescheduled
from tests.booking.caller import row_counts
from tests.factories import NOW, at


@pytest.fixture
def listen():
    """Subscribe for the length of one test."""
    added = []

    def listen(kind, listener):
        before = len(events._listeners[kind])
        events.subscribe(kind, listener)
        if len(events._listeners[kind]) > before:
            added.append((kind, listener))

    yield listen
    for kind, listener in added:
        events._listeners[kind].remove(listener)


@pytest.fixture
def heard(listen):
    found = []
    for kind in (AppointmentBooked, AppointmentRescheduled, AppointmentCancelled):
        listen(kind, found.append)
    return found


class TestAnEvent:
    def test_says_what_happened_in_order(self, heard, kim, booked):
        path = f"appointments/{booked['reference']}/"
        kim.post(path + "reschedule/", {"start": at("14:00")})
        kim.post(path + "cancel/")
        kim.post(path + "cancel/")

        assert [(type(one), one.sequence) for one in heard] == [
            (AppointmentBooked, 0),
            (AppointmentRescheduled, 1),
            (AppointmentCancelled, 2),
        ]
        assert len({one.uid for one in heard}) == 1
        assert {(one.happened_at, one.recipients) for one in heard} == {(NOW, ("client",))}

    def test_is_told_to_nobody_about_what_was_refused(self, heard, api, wish):
        api.post("appointments/", wish(start=at("08:00")))

        assert heard == []

    def test_names_nobody_without_an_address(self, heard, desk, wish):
        desk.post("appointments/", wish(client={"name": "Kim"}))
        desk.post("appointments/", wish(start=at("14:00"), notify=False))

        assert [one.recipients for one in heard] == [(), ()]


class TestAListener:
    def test_is_called_once_though_it_subscribed_twice(self, listen, book):
        found = []
        listen(AppointmentBooked, found.append)
        listen(AppointmentBooked, found.append)

        book()

        assert len(found) == 1

    @pytest.mark.parametrize("door", ["book", "reschedule", "cancel"])
    def test_that_fails_undoes_everything(self, listen, kim, booked, wish, door):
        """S04, P3: a 500 leaves no row."""

        def fail(event):
            raise RuntimeError("the listener is broken")

        for kind in (AppointmentBooked, AppointmentRescheduled, AppointmentCancelled):
            listen(kind, fail)
        before = row_counts(), kim.get(f"appointments/{booked['reference']}/").json()
        doors = {
            "book": ("appointments/", wish(start=at("14:00"))),
            "reschedule": (f"appointments/{booked['reference']}/reschedule/", {"start": at("14:00")}),
            "cancel": (f"appointments/{booked['reference']}/cancel/", {}),
        }

        with pytest.raises(RuntimeError):
            kim.post(*doors[door], Idempotency_Key="once")

        assert (row_counts(), kim.get(f"appointments/{booked['reference']}/").json()) == before
