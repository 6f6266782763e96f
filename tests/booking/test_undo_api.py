"""POST appointments/{reference}/undo/, and the story that every step leaves in the history."""

from datetime import UTC, datetime, timedelta

import pytest

from booking import events
from booking.access import staff
from booking.actions.relocate import change_address
from booking.models import Appointment, Service
from tests.booking.caller import is_problem
from tests.factories import NOW, at, guest

SAM = guest("Sam Okoro", "sam@example.com")
START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
UNDO = timedelta(minutes=10)


@pytest.fixture
def reference(booked):
    return booked["reference"]


@pytest.fixture
def step(desk, reference):
    def step(word, to=reference, headers=None, **body):
        return desk.post(f"appointments/{to}/{word}/", body, **(headers or {}))

    return step


@pytest.fixture
def on_the_day(clock, booked):
    clock.move_to(START + 5 * MINUTE)


def status_of(reference: str) -> str:
    return Appointment.objects.get(reference=reference).status


class TestUndoing:
    @pytest.fixture
    def noted(self, reference, desk):
        """What stands in the answer, but for what every change changes."""

        def noted():
            body = desk.get(f"appointments/{reference}/").json()
            return {name: value for name, value in body.items() if name not in {"version", "history"}}

        return noted

    @pytest.mark.parametrize("words", [["check-in"], ["check-in", "complete"], ["no-show"]], ids=str)
    def test_gives_back_what_was_before(self, step, on_the_day, words, noted):
        for word in words[:-1]:
            step(word)
        before, blocks = noted(), Appointment.objects.get().blocks
        step(words[-1])

        done = step("undo")

        assert (done.status_code, done.json()["version"]) == (200, len(words) + 2)
        assert (noted(), Appointment.objects.get().blocks) == (before, blocks)
        assert (done.json()["history"][-1]["action"], done.json()["history"][-1]["by"]) == ("undone", "desk app")

    @pytest.mark.parametrize("word", ["confirm", "decline"])
    def test_gives_back_a_request(self, step, noted, reference, word):
        ends = NOW + timedelta(hours=24)
        Appointment.objects.update(status="pending", expires_at=ends)
        before = noted()
        step(word, **({"reason": "Full"} if word == "decline" else {}))

        step("undo")

        present = Appointment.objects.get()
        assert noted() == before
        assert (present.expires_at, present.blocks, present.cancelled_at, present.cancel_reason) == (
            ends,
            True,
            None,
            "",
        )
        assert present.sequence == 2  # both words were news to calendars

    def test_of_a_confirmation_gives_back_a_request_that_keeps_nobody_out(self, step, slots, reference):
        Appointment.objects.update(status="pending", blocks=False, expires_at=NOW + timedelta(hours=24))
        step("confirm")

        step("undo")

        assert not Appointment.objects.get().blocks

    def test_of_a_request_that_would_have_ended_is_refused(self, step, clock, reference):
        Appointment.objects.update(status="pending", expires_at=NOW + 5 * MINUTE)
        step("decline")
        clock.move_to(NOW + 5 * MINUTE)

        assert is_problem(step("undo"), 409, "wrong-state")
        assert status_of(reference) == "cancelled"

    @pytest.mark.parametrize(("after", "status"), [(UNDO, 200), (UNDO + SECOND, 409)], ids=str)
    def test_is_possible_for_ten_minutes(self, step, clock, on_the_day, after, status):
        step("check-in")
        clock.shift(after)

        assert step("undo").status_code == status

    def test_is_one_step(self, step, on_the_day, reference):
        step("check-in")
        step("complete")
        step("undo")

        assert is_problem(step("undo"), 409, "wrong-state")
        assert status_of(reference) == "arrived"

    @pytest.mark.parametrize("word", ["cancel", "reschedule"])
    def test_takes_back_nothing_else(self, step, word):
        assert step(word, **({"start": at("14:00")} if word == "reschedule" else {})).status_code == 200
        before = Appointment.objects.values().get()

        assert is_problem(step("undo"), 409, "wrong-state")
        assert Appointment.objects.values().get() == before

    def test_is_refused_when_something_has_happened_since(self, step, reference, house):
        Appointment.objects.update(status="pending", expires_at=NOW + timedelta(hours=24))
        step("confirm")
        change_address(house.harbour, address="Kai 2", by=staff("Noor"), now=NOW + MINUTE)

        assert is_problem(step("undo"), 409, "wrong-state")

    def test_names_an_older_version(self, step, on_the_day):
        step("check-in")

        assert is_problem(step("undo", headers={"If_Match": '"1"'}), 412, "stale")

    @pytest.mark.parametrize("word", ["no-show", "decline"])
    def test_does_not_take_the_time_from_somebody_else(self, step, booked, book, clock, reference, word):
        """What was freed was given away meanwhile: the refusal says to whom, and the mark stays."""
        Service.objects.update(notice_minutes=0)
        if word == "decline":
            Appointment.objects.update(status="pending", expires_at=START)
            start = "10:00"
        else:
            clock.move_to(START)
            start = "10:30"
        step(word)
        who = booked["therapists"][0]
        sams = book(client=SAM, start=at(start), therapist=who)["reference"]
        before = Appointment.objects.values().get(reference=reference)

        refused = step("undo")

        assert is_problem(refused, 409, "slot-taken")
        assert sams in refused.json()["detail"]
        assert Appointment.objects.values().get(reference=reference) == before


class TestTheHistory:
    """Issue 3, item 14: who, what, when, from where, old and new values."""

    def test_tells_the_whole_story(self, desk, kim, step, clock, reference, booked):
        kim.post(f"appointments/{reference}/reschedule/", {"start": at("14:00")})
        clock.move_to(START + timedelta(hours=5))
        for word in ("check-in", "undo", "no-show"):
            step(word)

        found = desk.get(f"appointments/{reference}/").json()["history"]

        assert [(one["action"], one["by"], one["channel"]) for one in found] == [
            ("booked", "client", "api"),
            ("rescheduled", "client", "api"),
            ("checked-in", "desk app", "api"),
            ("undone", "desk app", "api"),
            ("no-show", "desk app", "api"),
        ]
        assert [one["at"] for one in found] == [at("09:00", on=NOW.date())] * 2 + [at("15:00")] * 3
        assert {name: found[1][name]["start"] for name in ("before", "after")} == {
            "before": at("10:00"),
            "after": at("14:00"),
        }
        assert [(one["before"], one["after"]) for one in found[2:]] == [
            ({"status": "booked"}, {"status": "arrived"}),
            ({"status": "arrived"}, {"status": "booked"}),
            ({"status": "booked", "blocks": True}, {"status": "noshow", "blocks": False}),
        ]

    def test_is_for_the_desk_alone(self, kim, step, on_the_day, reference):
        step("check-in")

        assert "history" not in kim.get(f"appointments/{reference}/").json()

    def test_of_a_late_cancel_says_so(self, desk, step, clock, reference):
        clock.move_to(START - timedelta(hours=1))

        story = step("cancel", reason="A cold").json()["history"][-1]

        assert (story["before"], story["after"]) == (
            {"status": "booked"},
            {"status": "cancelled", "reason": "A cold", "late": True},
        )


def test_every_step_is_told_to_those_who_listen(step, on_the_day, reference, monkeypatch):
    heard = []
    kinds = (events.AppointmentAttended, events.AppointmentNoShow, events.AppointmentTakenBack)
    for kind in kinds:
        monkeypatch.setitem(events._listeners, kind, [heard.append])

    for word in ("check-in", "undo", "no-show"):
        step(word)

    assert [type(one) for one in heard] == [kinds[0], kinds[2], kinds[1]]
    assert {(one.sequence, one.recipients) for one in heard} == {(0, ("client",))}
