"""A start is offered exactly when there is no reason against it."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from booking.domain import reasons
from booking.domain.reasons import reason_against_room, reason_against_therapist
from booking.domain.slots import Diary, Visit
from booking.queries import Agenda, Wanted, nearest, reasons_against, would_fit_an_empty_house
from tests.booking.minutes import away, diaries, fits, instants, room_fits, rooms, visits

HOUR = Visit(60, 0, 15, step=30)
NINE, SIX = 540, 1080
SLUGS = ("anna", "ben", "carl")


def agenda_of(people: list[Diary], *, asked_for: str | None = None, **facts: Any) -> Agenda:
    """Return the agenda of these diaries, as the database would give it to who asks for one by name."""
    empty: dict[str, Any] = {"closures": [], "rooms": None, "within": (0, 200), "earliest": 0, "latest": 200}
    unused: dict[str, Any] = {"therapist_names": [], "room_ids": [], "room_slugs": [], "room_features": []}
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

    @given(rooms, visits, instants)
    def test_keeps_a_room_out_exactly_when_it_is_not_free(self, room, visit, start):
        assert (reason_against_room(room, visit, start) is None) == room_fits(room, visit, start)

    @given(diaries, visits, instants)
    def test_is_gone_when_its_rule_is_lifted(self, diary, visit, start):
        lifted = {
            reasons.BOOKED: Diary(diary.openings, diary.away),
            reasons.CLEAN_UP: Diary(diary.openings, diary.away),
            reasons.TIME_OFF: Diary(diary.openings),
        }

        reason = reason_against_therapist(diary, visit, start)

        if reason in lifted:
            assert fits(lifted[reason], visit, start)

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
            assert would_fit_an_empty_house(book, start)


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


class TestTheNearest:
    @given(agendas, instants)
    def test_are_offered_and_none_that_is_offered_is_nearer(self, book, start):
        """B-02: a refusal names alternatives, and they are offered."""
        offered = sorted(book.offers().by_start, key=lambda other: (abs(other - start), other))

        found = [int(at.timestamp() // 60) for at in nearest(book, start)]

        assert found == sorted(offered[:3])
