"""A location that is shut: who is affected, and where they go."""

from datetime import date

import pytest

from tests.factories import at

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}
WEDNESDAY = date(2026, 12, 2)


class TestAClosure:
    @pytest.fixture
    def shut(self, desk):
        def shut(**changes):
            body = {"location": "harbour", "from": at("00:00"), "until": at("00:00", on=WEDNESDAY), "reason": "Pipes"}
            answer = desk.post("closures/", body | changes)
            assert answer.status_code == 201, answer.content
            return answer.json()

        return shut

    def test_affects_everybody_at_the_location(self, annas, book, shut):
        bens = book(client=SAM, therapist="ben")

        assert {one["appointment"] for one in shut()["affected"]} == {annas["reference"], bens["reference"]}

    def test_offers_other_times_and_nobody_at_the_same(self, annas, shut, desk):
        found = desk.get(f"closures/{shut()['reference']}/affected/").json()["affected"][0]["alternatives"]

        assert found["therapists"] == []
        starts = found["starts"] + [one["start"] for one in found["starts_with_anyone"]]
        assert starts
        assert not any(start.startswith("2026-12-01") for start in starts)

    def test_is_moved_around_with_the_therapist_who_was_asked_for(self, book, shut, desk):
        book(therapist="ben")

        answer = desk.post(f"closures/{shut()['reference']}/move/", {"automatic": True}).json()

        assert answer["left"] == []
        assert answer["moved"][0]["therapists"] == ["ben"]
        assert not answer["moved"][0]["start"].startswith("2026-12-01")

    def test_is_listed_changed_and_taken_away(self, desk, shut, slots):
        done = shut()
        path = f"closures/{done['reference']}/"

        assert desk.get("closures/", {"location": "harbour"}).json()["results"] == [
            {name: value for name, value in done.items() if name != "affected"}
        ]
        assert desk.get("closures/", {"from": at("00:00", on=WEDNESDAY)}).json()["results"] == []
        assert slots()["reason"] == "closed"
        assert desk.send("PATCH", path, {"until": at("12:00"), "reason": "Pipes, mended"}).status_code == 200
        assert slots()["days"][0]["slots"][0]["start"] == at("12:00")
        assert desk.send("DELETE", path).status_code == 204
        assert slots()["days"][0]["slots"][0]["start"] == at("09:00")
