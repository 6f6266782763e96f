"""Offers for two, against trying every minute, every ordered pair and every room: on generated days, on PostgreSQL.

Must-hold of the couples: nothing of what is offered is left to chance, and nothing that works is kept back.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from booking import queries
from tests.booking.couples import DAY, MINUTE, Built, Day, Person, Taken, build, days, midnight
from tests.booking.machine_studio import NO_LIMITS, offered

EXAMPLES = settings.default.max_examples // 2


class Oracle:
    """Who could serve the pair at which minute. Minutes count from the first of the day; spans are half-open."""

    def __init__(self, day: Day, built: Built) -> None:
        self.day, self.built, self.first = day, built, midnight(day)
        zone = ZoneInfo(day.zone)
        self.length = int((datetime.combine(day.on + DAY, time(0), zone).astimezone(UTC) - self.first) / MINUTE)
        self.earliest = day.notice

    def minute(self, on: date, at: time) -> int:
        return int((datetime.combine(on, at, ZoneInfo(self.day.zone)).astimezone(UTC) - self.first) / MINUTE)

    def local_date(self, minute: int) -> date:
        return (self.first + minute * MINUTE).astimezone(ZoneInfo(self.day.zone)).date()

    def openings(self, person: Person) -> Iterator[tuple[int, int]]:
        for on in (self.day.on - DAY, self.day.on):
            for opens, closes in person.hours:
                ends = self.minute(on if closes > opens else on + DAY, closes)
                if self.minute(on, opens) < ends:
                    yield self.minute(on, opens), ends

    def visits_of(self, number: int) -> list[Taken]:
        return [one for one in self.built.visits if one.therapist % len(self.day.people) == number]

    def starts_of(self, number: int) -> set[int]:
        """Return the starts at which the therapist alone could, whatever the clock and the rooms say."""
        person, day = self.day.people[number], self.day
        found: set[int] = set()
        for opens, closes in self.openings(person):
            gap_from = None
            for start in range(opens, closes):
                if not self.fits(number, (opens, closes), start):
                    gap_from = None
                    continue
                gap_from = start if gap_from is None else gap_from
                back_to_back = day.mode == "back-to-back"
                anchor, step = (gap_from, day.before + day.duration + day.after) if back_to_back else (opens, day.step)
                if (start - anchor) % step == 0 and self.hands_can(number, start):
                    found.add(start)
        return found

    def fits(self, number: int, opening: tuple[int, int], start: int) -> bool:
        day = self.day
        visit = (start, start + day.duration)
        whole = (start - day.before, start + day.duration + day.after)
        bounded = whole if day.within_hours else visit
        shut = [(at, at + minutes) for at, minutes in day.people[number].away + day.closed]
        busy = [(one.start - one.clean_up, one.start + one.minutes + one.clean_up) for one in self.visits_of(number)]
        return (
            opening[0] <= bounded[0]
            and bounded[1] <= opening[1]
            and not any(meet(bounded, one) for one in shut)
            and not any(meet(whole, one) for one in busy)
        )

    def hands_can(self, number: int, start: int) -> bool:
        stretch, rest, a_day, a_week = self.day.people[number].limits
        load = self.day.duration * self.day.load_percent // 100
        hands = [(one.start, one.start + one.minutes, one.load) for one in self.visits_of(number)]
        on = self.local_date(start)
        monday = on - on.weekday() * DAY
        of_day = [one[2] for one in hands if self.local_date(one[0]) == on]
        of_week = [one[2] for one in hands if monday <= self.local_date(one[0]) < monday + 7 * DAY]
        joined = self.joined((start, start + self.day.duration, load), hands, max(rest, 1))
        return (
            (a_day is None or sum(of_day) + load <= a_day)
            and (a_week is None or sum(of_week) + load <= a_week)
            and (stretch is None or joined <= stretch)
        )

    @staticmethod
    def joined(visit: tuple[int, int, int], hands: list[tuple[int, int, int]], pause: int) -> int:
        together, left = [visit], list(hands)
        for _ in hands:
            for other in list(left):
                if any(other[0] - one[1] < pause and one[0] - other[1] < pause for one in together):
                    together.append(other)
                    left.remove(other)
        return sum(one[2] for one in together)

    def room_is_free(self, number: int, start: int) -> bool:
        whole = (start - self.day.before, start + self.day.duration + self.day.after)
        here = [one for one in self.built.visits if one.room % (len(self.day.rooms) + 1) == number]
        return not any(meet(whole, (one.start - one.clean_up, one.start + one.minutes + one.clean_up)) for one in here)

    def pairs(self) -> list[tuple[int, int]]:
        """Return all ordered pairs who may serve the two, in the order of the two."""
        day, everybody = self.day, range(len(self.day.people))
        return [
            pair
            for pair in permutations(everybody, 2)
            if all(day.people[one].can for one in pair)
            and all(wish in {None, day.people[one].gender} for one, wish in zip(pair, day.genders, strict=True))
            and (day.named is None or day.named % len(day.people) in pair)
        ]

    def offers(self) -> dict[datetime, list[str]]:
        can = [self.starts_of(number) for number in range(len(self.day.people))]
        pairs, found = self.pairs(), {}
        for start in range(max(0, self.earliest), self.length):
            working = [pair for pair in pairs if start in can[pair[0]] and start in can[pair[1]]]
            rooms = [n for n, for_two in enumerate(self.day.rooms) if for_two and self.room_is_free(n, start)]
            if working and rooms:
                found[self.first + start * MINUTE] = sorted({f"t{one}" for pair in working for one in pair})
        return found


def meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def wanted(day: Day) -> queries.Wanted:
    return queries.wanted(
        location="harbour",
        variation=f"couples-{day.duration}",
        therapist=None if day.named is None else f"t{day.named % len(day.people)}",
        gender=day.genders[0],
        partner_gender=day.genders[1],
    )


@pytest.mark.django_db
class TestOffersForTwo:
    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(days)
    def test_are_what_trying_all_pairs_and_rooms_gives(self, day):
        with transaction.atomic():
            built = build(day)
            assert offered(wanted(day), day.on, now=built.now) == Oracle(day, built).offers()
            transaction.set_rollback(True)

    def test_are_found_on_a_plain_day(self):
        """So that the property says something: open from nine to one in Berlin, and the room is taken until ten."""
        nine_to_one = Person("female", can=True, hours=[(time(9), time(13))], limits=NO_LIMITS, away=[])
        day = Day(
            *("Europe/Berlin", date(2027, 3, 28)),
            people=[nine_to_one] * 3,
            rooms=[True],
            visits=[Taken(7 * 60, 120, 0, therapist=0, room=0, load=30)],
            closed=[],
            duration=60,
            before=0,
            after=0,
            step=60,
            load_percent=100,
            mode="step",
            within_hours=False,
            notice=-3000,
            genders=(None, None),
            named=None,
        )
        with transaction.atomic():
            built = build(day)
            found = offered(wanted(day), day.on, now=built.now)
            assert found == Oracle(day, built).offers()
            assert found == {datetime(2027, 3, 28, hour, tzinfo=UTC): ["t0", "t1", "t2"] for hour in (8, 9, 10)}
            transaction.set_rollback(True)
