"""Slots in other zones and on days when clocks change: the same instants, by the right clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.models import WeeklyHours
from tests import factories
from tests.booking.caller import starts_of
from tests.factories import TUESDAY


class TestAnotherZone:
    """T-09, T-10: another zone gives other labels to the same instants, and dates follow the labels."""

    @pytest.mark.parametrize(
        "zone", ["America/Vancouver", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]
    )
    def test_labels_the_same_instants(self, slots, zone):
        wide = {"from": TUESDAY - timedelta(days=2), "until": TUESDAY + timedelta(days=2)}
        here = {datetime.fromisoformat(start) for start in starts_of(slots())}

        there = slots(**wide, time_zone=zone)

        assert there["time_zone"] == zone
        assert here <= {datetime.fromisoformat(start) for start in starts_of(there)}
        assert all(slot["start"][:10] == day["date"] for day in there["days"] for slot in day["slots"])

    def test_shows_nine_in_berlin_as_the_evening_before_in_honolulu(self, slots):
        day = slots(**{"from": "2026-11-30", "until": "2026-11-30"}, time_zone="Pacific/Honolulu")["days"][0]

        assert "2026-11-30T22:00:00-10:00" in [slot["start"] for slot in day["slots"]]

    @pytest.mark.parametrize("viewer", ["Etc/GMT+12", "Pacific/Pago_Pago", "America/Los_Angeles"])
    def test_loses_nothing_across_the_date_line(self, db, clock, api, viewer):
        """The farthest two zones are 26 hours apart."""
        factories.house("Pacific/Kiritimati")
        WeeklyHours.objects.update(opens=time(0), closes=time(0))
        query = {"location": "harbour", "variation": "swedish-60", "from": TUESDAY, "until": TUESDAY}
        wide = {"from": TUESDAY - timedelta(days=3), "until": TUESDAY + timedelta(days=3)}
        all_of_them = [datetime.fromisoformat(start) for start in starts_of(api.get("slots/", query | wide).json())]

        shown = [
            datetime.fromisoformat(start)
            for start in starts_of(api.get("slots/", query | {"time_zone": viewer}).json())
        ]

        assert shown == [start for start in all_of_them if start.astimezone(ZoneInfo(viewer)).date() == TUESDAY]


class TestAClockChange:
    @pytest.mark.parametrize(
        ("zone", "on", "hours"),
        [
            ("Europe/Berlin", date(2027, 3, 28), 5),
            ("Europe/Berlin", date(2027, 10, 31), 7),
            ("America/New_York", date(2026, 3, 8), 5),
            ("America/Chicago", date(2026, 11, 1), 7),
            ("Asia/Kathmandu", date(2026, 11, 1), 6),
        ],
    )
    def test_night_has_as_many_hours_as_it_lasts(self, db, clock, api, zone, on, hours):
        house = factories.house(zone)
        clock.move_to(datetime.combine(on, time(12), UTC) - timedelta(days=7))
        WeeklyHours.objects.update(opens=time(0), closes=time(6))
        type(house.swedish).objects.update(step_minutes=60)
        query = {"location": "harbour", "variation": "swedish-60", "from": on, "until": on}

        found = starts_of(api.get("slots/", query).json())

        assert len(found) == hours
        for start in found:
            body = {"location": "harbour", "variation": "swedish-60", "start": start, "client": factories.guest()}
            body["client"]["email"] = f"kim{found.index(start)}@example.com"
            assert api.post("appointments/", body).status_code == 201, start

    @pytest.mark.parametrize("sunday", [date(2026, 3, 8), date(2026, 11, 1)], ids=str)
    def test_does_not_move_a_window_of_half_past_twelve(self, db, clock, api, sunday):
        """T-02, T-16: shown at 12:30, and bookable at 12:30."""
        factories.house("America/New_York")
        clock.move_to(datetime.combine(sunday, time(12), UTC) - timedelta(days=3))
        WeeklyHours.objects.update(opens=time(12, 30), closes=time(13, 30))
        query = {"location": "harbour", "variation": "swedish-60", "from": sunday, "until": sunday}

        [start] = starts_of(api.get("slots/", query).json())
        body = {"location": "harbour", "variation": "swedish-60", "start": start, "client": factories.guest()}

        assert start[11:16] == "12:30"
        assert api.post("appointments/", body).json()["start"] == start

    def test_within_the_notice_period_takes_nothing_away(self, db, clock, api):
        """T-03: notice of 7 days that ends on the day of change is like 6 or 8."""
        house = factories.house("America/New_York")
        clock.move_to(datetime(2026, 10, 25, 15, 0, tzinfo=UTC))
        query = {"location": "harbour", "variation": "swedish-60", "from": "2026-10-25", "until": "2026-11-03"}
        firsts = []
        for days in (6, 7, 8):
            type(house.swedish).objects.update(notice_minutes=days * 24 * 60)
            firsts.append(datetime.fromisoformat(starts_of(api.get("slots/", query).json())[0]))

        ahead = [first - datetime(2026, 10, 25, 15, 0, tzinfo=UTC) for first in firsts]
        assert all(
            timedelta(days=n) <= one < timedelta(days=n, hours=1) for n, one in zip((6, 7, 8), ahead, strict=True)
        )


class TestTimeOffOverAChange:
    @pytest.mark.parametrize(
        ("sunday", "until", "first"),
        [
            (date(2027, 10, 31), "2027-10-31T04:00:00+01:00", "2027-10-31T04:00:00+01:00"),
            (date(2027, 3, 28), "2027-03-28T04:00:00+02:00", "2027-03-28T04:00:00+02:00"),
        ],
        ids=["back", "forwards"],
    )
    def test_takes_away_its_exact_instants(self, db, clock, api, sunday, until, first):
        """T-18: from one in the morning until four, which are four hours on one Sunday and two on the other."""
        house = factories.house()
        clock.move_to(datetime.combine(sunday, time(12), UTC) - timedelta(days=3))
        WeeklyHours.objects.update(opens=time(0), closes=time(6))
        type(house.swedish).objects.update(step_minutes=60)
        house.ben.delete()
        away = datetime.combine(sunday, time(1), ZoneInfo("Europe/Berlin")), datetime.fromisoformat(until)
        house.anna.time_off.create(start_at=away[0], end_at=away[1])
        query = {"location": "harbour", "variation": "swedish-60", "from": sunday, "until": sunday}

        found = starts_of(api.get("slots/", query).json())

        assert [start[11:16] for start in found] == ["00:00", "04:00", "05:00"]
        assert found[1] == first
        for start in found:
            began = datetime.fromisoformat(start)
            assert began + timedelta(hours=1) <= away[0] or began >= away[1]
