"""A receiver that hangs, and a worker that dies while it does: H-03, S57."""

import json

import pytest

from config.embedded import programs
from tests.faults.house import House, eventually
from tests.webhooks.receiver import Receiver, hang

pytestmark = pytest.mark.processes
LOOPBACK = {"WEBHOOKS_TO_LOOPBACK": "true"}


@pytest.fixture
def hanging(house: House):
    """A receiver that takes every call and says nothing, and a webhook that leads there."""
    with Receiver([hang] * 1000) as receiver:
        house.sql(
            "INSERT INTO notifications_webhook (reference, url, host, events, include_client, nonce, previous_nonce, "
            "is_active, disabled_reason, failures, created_at) "
            "VALUES ('hanging', %s, %s, ARRAY['appointment.booked'], false, 'n', '', true, '', 0, now())",
            receiver.url,
            f"127.0.0.1:{receiver.port}",
        )
        yield receiver
    house.sql("DELETE FROM notifications_webhookdelivery")
    house.sql("DELETE FROM notifications_webhook")


class TestAReceiverThatHangs:
    def test_delays_neither_booking_nor_mail(self, house: House, hanging: Receiver) -> None:
        house.start_worker()
        house.program(programs.webhooks(house.plan), **LOOPBACK)
        house.start_beat()

        took = [house.book()["took"] for _ in range(5)]

        assert eventually(lambda: house.states() == ["sent"] * 5)
        assert eventually(lambda: hanging.calls)
        assert max(took) < 2

    def test_hears_of_it_under_the_same_id_after_kill_9(self, house: House, hanging: Receiver) -> None:
        killed = house.program(programs.webhooks(house.plan), **LOOPBACK)
        house.start_beat()
        booked = house.book()
        assert eventually(lambda: hanging.calls)

        killed.kill()
        house.sql("UPDATE notifications_webhookdelivery SET lease_until = now() WHERE lease_until IS NOT NULL")
        hanging.server.script.clear()
        house.program(programs.webhooks(house.plan), **LOOPBACK)

        assert eventually(
            lambda: house.sql("SELECT state FROM notifications_webhookdelivery") == [("delivered",)], within_seconds=40
        )
        assert len({call.id for call in hanging.calls}) == 1
        assert {json.loads(call.body)["data"]["reference"] for call in hanging.calls} == {booked["reference"]}
