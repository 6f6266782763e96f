"""The same POST twice is one appointment, and the answer is the first one's (B-06, S43)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from booking.actions.purge import purge
from booking.models import Appointment, IdempotencyKey, Service
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts
from tests.factories import NOW, at

KEY = {"Idempotency_Key": "kim-2026-12-01"}
SAM = {"name": "Sam Okoro", "email": "sam@example.com"}


@pytest.fixture
def first(api, wish):
    answer = api.post("appointments/", wish(), **KEY)
    assert answer.status_code == 201
    return answer


class TestTheSameKeyAgain:
    def test_answers_with_the_first_answer(self, api, wish, first):
        before = row_counts()
        again = api.post("appointments/", wish(), **KEY)

        assert (again.status_code, again.json()) == (201, first.json())
        assert again["Idempotency-Replayed"] == "true"
        assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
        assert row_counts() == before

    def test_is_not_a_replay_the_first_time(self, first):
        assert "Idempotency-Replayed" not in first

    def test_needs_the_same_meaning_not_the_same_bytes(self, api, wish, first):
        turned = dict(reversed(list(wish().items())))

        assert api.post("appointments/", turned, **KEY).json() == first.json()

    @pytest.mark.parametrize("change", [{"note": "quiet, please"}, {"start": at("14:00")}, {"client": SAM}], ids=str)
    def test_with_another_request_is_a_conflict(self, api, wish, first, change):
        before = row_counts()

        assert is_problem(api.post("appointments/", wish(**change), **KEY), 422, "idempotency-conflict")
        assert row_counts() == before

    @pytest.mark.parametrize("change", [{"therapist": "nobody"}, {"location": "nowhere"}], ids=str)
    def test_with_another_request_is_a_conflict_even_when_that_could_not_be_had(self, api, wish, first, change):
        assert is_problem(api.post("appointments/", wish(**change), **KEY), 422, "idempotency-conflict")


class TestAReplayInEveryState:
    """B-06."""

    def after(self, api, wish, first):
        again = api.post("appointments/", wish(), **KEY)
        assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
        assert Appointment.objects.count() == 1

    def test_after_a_cancel(self, api, wish, first, desk):
        desk.post(f"appointments/{first.json()['reference']}/cancel/")

        self.after(api, wish, first)

    def test_after_a_move(self, api, wish, first, desk):
        desk.post(f"appointments/{first.json()['reference']}/reschedule/", {"start": at("14:00")})

        self.after(api, wish, first)

    def test_while_pending(self, api, wish, house):
        Service.objects.update(needs_confirmation=True)
        first = api.post("appointments/", wish(), **KEY)

        assert first.json()["status"] == "pending"
        self.after(api, wish, first)

    def test_when_the_studio_has_closed_meanwhile(self, api, wish, first, house):
        type(house.anna).objects.update(is_active=False)

        self.after(api, wish, first)

    def test_when_the_service_is_no_longer_sold(self, api, wish, first, house):
        Service.objects.update(is_active=False)

        self.after(api, wish, first)

    def test_when_the_time_has_come_inside_the_notice(self, api, wish, clock, house):
        clock.move_to(NOW + timedelta(days=8) - timedelta(minutes=90))
        first = api.post("appointments/", wish(), **KEY)
        clock.shift(timedelta(hours=1))

        self.after(api, wish, first)

    def test_though_the_address_has_booked_as_often_as_it_may(self, api, wish, settings, first):
        """A retry is not another booking, so it does not use up the limit of an address."""
        settings.LIMITS = settings.LIMITS | {"book-address": "1/day"}

        for _ in range(3):
            self.after(api, wish, first)


class TestAKey:
    def test_is_free_again_after_a_refusal(self, api, wish, house):
        """P3: a refusal leaves nothing, so the key may be used for the next try."""
        assert api.post("appointments/", wish(start=at("08:00")), **KEY).status_code == 409
        assert not IdempotencyKey.objects.exists()

        assert api.post("appointments/", wish(), **KEY).status_code == 201

    @pytest.mark.parametrize(
        ("passed", "replayed"), [(timedelta(hours=23, minutes=59), True), (timedelta(hours=24), False)]
    )
    def test_is_kept_for_24_hours(self, api, wish, first, clock, passed, replayed):
        clock.move_to(NOW + passed)

        again = api.post("appointments/", wish(start=at("14:00")) if not replayed else wish(), **KEY)

        assert again.status_code == 201
        assert ("Idempotency-Replayed" in again) is replayed
        assert (again.json()["reference"] == first.json()["reference"]) is replayed

    def test_is_purged_with_its_answer(self, first):
        assert purge(now=NOW + timedelta(hours=23))[0] == 0
        assert purge(now=NOW + timedelta(hours=24))[0] == 1
        assert not IdempotencyKey.objects.exists()

    @pytest.mark.parametrize("key", ["", "x" * 256])
    def test_has_1_to_255_characters(self, api, wish, house, key):
        answer = api.post("appointments/", wish(), Idempotency_Key=key)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"Idempotency-Key"}

    @pytest.mark.parametrize("key", ["a", "x" * 255, "grüße", "'; DROP TABLE--"])
    def test_may_be_anything_else(self, api, wish, house, key):
        assert api.post("appointments/", wish(), Idempotency_Key=key).status_code == 201


class TestTheCallerOfAKey:
    def test_has_it_for_themselves(self, api, desk, wish, first):
        """Scoped to the caller: the desk's key of the same letters is another."""
        answer = desk.post("appointments/", wish(start=at("14:00")), **KEY)

        assert answer.status_code == 201
        assert "Idempotency-Replayed" not in answer

    def test_is_not_another_program_of_the_same_name(self, wish, house):
        one, other = (Caller(Authorization=f"Bearer {factories.api_key('read', 'desk')}") for _ in range(2))
        first = one.post("appointments/", wish(), **KEY).json()

        answer = other.post("appointments/", wish(), **KEY)

        assert answer.status_code == 409
        assert first["token"] not in answer.content.decode()

    def test_is_not_the_holder_of_another_link(self, api, wish, kim, book):
        sam = Caller(Authorization=f"Link {book(client=SAM, start=at('12:00'))['token']}")
        first = kim.post("appointments/", wish(start=at("14:00")), **KEY)

        answer = sam.post("appointments/", wish(start=at("14:00")), **KEY)

        assert first.status_code == 201
        assert first.json()["token"] not in answer.content.decode()


class TestTheDatabase:
    def test_holds_no_token_in_plain_text(self, api, wish, first, desk):
        """S16: not in the link's row, not in the stored answer, not in a message. Every text of every table."""
        token = first.json()["token"]
        with connection.cursor() as cursor:
            for model in apps.get_models():
                cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')  # noqa: S608 - our own tables
                for (row,) in cursor.fetchall():
                    assert token not in row
                    assert token.encode().hex() not in row

    def test_owes_one_confirmation_for_two_posts(self, api, wish, first):
        api.post("appointments/", wish(), **KEY)

        assert Message.objects.count() == 1
