"""A start is offered exactly when there is no reason against it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from booking.domain import reasons
from booking.domain.reasons import reason_against_room, reason_against_therapist
from booking.domain.slots import Diary, RoomDiary, Visit
from booking.domain.workload import Calendar, Limits
from booking.queries import Agenda, Wanted, nearest, only_others_are_in_the_way, reasons_against
from tests.booking.minutes import (
    any_diaries,
    any_visits,
    away,
    diaries,
    fits,
    has_room,
    instants,
    possible,
    room_fits,
    rooms,
    visits,
)

HOUR = Visit(60, 0, 15, step=30)
NINE, SIX = 540, 1080
SLUGS = ("anna", "ben", "carl")


def agenda_of(people: list[Diary], *, asked_for: str | None = None, **facts: Any) -> Agenda:
    """Return the agenda of these diaries, as the database would give it to who asks for one by name."""
    empty: dict[str, Any] = {"closures": [], "rooms": None, "within": (0, 200), "earliest": 0, "latest": 200}
    unused: dict[str, Any] = {
        "therapist_names": [],
        "genders": [],
        "room_usual": [],
        "room_ids": [],
        "room_slugs": [],
        "room_features": [],
    }
    return Agenda(
        wanted=Wanted(location=None, variation=None, therapist=asked_for),
        therapist_ids=range(len(people)),
        therapist_slugs=SLUGS[: len(people)],
        diaries=people,
        **(empty | unused | facts),
    )


agendas = st.builds(
    agenda_of,
    st.lists(diaries, max_size=3),
    asked_for=st.sampled_from([None, None, *SLUGS]),
    visit=visits,
    closures=away,
    rooms=st.none() | st.lists(rooms, max_size=2),
    earliest=st.integers(0, 100),
    latest=st.integers(50, 200),
)
ONE_FOR_A_PAIR = agenda_of([Diary([(0, 1)], busy=[(0, 1)])], visit=Visit(1, 0, 0, step=1, therapists=2))


class TestAReason:
    @given(diaries, visits, instants)
    def test_keeps_a_therapist_out_exactly_when_they_cannot(self, diary, visit, start):
        assert (reason_against_therapist(diary, visit, start) is None) == fits(diary, visit, start)

    @given(any_diaries(), any_visits, instants, instants, st.none() | st.lists(rooms, max_size=2))
    def test_in_every_mode_keeps_out_what_is_not_offered(self, diary, visit, start, earliest, places):
        """L-04: of a start that notice and rooms allow, the therapist's reason says whether it is offered."""
        reason = reason_against_therapist(diary, visit, start, earliest=earliest, rooms=places)

        if start >= earliest and has_room(places, visit, start):
            assert (reason is None) == (start in possible(diary, visit, earliest=earliest, places=places))

    @given(rooms, visits, instants)
    def test_keeps_a_room_out_exactly_when_it_is_not_free(self, room, visit, start):
        assert (reason_against_room(room, visit, start) is None) == room_fits(room, visit, start)

    @given(any_diaries(), any_visits, instants)
    def test_is_gone_when_its_rule_is_lifted(self, diary, visit, start):
        unlimited, thriftless = replace(diary, limits=None), replace(visit, fewest_gaps=False)
        anywhere = visit.at_any_minute()
        kept = anywhere if visit.mode == "back-to-back" else thriftless
        not_held = [interval for interval in diary.busy if interval not in diary.held]
        lifted = {
            reasons.GAP: (diary, thriftless),
            reasons.REST: (unlimited, thriftless),
            reasons.DAILY_LIMIT: (unlimited, thriftless),
            reasons.HELD: (replace(unlimited, busy=not_held), kept),
            reasons.BOOKED: (replace(unlimited, busy=[]), kept),
            reasons.CLEAN_UP: (replace(unlimited, busy=[]), kept),
            reasons.TIME_OFF: (replace(unlimited, busy=[], away=[]), kept),
            reasons.OFF_GRID: (replace(unlimited, away=[], busy=[]), anywhere),
        }

        reason = reason_against_therapist(diary, visit, start)

        if reason in lifted:
            less, asked = lifted[reason]
            assert start in possible(less, asked, earliest=start)

    @given(any_diaries(), any_visits, instants)
    def test_is_a_limit_or_a_hold_only_when_that_alone_is_in_the_way(self, diary, visit, start):
        visit = replace(visit, fewest_gaps=False)

        reason = reason_against_therapist(diary, visit, start)

        if diary.limits and reason == reasons.REST:
            assert start in possible(replace(diary, limits=replace(diary.limits, longest_stretch=None)), visit)
        if reason in {reasons.BOOKED, reasons.CLEAN_UP}:
            booked = [interval for interval in diary.busy if interval not in diary.held]
            assert start not in possible(Diary(diary.openings, diary.away, booked), visit.at_any_minute())

    @given(agendas, instants)
    def test_is_there_exactly_when_the_start_is_not_offered(self, book, start):
        """L-04: one code decides what is offered and why the rest is not."""
        found = reasons_against(book, start)

        assert (found == []) == (start in book.offers(first=start, last=start).by_start)
        assert found == sorted(set(found))
        assert set(found) <= set(reasons.ALL)

    @given(agendas, instants)
    @example(ONE_FOR_A_PAIR, 0)
    def test_is_only_other_peoples_visits_when_an_empty_house_would_do(self, book, start):
        found = set(reasons_against(book, start))

        if found and found <= {reasons.BOOKED, reasons.CLEAN_UP}:
            assert only_others_are_in_the_way(book, start)


class TestTheWords:
    def test_name_the_rule(self):
        diary = Diary([(NINE, SIX)], away=[(780, 840)], busy=[(600, 660)])
        expected = {
            540: reasons.CLEAN_UP,
            570: reasons.BOOKED,
            600: reasons.BOOKED,
            660: None,
            750: reasons.TIME_OFF,
            855: reasons.OFF_GRID,
            1050: reasons.OUTSIDE_HOURS,
            510: reasons.OUTSIDE_HOURS,
        }

        assert {start: reason_against_therapist(diary, HOUR, start) for start in expected} == expected

    @pytest.mark.parametrize(
        ("limits", "word"),
        [
            (Limits(a_day=90), reasons.DAILY_LIMIT),
            (Limits(a_week=90), reasons.DAILY_LIMIT),
            (Limits(longest_stretch=90), reasons.REST),
            (Limits(longest_stretch=90, a_day=90), reasons.DAILY_LIMIT),
            (Limits(longest_stretch=120, a_day=120, a_week=120), None),
        ],
        ids=str,
    )
    def test_name_the_limit(self, limits, word):
        days = [(0, 1440)]
        diary = Diary([(NINE, SIX)], limits=limits, hands=[(600, 660, 60)], calendar=Calendar(days, days))

        assert reason_against_therapist(diary, HOUR, 660) == word

    @pytest.mark.parametrize(
        ("start", "word"),
        [(540, reasons.HELD), (570, reasons.HELD), (690, reasons.BOOKED), (720, reasons.BOOKED), (630, None)],
    )
    def test_tell_what_is_held_from_what_is_booked(self, start, word):
        """A hold from 10:00 is in the way of 9:00 only with its clean-up, and still may be gone in a minute."""
        diary = Diary([(NINE, SIX)], busy=[(600, 625), (705, 780)], held=[(600, 625)])

        assert reason_against_therapist(diary, HOUR, start) == word
        assert reason_against_room(RoomDiary(diary.busy, diary.held), HOUR, start) == word

    def test_say_that_a_start_would_leave_a_gap(self):
        thrifty = replace(HOUR, after=0, fewest_gaps=True, smallest_gap=60)
        morning = Diary([(NINE, 720)])

        assert reason_against_therapist(morning, thrifty, 570) == reasons.GAP
        assert reason_against_therapist(morning, thrifty, 600) is None
        # The room is the reason then, and nobody's gap.
        assert reason_against_therapist(morning, thrifty, 570, rooms=[]) is None

    def test_say_in_back_to_back_mode_that_a_start_does_not_follow(self):
        """U-04: 10:00 and 10:25 follow each other, 10:20 stands between; what is taken is booked all the same."""
        visit = Visit(20, 0, 5, step=15, mode="back-to-back")
        diary = Diary([(600, 690)], busy=[(650, 660)])

        assert reason_against_therapist(diary, visit, 620) == reasons.OFF_GRID
        assert reason_against_therapist(diary, visit, 640) == reasons.BOOKED
        assert reason_against_therapist(diary, visit, 625) is None


class TestTheNearest:
    @given(agendas, instants)
    def test_are_offered_and_none_that_is_offered_is_nearer(self, book, start):
        """B-02: a refusal names alternatives, and they are offered."""
        offered = sorted(book.offers().by_start, key=lambda other: (abs(other - start), other))

        found = [int(at.timestamp() // 60) for at in nearest(book, start)]

        assert found == sorted(offered[:3])
