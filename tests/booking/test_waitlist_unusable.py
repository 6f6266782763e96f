"""No offer that cannot be used: whoever is offered a time could accept it at once."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.models import BlockedContact, Client, TimeOff, WaitlistEntry, WaitlistOffer
from tests import factories
from tests.booking.waiting import SAM, half_a_minute_passes, join, one_hour, opens, window
from tests.factories import NOW, TUESDAY, at


class TestAnOfferThatCouldNotBeUsed:
    """Is not made."""

    @pytest.fixture
    def sam(self, house):
        one_hour(house)
        return join()

    def test_because_of_notice(self, sam):
        half_a_minute_passes(datetime(2026, 12, 1, 7, 30, tzinfo=UTC))  # the notice is two hours
        assert not WaitlistOffer.objects.exists()

    def test_because_there_is_no_time_to_answer(self, sam, house):
        house.swedish.notice_minutes = 0
        house.swedish.save()

        half_a_minute_passes(datetime(2026, 12, 1, 8, 36, tzinfo=UTC))
        assert not WaitlistOffer.objects.exists()
        half_a_minute_passes(datetime(2026, 12, 1, 8, 35, tzinfo=UTC))

        assert WaitlistOffer.objects.get().expires_at == datetime(2026, 12, 1, 8, 45, tzinfo=UTC)

    def test_because_the_client_is_blocked(self, sam):
        """S38."""
        BlockedContact.objects.create(kind="address", value="sam@example.com", created_at=NOW)
        half_a_minute_passes()
        assert not WaitlistOffer.objects.exists()

    def test_because_the_client_has_no_address_any_more(self, sam, desk):
        Client.objects.update(email="")
        half_a_minute_passes()
        assert not WaitlistOffer.objects.exists()
        assert desk.get(sam.path).json()["reason"] == "no-address"

    def test_because_the_client_is_busy_then(self, sam, house, book):
        opens(house, ("10:30", "11:30"), who="ben")
        book(client=SAM, start=at("10:30"), therapist="ben")
        half_a_minute_passes()
        assert not WaitlistOffer.objects.exists()

    def test_because_the_studio_lets_nobody_book_more(self, sam, book):
        factories.studio(open_appointments_per_client=1)
        book(client=SAM, start=at("10:00", TUESDAY + timedelta(days=1)))
        half_a_minute_passes()
        assert not WaitlistOffer.objects.exists()

    def test_because_the_therapist_is_away(self, sam, house):
        TimeOff.objects.create(therapist=house.anna, start_at=at("00:00"), end_at=at("23:00"))
        half_a_minute_passes()
        assert not WaitlistOffer.objects.exists()

    def test_because_it_is_no_longer_sold(self, sam, house):
        house.hour.is_active = False
        house.hour.save()
        half_a_minute_passes()
        assert not WaitlistOffer.objects.exists()


class TestAnEntry:
    def test_ends_with_its_last_window(self, house, clock):
        sam = join(windows=[window(), window(on=TUESDAY + timedelta(days=1), opens="06:00", closes="07:00")])
        last = datetime.fromisoformat(at("07:00", TUESDAY + timedelta(days=1)))

        half_a_minute_passes(last - timedelta(seconds=1))
        assert WaitlistEntry.objects.get().state == "waiting"
        half_a_minute_passes(last)

        assert WaitlistEntry.objects.get().state == "expired"
        clock.move_to(last)
        assert (sam.state, sam.read()["reason"]) == ("expired", None)
