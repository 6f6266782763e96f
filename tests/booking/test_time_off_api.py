"""Staff absence: who is affected, where they could go, and moving them in one action."""

from datetime import date

import pytest
from django.db import transaction

from booking import access
from booking.actions.cancel import cancel_appointment
from booking.models import Appointment, TimeOff
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts
from tests.factories import NOW, at

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}
LEE = {"name": "Lee Park", "email": "lee@example.com"}
WEDNESDAY = date(2026, 12, 2)
ANNAS_TUESDAY = {"therapist": "anna", "from": at("00:00"), "until": at("00:00", on=WEDNESDAY), "reason": "Ill"}


class TestTimeOff:
    def test_keeps_the_therapist_out_of_the_offers(self, away, slots, desk):
        away()

        assert {who for day in slots()["days"] for slot in day["slots"] for who in slot["therapists"]} == {"ben"}

    def test_is_known_by_a_reference_and_by_the_clocks_of_the_studio(self, desk, away):
        """T-11: entered on a laptop in New York, shown as the studio's clocks show it."""
        done = away(**{"from": "2026-11-30T18:00:00-05:00", "until": "2026-12-01T18:00:00-05:00"})

        found = desk.get(f"time-off/{done['reference']}/").json()
        assert found == {
            "reference": done["reference"],
            "therapist": "anna",
            "from": at("00:00"),
            "until": at("00:00", on=WEDNESDAY),
            "time_zone": "Europe/Berlin",
            "reason": "Ill",
        }
        assert len(done["reference"]) == 10

    def test_is_changed_and_taken_away_again(self, desk, away, slots):
        path = f"time-off/{away()['reference']}/"

        assert desk.send("PATCH", path, {"from": at("15:00")}).json()["from"] == at("15:00")
        assert desk.send("DELETE", path).status_code == 204
        assert is_problem(desk.get(path), 404, "not-found")
        assert {who for slot in slots()["days"][0]["slots"] for who in slot["therapists"]} == {"anna", "ben"}

    def test_is_listed_by_therapist_and_time(self, desk, away):
        annas = away()["reference"]
        bens = away(therapist="ben", **{"from": at("09:00", on=WEDNESDAY), "until": at("12:00", on=WEDNESDAY)})

        def listed(**query):
            return [one["reference"] for one in desk.get("time-off/", query).json()["results"]]

        assert listed() == [annas, bens["reference"]]
        assert listed(therapist="ben") == [bens["reference"]]
        assert listed(**{"from": at("00:00", on=WEDNESDAY)}) == [bens["reference"]]
        assert listed(until=at("09:00", on=WEDNESDAY)) == [annas]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"until": at("00:00")}, "until"),
            ({"until": at("00:00", on=date(2027, 12, 3))}, "until"),
            ({"from": "2026-12-01T00:00:00"}, "from"),
            ({"therapist": "nobody"}, "therapist"),
            ({"id": 7}, "id"),
            ({"reason": "x" * 121}, "reason"),
        ],
        ids=str,
    )
    def test_names_the_wrong_field(self, desk, change, field):
        before = row_counts()

        answer = desk.post("time-off/", ANNAS_TUESDAY | change)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}
        assert row_counts() == before

    def test_is_entered_once_for_one_key(self, desk):
        answers = [desk.post("time-off/", ANNAS_TUESDAY, Idempotency_Key="once") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert answers[1]["Idempotency-Replayed"] == "true"
        assert TimeOff.objects.count() == 1

    @pytest.mark.parametrize(("scope", "seen", "written"), [("read", 200, 403), ("desk", 200, 201)])
    def test_is_for_staff(self, house, scope, seen, written):
        caller = Caller(Authorization=f"Bearer {factories.api_key(scope)}")

        assert caller.get("time-off/").status_code == seen
        assert caller.post("time-off/", ANNAS_TUESDAY).status_code == written
        assert Caller().get("time-off/").status_code == 401


class TestTheAffected:
    def test_are_told_with_what_could_become_of_them(self, annas, away, desk):
        done = away()

        [one] = done["affected"]
        assert (one["appointment"], one["client"]["name"], one["start"]) == (
            annas["reference"],
            "Kim Larsen",
            at("10:00"),
        )
        [again] = desk.get(f"time-off/{done['reference']}/affected/").json()["affected"]
        found = again.pop("alternatives")
        assert again == one
        assert found["therapists"] == ["ben"]
        assert found["starts"][0] == at("17:00", on=date(2026, 11, 30))
        assert found["starts_with_anyone"] == [
            {"start": at(clock), "therapists": ["ben"]} for clock in ("09:30", "10:30", "09:00")
        ]

    def test_are_only_those_who_still_come_to_the_therapist(self, book, away, house):
        book(client=LEE, therapist="ben")
        gone = book(client=SAM, start=at("12:00"), therapist="anna")
        cancel_appointment(Appointment.objects.get(reference=gone["reference"]), by=access.staff("Mara"), now=NOW)
        next_day = book(start=at("10:00", on=WEDNESDAY), therapist="anna")

        assert away()["affected"] == []
        assert next_day["therapists"] == ["anna"]

    @pytest.mark.parametrize(("until", "touched"), [("10:00", False), ("10:01", True)])
    @pytest.mark.usefixtures("annas")
    def test_are_those_that_could_not_be_booked_any_more(self, away, until, touched):
        """Half-open: time off until ten and a visit at ten do not meet."""
        assert bool(away(until=at(until))["affected"]) is touched

    @pytest.mark.parametrize(("within", "touched"), [(False, False), (True, True)])
    @pytest.mark.usefixtures("annas")
    def test_count_their_clean_up_only_where_it_must_lie_within_the_hours(self, house, away, within, touched):
        house.harbour.clean_up_within_hours = within
        house.harbour.save()

        assert bool(away(**{"from": at("11:05"), "until": at("12:00")})["affected"]) is touched

    def test_have_each_alternative_for_the_asking(self, annas, away, desk):
        """What is offered here can be had: each of them is tried, and taken back."""
        path = f"time-off/{away()['reference']}/move/"
        found = desk.get(path.replace("move", "affected")).json()["affected"][0]["alternatives"]
        moves = [{"therapist": who} for who in found["therapists"]] + [{"start": start} for start in found["starts"]]
        moves += [{"start": one["start"], "therapist": one["therapists"][0]} for one in found["starts_with_anyone"]]

        assert len(moves) == 7
        for move in moves:
            with transaction.atomic():
                answer = desk.post(path, {"moves": [{"appointment": annas["reference"], **move}]})
                assert answer.status_code == 200, (move, answer.content)
                transaction.set_rollback(True)

    def test_of_a_pair_keep_the_other_therapist(self, house, book, away, desk):
        factories.works(factories.therapist("carl", house.couples.service), house.harbour)
        pair = book(variation="couples-60", therapist="anna")
        TimeOff.objects.all().delete()
        other = next(who for who in pair["therapists"] if who != "anna")
        third = next(who for who in ("ben", "carl") if who != other)
        done = away()

        [one] = desk.get(f"time-off/{done['reference']}/affected/").json()["affected"]
        assert one["alternatives"]["therapists"] == [third]
        move = {"moves": [{"appointment": pair["reference"], "therapist": third}]}
        moved = desk.post(f"time-off/{done['reference']}/move/", move).json()["moved"]
        assert moved[0]["therapists"] == sorted([other, third])
