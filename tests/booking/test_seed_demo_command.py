"""The command that makes the demo studio: what it refuses, what it makes for load, what it shows meanwhile."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError

from booking import queries
from booking.demo import people, progress
from booking.domain import hours
from booking.models import Appointment, Assignment, Location, Studio, Therapist, Variation
from tests.booking.stillwater import NOW, seed


@pytest.fixture
def stillwater(db) -> str:
    return seed()


class TestTheCommand:
    def test_sums_up_what_it_made(self, stillwater) -> None:
        count = Appointment.objects.count()

        assert f"2 locations, 8 therapists, 6 rooms, 8 services, {count:,} appointments" in stillwater

    def test_is_refused_in_production(self, db, settings) -> None:
        """S61."""
        settings.LOCAL = False

        with pytest.raises(CommandError, match="own machine only"):
            seed()

        assert not Location.objects.exists()
        assert not User.objects.exists()

    def test_refuses_a_studio_that_is_there(self, stillwater) -> None:
        with pytest.raises(CommandError, match="There is a studio already, Stillwater"):
            seed()

        assert Studio.objects.count() == 1

    def test_leaves_a_studio_that_is_there_alone_if_asked_to(self, stillwater) -> None:
        before = Appointment.objects.count()

        assert "There is a studio already, Stillwater: nothing to do." in seed(if_empty=True)
        assert Appointment.objects.count() == before

    @pytest.mark.parametrize(
        ("wrong", "name"),
        [
            ({"days": 0}, "--days"),
            ({"days": 367}, "--days"),
            ({"fill": -1}, "--fill"),
            ({"fill": 101}, "--fill"),
            ({"therapists": 0}, "--therapists"),
            ({"therapists": 201}, "--therapists"),
        ],
    )
    def test_says_which_number_is_wrong_and_writes_nothing(self, db, wrong: dict[str, int], name: str) -> None:
        with pytest.raises(CommandError, match=name):
            seed(**wrong)

        assert not Studio.objects.exists()


class TestLoad:
    def test_fills_as_much_of_the_working_time_as_asked_for(self, db) -> None:
        seed(therapists=5, days=7, fill=70)

        assert Therapist.objects.count() == 5
        assert 0.65 <= _occupied_minutes() / _working_minutes() <= 0.75

    def test_has_hands_and_rooms_for_more_therapists(self, db) -> None:
        seed(therapists=12, days=1, fill=70)

        assert Therapist.objects.count() == len(set(Therapist.objects.values_list("name", flat=True))) == 12
        assert 0.65 <= _occupied_minutes() / _working_minutes() <= 0.75

    def test_has_a_client_for_everybody_at_its_largest(self) -> None:
        names = people.client_names(people.MOST_CLIENTS)

        assert len(set(names)) == len(names)


def _occupied_minutes() -> float:
    """All visits that were planned, those cancelled since among them."""
    found = Assignment.objects.values_list("occupied", flat=True)
    return sum((occupied.upper - occupied.lower).total_seconds() for occupied in found) / 60


def _working_minutes() -> int:
    """What the hours in the database come to, by the diaries that slots are found in."""
    total = 0
    for place in Location.objects.all():
        today = hours.local_date(NOW, place.time_zone)
        seen: set[str] = set()
        for slug in Variation.objects.filter(service__therapists_required=1).values_list("slug", flat=True):
            wanted = queries.wanted(location=place.slug, variation=slug)
            last = today + timedelta(days=_days_ahead(place, today))
            book = queries.agenda(wanted, first_on=today - timedelta(days=14), last_on=last, now=NOW, rules=False)
            for name, diary in zip(book.therapist_slugs, book.diaries, strict=True):
                if name not in seen:
                    seen.add(name)
                    total += sum(
                        _without(opening, diary.away) for opening in diary.openings if opening[0] >= book.within[0]
                    )
    return total


def _days_ahead(place: Location, today: Any) -> int:
    last = Appointment.objects.filter(location=place).latest("start_at").start_at
    return (hours.local_date(last, place.time_zone) - today).days


def _without(opening: tuple[int, int], away: Any) -> int:
    taken = sum(max(0, min(end, opening[1]) - max(start, opening[0])) for start, end in away)
    return opening[1] - opening[0] - taken


class Screen(io.StringIO):
    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty

    def write(self, msg: str = "", ending: str | None = None) -> None:  # type: ignore[override]
        super().write(msg + (ending or ""))


class TestProgress:
    def test_is_a_bar_on_a_terminal_that_goes_away(self, monkeypatch) -> None:
        monkeypatch.setattr(progress, "REDRAW_EVERY_SECONDS", 0.0)
        screen = Screen(tty=True)

        assert list(progress.shown(range(4), total=4, what="days", on=screen)) == [0, 1, 2, 3]

        assert "2 of 4 days" in screen.getvalue()
        assert screen.getvalue().rpartition("\r")[2] == ""
        assert "\n" not in screen.getvalue()

    def test_is_lines_anywhere_else(self, monkeypatch) -> None:
        monkeypatch.setattr(progress, "SPEAK_EVERY_SECONDS", 0.0)
        screen = Screen(tty=False)

        list(progress.shown(range(2), total=2, what="days", on=screen))

        assert screen.getvalue() == "  1 of 2 days\n  2 of 2 days\n"

    def test_says_nothing_about_work_that_is_soon_done(self) -> None:
        screen = Screen(tty=False)

        list(progress.shown(range(2), total=2, what="days", on=screen))

        assert screen.getvalue() == ""
