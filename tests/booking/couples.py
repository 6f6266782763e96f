"""Generated days of a studio that serves couples, as plans and as rows."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import strategies as st

from booking.models import Appointment, Assignment, Closure, Location, Room, Service, Therapist, TimeOff
from tests import factories
from tests.booking.machine_studio import GENDERS, NO_LIMITS, PLACES, limits

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
spans = st.sampled_from([(time(9), time(13)), (time(0), time(5)), (time(22), time(3)), (time(10), time(17))])
# Minutes from the first of the day that is asked for: some reach into the days beside it.
moments = st.integers(-8, 100).map(lambda quarter: quarter * 15)


@dataclass(frozen=True)
class Person:
    """`limits` are a stretch, the rest after it, a day and a week."""

    gender: str
    can: bool
    hours: list[tuple[time, time]]
    limits: tuple[int | None, int, int | None, int | None]
    away: list[tuple[int, int]]


@dataclass(frozen=True)
class Taken:
    """A visit that is there: of one therapist, in a room or in none, with clean-up on both sides."""

    start: int
    minutes: int
    clean_up: int
    therapist: int
    room: int
    load: int


@dataclass(frozen=True)
class Day:
    zone: str
    on: date
    people: list[Person]
    rooms: list[bool]  # whether it is one for couples
    visits: list[Taken]
    closed: list[tuple[int, int]]
    duration: int
    before: int
    after: int
    step: int
    load_percent: int
    mode: str
    within_hours: bool
    notice: int
    genders: tuple[str | None, str | None]
    named: int | None


absences = st.lists(st.tuples(moments, st.sampled_from([10, 30, 120])), max_size=1)
people = st.builds(
    Person,
    gender=st.sampled_from(GENDERS),
    can=st.sampled_from([True, True, True, True, False]),
    hours=st.just([(time(9), time(13))]) | st.lists(spans, min_size=1, max_size=2, unique=True),
    limits=st.just(NO_LIMITS) | st.just(NO_LIMITS) | limits,
    away=absences,
)
wishes = st.none() | st.sampled_from(GENDERS)
days = st.builds(
    lambda place, **more: Day(*place, **more),
    st.sampled_from(PLACES),
    people=st.lists(people, min_size=2, max_size=4),
    rooms=st.lists(st.sampled_from([True, True, True, False]), min_size=1, max_size=3),
    visits=st.lists(
        st.builds(
            Taken,
            moments,
            st.sampled_from([30, 60, 85]),
            st.sampled_from([0, 15]),
            st.integers(0, 3),
            st.integers(0, 3),
            st.sampled_from([30, 90]),
        ),
        max_size=6,
    ),
    closed=absences,
    duration=st.sampled_from([60, 45, 90]),
    before=st.sampled_from([0, 10]),
    after=st.sampled_from([0, 15]),
    step=st.sampled_from([15, 20, 60]),
    load_percent=st.sampled_from([100, 150]),
    mode=st.sampled_from(["step", "step", "back-to-back"]),
    within_hours=st.booleans(),
    notice=st.sampled_from([-3000, -60, 300, 700]),
    genders=st.tuples(wishes, wishes),
    named=st.none() | st.none() | st.integers(0, 3),
)


@dataclass
class Built:
    """The day in the database, and what really could be put into it."""

    now: datetime
    therapists: list[Therapist]
    variation: Any
    visits: list[Taken] = field(default_factory=list)


def midnight(day: Day) -> datetime:
    return datetime.combine(day.on, time(0), ZoneInfo(day.zone)).astimezone(UTC)


def build(day: Day) -> Built:
    factories.studio()
    place = factories.location(zone=day.zone, clean_up_within_hours=day.within_hours)
    pair = factories.service(
        "couples",
        therapists_required=2,
        room_features=["couples"],
        step_minutes=day.step,
        start_mode=day.mode,
        load_percent=day.load_percent,
        notice_minutes=60,
    )
    variation = factories.variation(pair, day.duration, before=day.before, after=day.after)
    therapists = [_therapist(number, person, place, pair, day) for number, person in enumerate(day.people)]
    rooms = [factories.room(f"r{n}", place, *(["couples"] if both else [])) for n, both in enumerate(day.rooms)]
    for start, minutes in day.closed:
        Closure.objects.create(location=place, **between(day, start, minutes))
    visits = [one for one in day.visits if _stand(one, place, variation, therapists, rooms, day)]
    now = midnight(day) + (day.notice - 60) * MINUTE
    return Built(now, therapists, variation, visits)


def between(day: Day, start: int, minutes: int) -> dict[str, datetime]:
    first = midnight(day) + start * MINUTE
    return {"start_at": first, "end_at": first + minutes * MINUTE}


def _therapist(number: int, person: Person, place: Location, pair: Service, day: Day) -> Therapist:
    made = factories.therapist(f"t{number}", *([pair] if person.can else []), gender=person.gender)
    made.longest_stretch_minutes, made.rest_minutes, made.daily_limit_minutes, made.weekly_limit_minutes = person.limits
    made.save()
    for span in person.hours:
        factories.works(made, place, *span)
    for start, minutes in person.away:
        TimeOff.objects.create(therapist=made, **between(day, start, minutes))
    return made


def _stand(
    one: Taken, place: Location, variation: Any, therapists: list[Therapist], rooms: list[Room], day: Day
) -> bool:
    """Write the visit, or say that it meets another one."""
    who, where = one.therapist % len(therapists), one.room % (len(rooms) + 1)
    times = between(day, one.start, one.minutes)
    occupied = DateTimeTZRange(times["start_at"] - one.clean_up * MINUTE, times["end_at"] + one.clean_up * MINUTE)
    room = rooms[where] if where < len(rooms) else None
    in_room = Appointment.objects.filter(room=room, room__isnull=False, occupied__overlap=occupied)
    if in_room.exists() or therapists[who].assignments.filter(occupied__overlap=occupied).exists():
        return False
    row = Appointment.objects.create(
        status="booked",
        blocks=True,
        location=place,
        room=room,
        service=variation.service,
        variation=variation,
        occupied=occupied,
        price_amount=0,
        change_deadline_minutes=0,
        **times,
        **dict.fromkeys(("agreed_at", "created_at", "changed_at"), times["start_at"]),
    )
    Assignment.objects.create(
        appointment=row,
        therapist=therapists[who],
        occupied=occupied,
        blocks=True,
        before_minutes=one.clean_up,
        after_minutes=one.clean_up,
        load_minutes=one.load,
    )
    return True
