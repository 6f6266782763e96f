"""POST appointments/{reference}/cancel/: the time comes free, once, and everybody who was told is told."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.models import Appointment, Assignment, HistoryEntry
from notifications.models import Message
from tests.booking.caller import Caller, is_problem, row_counts, starts_of
from tests.factories import at

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def cancel(kim, booked):
    def cancel(caller=kim, reference=booked["reference"], headers=None, **body):
        return caller.post(f"appointments/{reference}/cancel/", body, **(headers or {}))

    return cancel


class TestCancelling:
    def test_answers_with_the_cancelled_appointment(self, cancel):
        answer = cancel(reason="I have a cold")
        body = answer.json()

        assert (answer.status_code, answer["ETag"]) == (200, '"2"')
        assert (body["status"], body["late"], body["version"]) == ("cancelled", False, 2)
        assert body["policy"]["can_change"] is False
        assert Appointment.objects.get().cancel_reason == "I have a cold"

    def test_frees_the_slot_for_others(self, cancel, slots, booked):
        """B-07."""
        who = booked["therapists"][0]
        assert at("10:00") not in starts_of(slots(therapist=who))

        cancel()

        assert at("10:00") in starts_of(slots(therapist=who))
        assert not Assignment.objects.filter(blocks=True).exists()

    def test_twice_answers_twice_and_does_it_once(self, cancel):
        first = cancel()
        before = row_counts()
        second = cancel(reason="again")

        assert (second.status_code, second.json()) == (200, first.json())
        assert row_counts() == before
        assert HistoryEntry.objects.filter(action="cancelled").count() == 1

    def test_tells_the_client_and_forgets_what_was_not_sent(self, cancel):
        """R-01, R-02: one cancellation, and nothing else is owed; the sequence is one higher (I-04)."""
        cancel()

        assert dict(Message.objects.values_list("kind", "state")) == {
            "confirmation": "cancelled",
            "cancelled": "pending",
        }
        assert Appointment.objects.get().sequence == 1

    def test_keeps_the_link_to_the_truth(self, cancel, kim, booked):
        cancel()

        assert kim.get(f"appointments/{booked['reference']}/").json()["status"] == "cancelled"

    def test_needs_no_body(self, kim, booked):
        assert kim.send("POST", f"appointments/{booked['reference']}/cancel/").status_code == 200

    def test_is_for_the_desk_too(self, cancel, desk):
        cancel(desk, reason="Therapist is ill")

        assert HistoryEntry.objects.get(action="cancelled").actor == "desk app"


class TestTheDeadline:
    """C-06."""

    def test_still_allows_it_at_24_hours_exactly(self, cancel, clock):
        clock.move_to(START - timedelta(hours=24))

        assert (cancel().json()["status"], Appointment.objects.get().late) == ("cancelled", False)

    def test_refuses_it_a_second_later_with_the_telephone(self, cancel, clock):
        clock.move_to(START - timedelta(hours=23, minutes=59, seconds=59))

        answer = cancel()

        assert is_problem(answer, 409, "too-late")
        assert "+49 40 1234567" in answer.json()["detail"]
        assert Appointment.objects.get().status == "booked"

    @pytest.mark.parametrize("before", [timedelta(hours=1), timedelta(hours=-2)], ids=str)
    def test_does_not_bind_the_desk_but_counts_as_late(self, cancel, desk, clock, before):
        """C-04: the desk may cancel what is past, to mark it."""
        clock.move_to(START - before)

        body = cancel(desk).json()

        assert (body["status"], body["late"]) == ("cancelled", True)


class TestACancelThatIsRefused:
    @pytest.fixture(autouse=True)
    def as_it_was(self, cancel):
        before = list(Appointment.objects.values()), row_counts()
        yield
        assert (list(Appointment.objects.values()), row_counts()) == before

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"reason": "x" * 201}, "reason"),
            ({"reason": "a\nb"}, "reason"),
            ({"reason": None}, "reason"),
            ({"reason": ["ill"]}, "reason"),
            ({"cancelledBy": "sam@example.com"}, "cancelledBy"),
            ({"late": False}, "late"),
        ],
        ids=str,
    )
    def test_names_the_wrong_field(self, cancel, body, field):
        answer = cancel(**body)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}

    def test_names_an_older_version(self, cancel):
        assert is_problem(cancel(headers={"If_Match": '"2"'}), 412, "stale")

    @pytest.mark.parametrize("word", ["Link", "link"])
    def test_does_not_say_that_there_is_an_appointment(self, cancel, api, word):
        """S01, S42."""
        for caller in (api, Caller(Authorization=f"{word} {'A' * 43}")):
            known, never = cancel(caller), cancel(caller, reference="ZZZZZZZZZZ")

            assert is_problem(known, 404, "not-found")
            assert known.content == never.content

    def test_ignores_what_stands_in_the_address(self, kim, api, booked):
        """S13, S30: parameters of the address are never data, and a GET cancels nothing."""
        path = f"appointments/{booked['reference']}/cancel/?cancelledBy=sam&reference=ZZZZZZZZZZ"

        assert kim.get(path).status_code == 405
        assert api.post(path).status_code == 404


class TestIfMatch:
    @pytest.mark.parametrize("header", ['"1"', ' "1" ', 'W/"1"', "*"])
    def test_of_the_present_version_is_fine(self, cancel, header):
        assert cancel(headers={"If_Match": header}).status_code == 200
