"""Studios for the state machine: small enough to collide, next to a clock change, as plans and as rows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from booking import queries
from booking.actions.book import Person
from booking.domain.hours import local_date, local_day
from booking.domain.intervals import instant_of
from booking.models import Location, Room, Service, Therapist
from tests import factories

# Each with the day of a clock change: the visits of these days, and of the weeks after them, stand on both sides.
PLACES = (
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2027, 11, 7)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
)
DAYS = (-1, 0, 1, 7)  # those that are looked at, counted from the clock change
SINGLE, COUPLES, REQUEST, OUTCALL = KINDS = ("single", "couples", "request", "outcall")
GENDERS = ("female", "male")
GUESTS = tuple(Person(name=name, email=f"{name.lower()}@example.com") for name in ("Kim", "Robin", "Sam"))


@dataclass(frozen=True)
class Massage:
    kind: str
    minutes: int
    before: int
    after: int
    step: int
    mode: str
    fewest_gaps: bool
    load_percent: int
    notice: int
    deadline: int


@dataclass(frozen=True)
class Worker:
    """`limits` are a stretch, the rest after it, a day and a week, in minutes; `skills` positions of massages."""

    gender: str
    hours: tuple[time, time]
    limits: tuple[int | None, int, int | None, int | None]
    lacks: frozenset[int]
    at_both: bool


@dataclass(frozen=True)
class Plan:
    zone: str
    changes_on: date
    massages: list[Massage]
    workers: list[Worker]
    rooms: list[tuple[bool, bool]]  # whether two can lie in it, and whether somebody usually works in it
    second_place: bool
    within_hours: bool
    requests_block: bool
    most_open: int
    offer_minutes: int
    seed: int


NO_LIMITS = (None, 0, None, None)
limits = st.just(NO_LIMITS) | st.tuples(
    st.sampled_from([None, 60, 120, 180]),
    st.sampled_from([0, 15, 30]),
    st.sampled_from([None, 90, 120, 240]),
    st.sampled_from([None, 180, 360]),
)
workers = st.builds(
    Worker,
    gender=st.sampled_from(GENDERS),
    hours=st.sampled_from([(time(9), time(15)), (time(8), time(12)), (time(0), time(6)), (time(22), time(4))]),
    limits=limits,
    lacks=st.just(frozenset()) | st.frozensets(st.integers(0, 3), max_size=1),
    at_both=st.booleans(),
)


def _massages(kind: str) -> st.SearchStrategy[Massage]:
    return st.builds(
        Massage,
        kind=st.just(kind),
        minutes=st.sampled_from([60, 30, 45, 90]),
        before=st.sampled_from([0, 10]),
        after=st.sampled_from([0, 15]),
        step=st.sampled_from([30, 15, 60]),
        mode=st.sampled_from(["step", "step", "back-to-back"]),
        fewest_gaps=st.booleans(),
        load_percent=st.sampled_from([100, 150]),
        notice=st.sampled_from([0, 60, 300]),
        deadline=st.sampled_from([0, 24 * 60]),
    )


plans = st.builds(
    lambda place, **more: Plan(*place, **more),
    st.sampled_from(PLACES),
    massages=st.tuples(*(_massages(kind) for kind in KINDS)).map(list),
    workers=st.lists(workers, min_size=2, max_size=3) | st.lists(workers, min_size=1, max_size=1),
    rooms=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=3),
    second_place=st.booleans(),
    within_hours=st.booleans(),
    requests_block=st.booleans(),
    most_open=st.sampled_from([0, 3]),
    offer_minutes=st.sampled_from([60, 20]),
    seed=st.integers(0, 999),
)


@dataclass(frozen=True)
class Wish:
    """Positions, taken round the end of what there is."""

    place: int
    massage: int
    therapist: int | None = None
    gender: str | None = None
    partner_gender: str | None = None


wishes = st.builds(
    Wish,
    st.integers(0, 1),
    st.integers(0, 3),
    st.none() | st.none() | st.integers(0, 2),
    st.none() | st.none() | st.sampled_from(GENDERS),
    st.none() | st.none() | st.sampled_from(GENDERS),
)


@dataclass(frozen=True)
class House:
    """The studio as it stands in the database."""

    plan: Plan
    places: list[Location]
    services: list[Service]
    therapists: list[Therapist]
    skilled: dict[str, set[int]]

    def wanted(self, wish: Wish) -> queries.Wanted:
        kind = KINDS[wish.massage % len(KINDS)]
        who = None if wish.therapist is None else self.therapists[wish.therapist % len(self.therapists)].slug
        return queries.wanted(
            location=self.places[wish.place % len(self.places)].slug,
            variation=f"{kind}-{self.plan.massages[wish.massage % len(KINDS)].minutes}",
            therapist=who,
            gender=wish.gender,
            partner_gender=wish.partner_gender if kind == COUPLES else None,
        )

    def day(self, number: int) -> date:
        return self.plan.changes_on + timedelta(days=DAYS[number % len(DAYS)])

    def opens_at(self) -> datetime:
        """Return the instant at which the machine's clock begins: the noon two days before the change."""
        return instant_of(local_day(self.plan.changes_on - timedelta(days=2), self.plan.zone)[0] + 12 * 60)


def build(plan: Plan) -> House:
    factories.studio(
        requests_block=plan.requests_block,
        open_appointments_per_client=plan.most_open,
        waitlist_offer_minutes=plan.offer_minutes,
        request_hours=5,
    )
    places = [
        factories.location(slug, zone=plan.zone, clean_up_within_hours=plan.within_hours)
        for slug in ("harbour", "hill")[: 1 + plan.second_place]
    ]
    services = [_service(one) for one in plan.massages]
    therapists = [_therapist(number, worker, places, services) for number, worker in enumerate(plan.workers)]
    for number, (for_two, is_usual) in enumerate(plan.rooms):
        _room(number, places[0], "couples" if for_two else "", therapists[0] if is_usual else None)
    if plan.second_place:
        _room(len(plan.rooms), places[1], "couples", None)
    skilled = {one.slug: set(one.therapists.values_list("pk", flat=True)) for one in services}
    return House(plan, places, services, therapists, skilled)


def _service(massage: Massage) -> Service:
    made = factories.service(
        massage.kind,
        therapists_required=2 if massage.kind == COUPLES else 1,
        room_features=["couples"] if massage.kind == COUPLES else [],
        needs_confirmation=massage.kind == REQUEST,
        needs_room=massage.kind != OUTCALL,
        step_minutes=massage.step,
        start_mode=massage.mode,
        fewest_gaps=massage.fewest_gaps,
        load_percent=massage.load_percent,
        notice_minutes=massage.notice,
        change_deadline_minutes=massage.deadline,
        horizon_days=30,
    )
    factories.variation(made, massage.minutes, before=massage.before, after=massage.after)
    return made


def _therapist(number: int, worker: Worker, places: list[Location], services: list[Service]) -> Therapist:
    skills = [one for position, one in enumerate(services) if position not in worker.lacks]
    made = factories.therapist(f"t{number}", *skills, gender=worker.gender)
    made.longest_stretch_minutes, made.rest_minutes, made.daily_limit_minutes, made.weekly_limit_minutes = worker.limits
    made.save()
    for place in places if worker.at_both else places[number % len(places) :][:1]:
        factories.works(made, place, *worker.hours)
    return made


def _room(number: int, place: Location, feature: str, usual: Therapist | None) -> Room:
    made = factories.room(f"r{number}", place, *([feature] if feature else []))
    if usual is not None:
        made.usual_for.add(usual)
    return made


def offered(wanted: queries.Wanted, on: date, *, now: datetime, **about: Any) -> dict[datetime, list[str]]:
    """Return who could serve at each start that is offered on the local date `on`, by UTC instant."""
    found = queries.slots(wanted, first_on=on, last_on=on, now=now, **about)
    return {
        datetime.fromisoformat(slot["start"]).astimezone(UTC): slot["therapists"]
        for day in found.days
        for slot in day["slots"]
    }


def offered_around(wanted: queries.Wanted, start_at: datetime, *, now: datetime, **about: Any) -> dict[Any, Any]:
    return offered(wanted, local_date(start_at, wanted.location.time_zone), now=now, **about)
