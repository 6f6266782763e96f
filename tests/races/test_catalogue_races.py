"""The studio changes what it offers while somebody books it: they get what is so when the diary is theirs."""

import threading
import time

from django.db import connection, transaction

from booking.actions.locks import lock_days
from booking.models import Service, Variation
from booking.queries import utc_days
from tests.factories import NOW, TUESDAY
from tests.races.test_booking_races import booking

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
DAY = (TUESDAY - NOW.date()).days


def meanwhile(house, change):
    """Return two calls: one holds the diary until somebody waits for it and makes the change, the other books."""
    held = threading.Event()

    def book():
        assert held.wait(10)
        return booking(1)()

    def run():
        with transaction.atomic(), connection.cursor() as cursor:
            today = utc_days(NOW, NOW)[0]
            lock_days(house.harbour.pk, [today + DAY])
            held.set()
            ends = time.monotonic() + 10
            while time.monotonic() < ends:
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    break
                time.sleep(0.01)
            else:
                raise AssertionError("nobody came")
            change()

    return [run, book]


class TestABookingThatWaitedForTheDiary:
    def test_has_the_price_that_was_set_meanwhile(self, house, at_once):
        """What the process remembers is proven behind the lock: ADR 12."""
        assert booking(0, therapist="ben")().status_code == 201

        _, answer = at_once(meanwhile(house, lambda: Variation.objects.update(price_amount=77)))

        assert answer.status_code == 201, answer.content
        assert answer.json()["price"]["amount"] == "77.00"

    def test_is_refused_what_was_taken_off_sale_meanwhile(self, house, at_once):
        assert booking(0, therapist="ben")().status_code == 201

        _, answer = at_once(meanwhile(house, lambda: Service.objects.update(is_active=False)))

        assert answer.status_code == 400, answer.content
        assert set(answer.json()["errors"]) == {"variation"}
