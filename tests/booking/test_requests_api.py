"""Services that the desk confirms: what a request keeps, how it is answered, and what becomes of it unanswered."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from booking.actions import decline
from booking.actions.requests import HOLDS_ARE_KEPT_FOR, end_requests
from booking.models import Appointment, HistoryEntry, Service, Therapist
from booking.models.references import new_reference
from booking.tasks import end_expired_requests
from tests.booking.caller import Caller, is_problem, row_counts, starts_of
from tests.factories import NOW, api_key, at, guest

SAM = guest("Sam Okoro", "sam@example.com")
ENDS, WEEK = NOW + timedelta(hours=24), timedelta(days=7)


@pytest.fixture
def ask(house, book):
    """Ask for an hour that the desk is to confirm; with `blocks` False the request keeps nobody out."""

    def ask(*, blocks=True, **changes):
        Service.objects.update(needs_confirmation=True)
        reference = book(**({"therapist": "anna"} | changes))["reference"]
        Appointment.objects.filter(reference=reference).update(blocks=blocks, expires_at=ENDS)
        return reference

    return ask


@pytest.fixture
def answer(desk):
    def answer(word, reference, caller=desk, headers=None, **body):
        return caller.post(f"appointments/{reference}/{word}/", body, **(headers or {}))

    return answer


def the(reference: str) -> Appointment:
    return Appointment.objects.get(reference=reference)


def newest(reference: str) -> HistoryEntry:
    return HistoryEntry.objects.filter(appointment__reference=reference).latest("at", "id")


class TestARequest:
    def test_keeps_its_time_until_the_desk_answers(self, ask, slots):
        """B-04: by default a pending request blocks."""
        ask(start=at("14:00"))

        assert at("14:00") not in starts_of(slots(therapist="anna"))

    def test_keeps_nobody_out_when_the_studio_says_so(self, ask, slots, house):
        """B-04: configurable."""
        ask(start=at("14:00"), blocks=False)

        assert at("14:00") in starts_of(slots(therapist="anna"))

    def test_that_nobody_answered_frees_its_time(self, ask, slots, clock):
        """B-05: nobody has to do anything, and B-04 still holds until then."""
        reference = ask(start=at("14:00"))
        clock.move_to(ENDS - timedelta(seconds=1))
        end_expired_requests()
        assert at("14:00") not in starts_of(slots(therapist="anna"))

        clock.move_to(ENDS)
        end_expired_requests()

        assert at("14:00") in starts_of(slots(therapist="anna"))
        assert (the(reference).status, the(reference).version, the(reference).sequence) == ("cancelled", 2, 1)
        assert (newest(reference).action, newest(reference).actor, newest(reference).channel) == (
            "declined",
            "nobody answered",
            "job",
        )

    def test_is_never_ended_twice(self, ask):
        ask()

        assert (end_requests(now=ENDS), end_requests(now=ENDS)) == (1, 0)

    def test_that_cannot_be_ended_keeps_no_other_waiting(self, ask, monkeypatch, caplog):
        first, second = ask(), ask(start=at("14:00"), client=SAM)
        write = decline.write

        def broken(present, *asked, **more):
            if present.reference == first:
                raise RuntimeError("a broken listener")
            return write(present, *asked, **more)

        monkeypatch.setattr(decline, "write", broken)

        assert end_requests(now=ENDS) == 1
        assert (the(first).status, the(second).status) == ("pending", "cancelled")
        assert "could not be ended" in caplog.text
        assert "kim" not in caplog.text.lower()


class TestConfirming:
    def test_makes_it_an_appointment(self, ask, answer):
        reference = ask()

        done = answer("confirm", reference)
        body = done.json()

        assert (done.status_code, done["ETag"], body["status"], body["version"]) == (200, '"2"', "booked", 2)
        assert (the(reference).expires_at, the(reference).blocks, the(reference).sequence) == (None, True, 1)
        entry = body["history"][-1]
        assert (entry["action"], entry["by"], entry["channel"]) == ("confirmed", "desk app", "api")
        assert entry["after"] == {"status": "booked", "expires": None}
        assert datetime.fromisoformat(entry["before"].pop("expires")) == ENDS
        assert entry["before"] == {"status": "pending"}

    def test_twice_answers_twice_and_does_it_once(self, ask, answer):
        reference = ask()
        first, before = answer("confirm", reference).json(), row_counts()

        again = answer("confirm", reference, headers={"If_Match": '"1"'})

        assert (again.status_code, again.json()) == (200, first)
        assert row_counts() == before

    def test_takes_the_time_that_it_did_not_keep(self, ask, answer, slots):
        reference = ask(blocks=False)

        assert answer("confirm", reference).status_code == 200

        assert at("10:00") not in starts_of(slots(therapist="anna"))

    def test_of_the_second_for_one_time_names_the_first(self, ask, answer):
        """B-03."""
        kims, sams = ask(blocks=False), ask(blocks=False, client=SAM)
        assert answer("confirm", kims).status_code == 200

        refused = answer("confirm", sams)

        assert is_problem(refused, 409, "slot-taken")
        assert refused.json()["detail"] == (f"Anna is taken by appointment {kims}, 2026-12-01 10:00 to 11:00.")
        assert (the(sams).status, the(sams).version) == ("pending", 1)

    @pytest.mark.parametrize("what", ["room", "client"])
    def test_names_what_else_is_taken(self, ask, answer, house, what):
        """B-03, B-12: a room holds one group, and a client is in one place."""
        kims, other = ask(blocks=False), ask(blocks=False, therapist="ben", client=SAM)
        blue, suite = house.rooms
        changes = {"room": {"room": blue}, "client": {"room": suite, "client": the(kims).client}}
        Appointment.objects.filter(reference=kims).update(room=blue)
        Appointment.objects.filter(reference=other).update(**changes[what])
        assert answer("confirm", kims).status_code == 200

        refused = answer("confirm", other)

        assert is_problem(refused, 409, "slot-taken")
        assert kims in refused.json()["detail"]
        assert {"room": "The room Blue", "client": "The client"}[what] in refused.json()["detail"]

    def test_gets_past_what_has_expired(self, ask, answer, clock):
        """A request that nobody answered stands there still; it keeps nobody out."""
        sams, kims = ask(blocks=False, client=SAM), ask()
        Appointment.objects.filter(reference=kims).update(expires_at=NOW + timedelta(minutes=5))
        clock.move_to(NOW + timedelta(minutes=5))

        assert answer("confirm", sams).status_code == 200
        assert (the(kims).status, newest(kims).actor) == ("cancelled", "nobody answered")

    @pytest.mark.parametrize("moment", [ENDS, NOW + timedelta(days=30)], ids=["ended", "long ago"])
    def test_comes_too_late(self, ask, answer, clock, moment):
        reference = ask()
        clock.move_to(moment)

        assert is_problem(answer("confirm", reference), 409, "wrong-state")
        assert the(reference).status == "pending"

    def test_names_an_older_version(self, ask, answer):
        assert is_problem(answer("confirm", ask(), headers={"If_Match": '"2"'}), 412, "stale")

    def test_is_not_for_what_is_cancelled(self, ask, answer):
        """S33: compare-and-swap; a decline and a confirm cannot both win."""
        reference = ask()
        answer("decline", reference)

        assert is_problem(answer("confirm", reference), 409, "wrong-state")


class TestDeclining:
    def test_frees_the_time_and_says_why(self, ask, answer, slots):
        reference = ask()

        done = answer("decline", reference, reason="We are full that day")

        assert (done.status_code, done["ETag"], done.json()["status"]) == (200, '"2"', "cancelled")
        assert done.json()["history"][-1]["after"] == {
            "status": "cancelled",
            "blocks": False,
            "expires": None,
            "reason": "We are full that day",
        }
        assert (the(reference).cancelled_at, the(reference).late, the(reference).sequence) == (NOW, False, 1)
        assert at("10:00") in starts_of(slots(therapist="anna"))

    def test_twice_answers_twice_and_does_it_once(self, ask, answer):
        reference = ask()
        first, before = answer("decline", reference).json(), row_counts()

        again = answer("decline", reference, reason="Again")

        assert (again.status_code, again.json()) == (200, first)
        assert row_counts() == before

    def test_is_for_requests_only(self, booked, answer):
        refused = answer("decline", booked["reference"])

        assert is_problem(refused, 409, "wrong-state")
        assert the(booked["reference"]).status == "booked"

    @pytest.mark.parametrize(
        ("body", "field"),
        [({"reason": "x" * 201}, "reason"), ({"reason": "a\nb"}, "reason"), ({"status": "booked"}, "status")],
        ids=str,
    )
    def test_names_the_wrong_field(self, ask, answer, body, field):
        refused = answer("decline", ask(), **body)

        assert is_problem(refused, 400, "invalid")
        assert set(refused.json()["errors"]) == {field}


class TestWhoMayAnswer:
    @pytest.mark.parametrize("word", ["confirm", "decline", "check-in", "complete", "no-show", "undo"])
    def test_is_the_desk_alone(self, ask, answer, word):
        """S02, S06: a door for staff; the client's own link does not open it."""
        reference = ask()
        reader = Caller(Authorization=f"Bearer {api_key('read', name='wall')}")

        assert answer(word, reference, caller=Caller()).status_code in {401, 403}
        assert is_problem(answer(word, reference, caller=reader), 403, "forbidden")
        assert the(reference).version == 1

    @pytest.mark.parametrize("word", ["confirm", "decline", "check-in", "complete", "no-show", "undo"])
    def test_finds_nothing_under_a_wrong_reference(self, house, answer, word):
        assert is_problem(answer(word, "ZZZZZZZZZZ"), 404, "not-found")


class TestAHoldThatNobodyUsed:
    @pytest.fixture
    def hold(self, booked):
        """A copy of Kim's appointment a week later, kept for somebody who went away."""
        row = Appointment.objects.get()
        facts = {"reference": new_reference(), "uid": uuid4(), "status": "held", "client": None}
        row.pk, row.hold_digest, row.expires_at = None, "0" * 64, NOW
        row.start_at, row.end_at = row.start_at + WEEK, row.end_at + WEEK
        row.occupied = type(row.occupied)(row.occupied.lower + WEEK, row.occupied.upper + WEEK)
        for name, value in facts.items():
            setattr(row, name, value)
        row.save(force_insert=True)
        row.assignments.create(therapist=Therapist.objects.first(), occupied=row.occupied, blocks=True)
        return row

    def test_is_forgotten_after_a_while(self, hold, clock):
        clock.move_to(NOW + HOLDS_ARE_KEPT_FOR - timedelta(seconds=1))
        end_expired_requests()
        assert Appointment.objects.filter(pk=hold.pk).exists()

        clock.move_to(NOW + HOLDS_ARE_KEPT_FOR)
        end_expired_requests()

        assert list(Appointment.objects.values_list("status", flat=True)) == ["booked"]

    def test_is_no_appointment_to_the_desk(self, hold, answer):
        for word in ("confirm", "decline", "check-in", "complete", "no-show", "undo"):
            assert answer(word, hold.reference).json()["code"] in {"wrong-state", "not-found"}
