"""Every slot that is offered can be booked, every other minute is refused: over generated studios and zones.

Promise 2, acceptance L-04, B-10, B-15: on PostgreSQL, through the actions; each booking is taken back again.
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking import errors, queries
from booking.access import ANYONE
from booking.actions.book import Person, Wishes, book_appointment
from booking.domain.hours import local_day
from booking.domain.intervals import instant_of
from booking.models import Appointment, Closure, DateOverride, Location, Therapist, TimeOff
from tests import factories

# Each with the day of a clock change, so that many generated days are one.
PLACES = (
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/Chicago", date(2027, 11, 7)),
    ("Asia/Kathmandu", date(2027, 5, 4)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("America/Santiago", date(2027, 4, 4)),
    ("Pacific/Kiritimati", date(2027, 12, 31)),
)
# A quarter of the profile's examples and at most this many slots of each: all of them in the slow profile.
EXAMPLES = settings.default.max_examples // 4
SLOTS = 10 if EXAMPLES < 100 else 1_000
quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
names = itertools.count()


@dataclass(frozen=True)
class Plan:
    """What a studio is made of. Minutes are counted from the first minute of the day."""

    zone: str
    on: date
    hours: list[list[tuple[time, time]]]
    exceptions: list[tuple[time, time] | None]
    rooms: int
    pair: bool
    duration: int
    before: int
    after: int
    step: int
    within_hours: bool
    away: list[tuple[int, int]]
    closed: list[tuple[int, int]]
    booked: list[int]
    now: int


absences = st.lists(st.tuples(st.integers(0, 1400), st.integers(15, 300)), max_size=1)
plans = st.builds(
    lambda place, **more: Plan(zone=place[0], on=place[1], **more),
    place=st.sampled_from(PLACES),
    hours=st.lists(st.lists(st.tuples(quarters, quarters), min_size=1, max_size=2), min_size=1, max_size=3),
    exceptions=st.lists(st.none() | st.tuples(quarters, quarters), max_size=1),
    rooms=st.integers(0, 2),
    pair=st.booleans(),
    duration=st.sampled_from([30, 45, 60, 90]),
    before=st.sampled_from([0, 10]),
    after=st.sampled_from([0, 15, 60]),
    step=st.sampled_from([15, 20, 30, 60]),
    within_hours=st.booleans(),
    away=absences,
    closed=absences,
    booked=st.lists(st.integers(0, 40), max_size=4),
    now=st.integers(-3000, 900),
)


def build(plan: Plan) -> datetime:
    """Make the studio, book some of what it offers, and return the present."""
    factories.studio()
    place = factories.location(zone=plan.zone, clean_up_within_hours=plan.within_hours)
    massage = factories.service(
        step_minutes=plan.step,
        therapists_required=2 if plan.pair else 1,
        needs_room=bool(plan.rooms),
        notice_minutes=60,
    )
    factories.variation(massage, plan.duration, before=plan.before, after=plan.after)
    first = local_day(plan.on, plan.zone)[0]
    people = [factories.therapist(f"t{number}", massage) for number in range(len(plan.hours))]
    for who, (opens, closes) in ((who, span) for who, spans in zip(people, plan.hours, strict=True) for span in spans):
        factories.works(who, place, opens, closes)
    for number in range(plan.rooms):
        factories.room(f"r{number}", place)
    add_absences(plan, place, people, first)
    now = instant_of(first + plan.now)
    for index in plan.booked:
        free = sorted(offered(plan, now))
        if free:
            book(plan, free[index % len(free)], now)
    return now


def add_absences(plan: Plan, place: Location, people: list[Therapist], first: int) -> None:
    """The first therapist takes time off, the last has another day than usual, and the house is shut."""
    for start, length in plan.away:
        between = {"start_at": instant_of(first + start), "end_at": instant_of(first + start + length)}
        TimeOff.objects.create(therapist=people[0], **between)
    for opens, closes in (exception or (None, None) for exception in plan.exceptions):
        DateOverride.objects.create(therapist=people[-1], location=place, on=plan.on, opens=opens, closes=closes)
    for start, length in plan.closed:
        between = {"start_at": instant_of(first + start), "end_at": instant_of(first + start + length)}
        Closure.objects.create(location=place, **between)


def wanted(plan: Plan) -> queries.Wanted:
    return queries.wanted(location="harbour", variation=f"swedish-{plan.duration}")


def offered(plan: Plan, now: datetime) -> dict[datetime, list[str]]:
    found = queries.slots(wanted(plan), first_on=plan.on, last_on=plan.on, now=now)
    return {
        datetime.fromisoformat(slot["start"]).astimezone(UTC): slot["therapists"]
        for day in found.days
        for slot in day["slots"]
    }


def book(plan: Plan, start: datetime, now: datetime):
    wishes = Wishes(client=Person(name=f"Kim {next(names)}", email="kim@example.com"))
    return book_appointment(wanted(plan), start_at=start, wishes=wishes, by=ANYONE, now=now)


def undone(plan: Plan, start: datetime, now: datetime):
    """Book it, look at it, and take it back."""
    with transaction.atomic():
        done = book(plan, start, now)
        transaction.set_rollback(True)
    return done


@pytest.mark.django_db
class TestEverySlot:
    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(plans, st.randoms(use_true_random=False))
    def test_that_is_offered_books_and_no_other_minute_does(self, plan, dice):
        with transaction.atomic():
            now = build(plan)
            shown = offered(plan, now)
            for start in dice.sample(sorted(shown), min(SLOTS, len(shown))):
                done = undone(plan, start, now)
                assert set(done.therapists) <= set(shown[start])
                assert len(done.therapists) == (2 if plan.pair else 1)
            self.others_are_refused(plan, shown, now, dice)
            transaction.set_rollback(True)

    def others_are_refused(self, plan, shown, now, dice):
        before = Appointment.objects.count()
        first, end = local_day(plan.on, plan.zone)
        near = {start + timedelta(minutes=n) for start in shown for n in (-plan.step, -1, 1, plan.step)}
        far = {instant_of(dice.randrange(first, end)) for _ in range(6)} | {
            instant_of(first + n) for n in range(0, 1440, 180)
        }
        minutes = sorted(start for start in near | far if start not in shown and first <= start.timestamp() // 60 < end)
        for start in dice.sample(minutes, min(8, len(minutes))):
            with pytest.raises((errors.NotOffered, errors.SlotTaken)) as refused:
                undone(plan, start, now)
            assert isinstance(refused.value, errors.SlotTaken) or refused.value.reasons
            assert {each.astimezone(UTC) for each in refused.value.nearest} <= set(shown)
        assert Appointment.objects.count() == before

    def test_is_found_in_most_of_the_plans(self):
        """The generated studios are not all closed, so that the property says something."""
        with transaction.atomic():
            plan = Plan(
                *(
                    "Europe/Berlin",
                    date(2027, 3, 28),
                    [[(time(0), time(6))]],
                    [],
                    1,
                    False,
                    60,
                    0,
                    15,
                    60,
                    False,
                    [],
                    [],
                    [],
                    -3000,
                )
            )
            assert len(offered(plan, build(plan))) == 5
            assert Location.objects.count() == 1
            transaction.set_rollback(True)
