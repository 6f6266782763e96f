"""Rules the desk sets aside: each by its name, for a reason that is kept, and never two clients at one place."""

from datetime import datetime, timedelta

import pytest

from booking.actions.override import RULES
from booking.models import Appointment, Closure, Service, Therapist, TimeOff
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts
from tests.factories import TUESDAY, api_key, at, guest

SAM = guest("Sam Okoro", "sam@example.com")
REASON = "A favour for a regular"
# The start that each rule forbids, and what makes it do so. For what is about work anna has a visit at nine.
FORBIDDEN = {
    "notice": ("10:00", Service, {"notice_minutes": 9 * 24 * 60}),
    "horizon": ("10:00", Service, {"horizon_days": 5}),
    "outside-hours": ("20:00", None, {}),
    "daily-limit": ("12:30", Therapist, {"daily_limit_minutes": 90}),
    "rest": ("10:30", Therapist, {"longest_stretch_minutes": 90, "rest_minutes": 60}),
    "clean-up": ("10:00", None, {}),
    "gap": ("10:30", Service, {"fewest_gaps": True, "smallest_gap_minutes": 120}),
}


def lifting(*rules: str) -> dict:
    return {"override": {"rules": list(rules), "reason": REASON}}


@pytest.fixture
def forbidden(wish, book):
    """Let one rule, and no other, keep anna from a start, and return the body that asks for it."""

    def forbidden(rule):
        start, model, changes = FORBIDDEN[rule]
        if rule in {"daily-limit", "rest", "clean-up"}:
            book(therapist="anna", start=at("09:00"), client=SAM)
        if model is not None:
            model.objects.update(**changes)
        return wish(start=at(start), therapist="anna")

    return forbidden


class TestEachRule:
    @pytest.mark.parametrize("rule", RULES)
    def test_is_set_aside_by_its_name_alone(self, desk, forbidden, rule):
        asked = forbidden(rule)

        refused = desk.post("appointments/", asked)
        # Outside hours there is no grid and no gap: that one lifts the other, too.
        others = {"gap", "outside-hours"} if rule == "gap" else {rule}
        others = desk.post("appointments/", asked | lifting(*(other for other in RULES if other not in others)))
        done = desk.post("appointments/", asked | lifting(rule))

        assert (refused.status_code, others.status_code) == (409, 409)
        assert refused.json().get("reasons", [rule]) == [rule]
        assert done.status_code == 201
        assert done.json()["overridden"] == [rule]

    def test_is_set_aside_only_when_nobody_can_do_without(self, desk, wish, book):
        """Ben is busier, so anna would be chosen; but anna's hands have had enough."""
        book(therapist="anna", start=at("09:00"), client=SAM)
        book(therapist="ben", start=at("14:00"), variation="swedish-90", client=guest("Lee Park", "lee@example.org"))
        Therapist.objects.filter(slug="anna").update(daily_limit_minutes=90)

        done = desk.post("appointments/", wish(start=at("11:30")) | lifting(*RULES)).json()

        assert (done["therapists"], done["overridden"]) == (["ben"], [])

    def test_of_the_week_is_the_daily_limits_too(self, house, desk, wish, book):
        book(therapist="anna", start=at("12:00", on=TUESDAY + timedelta(days=1)), client=SAM)
        Therapist.objects.update(weekly_limit_minutes=90)

        assert desk.post("appointments/", wish(therapist="anna")).json()["reasons"] == ["daily-limit"]
        assert desk.post("appointments/", wish(therapist="anna") | lifting("daily-limit")).status_code == 201

    def test_of_the_grid_is_the_gaps_too(self, desk, wish):
        assert is_problem(desk.post("appointments/", wish(start=at("10:10"))), 409, "not-offered")
        assert desk.post("appointments/", wish(start=at("10:10")) | lifting("gap")).json()["start"] == at("10:10")

    def test_is_set_aside_for_a_move_too(self, desk, booked):
        path = f"appointments/{booked['reference']}/reschedule/"

        refused = desk.post(path, {"start": at("20:00")})
        moved = desk.post(path, {"start": at("20:00")} | lifting("outside-hours"))

        assert is_problem(refused, 409, "not-offered")
        assert (moved.status_code, moved.json()["overridden"]) == (200, ["outside-hours"])
        assert moved.json()["history"][-1]["after"]["reason"] == REASON


class TestTheReason:
    def test_stands_in_the_history(self, desk, wish):
        body = desk.post("appointments/", wish(start=at("20:00")) | lifting("outside-hours", "notice")).json()

        [entry] = body["history"]
        assert (entry["action"], entry["by"]) == ("booked", "desk app")
        assert entry["after"]["reason"] == REASON
        assert entry["after"]["override"] == ["notice", "outside-hours"]

    def test_stands_there_when_no_rule_was_in_the_way_too(self, desk, wish):
        body = desk.post("appointments/", wish() | lifting("notice")).json()

        assert body["overridden"] == []
        assert body["history"][0]["after"]["reason"] == REASON

    @pytest.mark.parametrize(
        "override",
        [
            {"rules": ["notice"]},
            {"rules": ["notice"], "reason": " "},
            {"rules": [], "reason": REASON},
            {"rules": ["overlap"], "reason": REASON},
            {"rules": ["booked"], "reason": REASON},
            {"rules": "notice", "reason": REASON},
            {"reason": REASON},
            {"rules": ["notice"], "reason": REASON, "force": True},
        ],
    )
    def test_and_the_rules_are_read_strictly(self, desk, wish, override):
        assert is_problem(desk.post("appointments/", wish(override=override)), 400, "invalid")
        assert not Appointment.objects.exists()


class TestAStranger:
    @pytest.mark.parametrize("who", ["anyone", "reader"])
    def test_sets_nothing_aside(self, house, wish, who):
        headers = {} if who == "anyone" else {"Authorization": f"Bearer {api_key('read')}"}

        refused = Caller(**headers).post("appointments/", wish(start=at("20:00")) | lifting("outside-hours"))

        assert is_problem(refused, 400, "invalid")
        assert refused.json()["errors"] == {"override": ["There is no such field."]}

    def test_with_a_link_moves_by_the_rules(self, booked, kim):
        path = f"appointments/{booked['reference']}/reschedule/"

        assert is_problem(kim.post(path, {"start": at("20:00")} | lifting("outside-hours")), 400, "invalid")


class TestWhatNothingOverrides:
    """B-13: an overlap is refused with its name, whatever is set aside; what stays is left as it was."""

    @pytest.mark.parametrize("start", ["09:15", "09:45", "10:00", "10:30", "10:59"])
    def test_is_another_visit_of_the_therapist(self, desk, wish, booked, start):
        before = row_counts()

        refused = desk.post("appointments/", wish(start=at(start), therapist="anna", client=SAM) | lifting(*RULES))

        assert is_problem(refused, 409, "slot-taken")
        assert row_counts() == before
        assert Appointment.objects.get().version == 1

    def test_is_another_group_in_the_room(self, house, desk, wish, booked):
        house.rooms[1].delete()

        refused = desk.post("appointments/", wish(therapist="ben", client=SAM) | lifting(*RULES))

        assert is_problem(refused, 409, "slot-taken")

    def test_is_somebodys_hold(self, hold, desk, wish):
        hold(therapist="anna")

        assert is_problem(desk.post("appointments/", wish(therapist="anna") | lifting(*RULES)), 409, "slot-taken")

    def test_is_a_client_in_two_places(self, desk, wish, booked):
        """B-12: for that the desk has another word."""
        asked = wish(therapist="ben", start=at("10:30")) | lifting(*RULES)

        assert is_problem(desk.post("appointments/", asked), 409, "slot-taken")
        assert desk.post("appointments/", asked | {"alongside": True}).status_code == 201

    @pytest.mark.parametrize("why", ["time-off", "closure", "no-skill", "wrong-room"])
    def test_is_what_is_not_there(self, house, desk, wish, why):
        all_day = {"start_at": at("00:00"), "end_at": at("23:59")}
        match why:
            case "time-off":
                TimeOff.objects.create(therapist=house.anna, **all_day)
            case "closure":
                Closure.objects.create(location=house.harbour, **all_day)
            case "no-skill":
                house.anna.skills.clear()
            case "wrong-room":
                Service.objects.update(room_features=["heated-table"])

        refused = desk.post("appointments/", wish(therapist="anna") | lifting(*RULES))

        assert is_problem(refused, 409, "not-offered")
        assert refused.json()["reasons"] == [why]


class TestAWalkIn:
    def test_who_came_a_moment_ago_is_written_down(self, desk, wish, clock):
        clock.move_to(datetime.fromisoformat(at("10:07")))
        asked = wish(client=None, source="walk-in")

        assert is_problem(desk.post("appointments/", asked), 409, "not-offered")
        done = desk.post("appointments/", asked | lifting("notice")).json()

        assert (done["start"], done["client"], done["overridden"]) == (at("10:00"), None, ["notice"])
        assert desk.post(f"appointments/{done['reference']}/check-in/").json()["status"] == "arrived"

    def test_of_yesterday_is_not(self, desk, wish, clock):
        clock.move_to(datetime.fromisoformat(at("00:10", on=TUESDAY + timedelta(days=1))))

        refused = desk.post("appointments/", wish(start=at("17:00"), client=None) | lifting(*RULES))

        assert is_problem(refused, 409, "not-offered")
        assert refused.json()["reasons"] == ["notice"]


class TestOutsideHours:
    def test_only_who_works_at_the_place_is_asked(self, house, desk, wish):
        """Somebody of another town has nothing to do that evening, and would be chosen first."""
        uptown = factories.location("uptown", zone="America/New_York")
        factories.works(factories.therapist("aaron", house.swedish), uptown)

        evening = wish(start=at("20:00"))
        assert desk.post("appointments/", evening | lifting("outside-hours")).json()["therapists"] == ["anna"]
        by_name = evening | {"therapist": "aaron", "client": SAM} | lifting("outside-hours")
        assert desk.post("appointments/", by_name).json()["therapists"] == ["aaron"]
