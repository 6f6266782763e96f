"""A country changes its clock rules: the agreed wall time is kept, by a command that says what it moves.

The rules change for real: zoneinfo reads files that the test has written.
"""

import io
import zoneinfo
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command

from booking import access
from booking.actions.cancel import cancel_appointment
from booking.domain import hours
from booking.models import Appointment, Assignment
from booking.queries.wall_time import drifts
from notifications.models import Message
from tests import factories
from tests.booking.zone_rules import write_zone
from tests.factories import NOW, at, guest

# Berlin keeps summer time for good; the first of December springs forward at half past nine, of all days.
SUMMER_FOR_GOOD = "CEST-2"
GAP_ON_TUESDAY = "CET-1CEST,M12.1.2/9:30:00,M12.2.3/0"
SAM = guest("Sam Okoro", "sam@example.com")
LEE = guest("Lee Park", "lee@example.com")


def forget_zones() -> None:
    zoneinfo.ZoneInfo.clear_cache()
    for cached in vars(hours).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


@pytest.fixture
def rules(tmp_path):
    """Return what installs another rule for Europe/Berlin, and take it away again afterwards."""
    before = zoneinfo.TZPATH

    def install(rule: str) -> None:
        write_zone(tmp_path, "Europe/Berlin", rule)
        zoneinfo.reset_tzpath(to=[tmp_path, *before])
        forget_zones()

    yield install
    zoneinfo.reset_tzpath(to=before)
    forget_zones()


def run(*arguments: str) -> tuple[bool, str]:
    """Return whether the command ended well, and all that it said."""
    said = io.StringIO()
    try:
        call_command("check_wall_times", *arguments, stdout=said, stderr=said)
    except CommandError as error:
        return False, f"{said.getvalue()}{error}"
    return True, said.getvalue()


class TestTheRules:
    def test_come_from_the_pinned_package_and_not_from_the_system(self):
        """Two machines with the same requirements have the same clocks."""
        assert zoneinfo.TZPATH == ()


class TestUnderTheOldRules:
    def test_nothing_is_to_be_moved(self, booked):
        assert run() == (True, "Every appointment shows the time that was agreed.\n")

    @pytest.mark.parametrize("clock_time", ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"])
    def test_an_hour_that_comes_twice_is_no_drift(self, house, book, clock, clock_time):
        """Half past two in the night the clocks go back, the first time and the second."""
        clock.move_to(datetime(2026, 10, 20, tzinfo=UTC))
        factories.works(house.anna, house.harbour, time(0), time(8))

        book(start=clock_time)

        assert Appointment.objects.get().wall_start == "2026-10-25T02:30"
        assert drifts(now=NOW - timedelta(days=40)) == []


class TestTheList:
    def test_says_what_would_move_and_by_how_much_and_moves_nothing(self, booked, rules):
        """Issue 3, item 15."""
        rules(SUMMER_FOR_GOOD)
        before = list(Appointment.objects.values())

        well, said = run()

        assert not well
        assert (
            f"{booked['reference']}  2026-12-01T10:00 Europe/Berlin: 2026-12-01 09:00 -> 2026-12-01 08:00 UTC" in said
        )
        assert "60 minutes earlier" in said
        assert "1 appointment would move" in said
        assert list(Appointment.objects.values()) == before

    def test_leaves_out_what_is_over_or_cancelled(self, booked, rules):
        rules(SUMMER_FOR_GOOD)
        present = Appointment.objects.get()

        assert drifts(now=present.end_at) == []
        cancel_appointment(present, by=access.staff("Mara"), now=NOW)
        assert run()[0]

    def test_leaves_out_other_zones(self, booked, rules):
        rules(SUMMER_FOR_GOOD)
        Appointment.objects.update(time_zone="Europe/Paris")

        assert run()[0]


class TestTheRepair:
    def test_keeps_the_wall_time_and_tells_the_client(self, booked, rules, desk):
        """Reliability, rule change after booking: 100 per cent of the wall times are kept."""
        rules(SUMMER_FOR_GOOD)
        before = Appointment.objects.get()

        assert run("--repair")[0]

        present = Appointment.objects.get()
        assert present.start_at == before.start_at - timedelta(hours=1)
        assert (present.wall_start, present.time_zone) == (before.wall_start, before.time_zone)
        assert (present.version, present.sequence) == (before.version + 1, before.sequence + 1)
        assert Assignment.objects.get().occupied == present.occupied
        assert Message.objects.filter(kind="rescheduled", sequence=present.sequence, state="pending").count() == 1
        seen = desk.get(f"appointments/{booked['reference']}/").json()
        assert seen["start"] == "2026-12-01T10:00:00+02:00"
        assert (seen["history"][-1]["by"], seen["history"][-1]["channel"]) == ("clock rules", "command")

    def test_is_done_once(self, booked, rules):
        rules(SUMMER_FOR_GOOD)

        assert run("--repair")[0]
        assert run("--repair") == (True, "Every appointment shows the time that was agreed.\n")
        assert Appointment.objects.get().version == 2

    def test_moves_a_whole_diary_without_tripping_over_itself(self, book, rules):
        """Back to back, so that each stands where the one before it has to go."""
        for number, clock_time in enumerate(("09:00", "10:30", "12:00", "13:30")):
            book(
                start=at(clock_time), therapist="anna", client=guest(f"Kim {'ABCD'[number]}", f"k{number}@example.com")
            )

        rules("CEST-3")
        assert run("--repair")[0]
        rules("CET-1CEST,M3.5.0,M10.5.0/3")
        assert run("--repair")[0]

        assert sorted(Appointment.objects.values_list("start_at__hour", flat=True)) == [8, 9, 11, 12]

    def test_of_a_time_that_vanished_is_the_instant_with_the_new_name(self, booked, rules):
        """Ten o'clock is skipped: read with the offset before, the instant stays, and clocks show eleven."""
        rules(GAP_ON_TUESDAY)

        well, said = run("--repair")

        assert well
        assert "the same instant, shown as 11:00 because clocks skip the agreed time" in said
        present = Appointment.objects.get()
        assert (present.start_at, present.wall_start) == (datetime(2026, 12, 1, 9, tzinfo=UTC), "2026-12-01T11:00")
        assert Message.objects.filter(kind="rescheduled").exists()
        assert run()[0]

    @pytest.fixture
    def in_the_way(self, house, booked, book):
        """Anna's visit in London, whose clocks have not changed, has the instant that Kim's would go to."""
        london = factories.location("london", zone="Europe/London")
        factories.room("crown", london)
        factories.works(house.anna, london, time(6), time(18))
        assert booked["therapists"] == ["anna"]
        start = at("07:30", zone="Europe/London")
        return book(location="london", start=start, therapist="anna", client=SAM)

    def test_reports_whom_it_cannot_move_and_pushes_nobody_out(self, booked, in_the_way, book, rules):
        bens = book(start=at("14:00"), therapist="ben", client=LEE)
        rules(SUMMER_FOR_GOOD)

        well, said = run("--repair")

        assert not well
        assert f"{booked['reference']} stays: This time has just been taken." in said
        assert "1 appointment could not be moved" in said
        versions = dict(Appointment.objects.values_list("reference", "version"))
        assert versions == {booked["reference"]: 1, in_the_way["reference"]: 1, bens["reference"]: 2}

    def test_is_finished_when_the_way_is_free(self, booked, in_the_way, rules):
        rules(SUMMER_FOR_GOOD)
        run("--repair")
        cancel_appointment(Appointment.objects.get(reference=in_the_way["reference"]), by=access.staff("Mara"), now=NOW)

        assert run("--repair")[0]
        assert Appointment.objects.get(reference=booked["reference"]).version == 2

    def test_does_not_move_into_the_past(self, booked, rules, clock):
        rules(SUMMER_FOR_GOOD)
        clock.move_to(datetime(2026, 12, 1, 8, 30, tzinfo=UTC))

        well, said = run("--repair")

        assert not well
        assert "call the client" in said
        assert Appointment.objects.get().version == 1
