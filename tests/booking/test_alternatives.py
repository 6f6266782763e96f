"""Where a visit could go that an absence lies over, against looking at all starts of four weeks and sorting them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.domain import hours
from booking.domain.intervals import instant_of, minute_of
from booking.models import Appointment, DateOverride, Therapist, TimeOff, Variation, WeeklyHours
from booking.queries import absence
from booking.queries.agenda import agenda
from booking.queries.catalogue import wanted_again
from tests.booking.stillwater import NOW, seed
from tests.factories import TUESDAY, at

TWO_WEEKS = timedelta(days=14)


@pytest.fixture
def visits(db):
    """Those of one busy week of the demo studio, pairs among them; every other therapist has days off."""
    seed(days=14, fill=85)
    # Some visits are of a kind that hardly anybody does, so that there is nothing next door.
    rare = Variation.objects.filter(service__slug="couples").first().service
    for therapist in rare.therapists.order_by("slug")[2:]:
        therapist.skills.remove(rare)
    for number, therapist in enumerate(Therapist.objects.order_by("slug")):
        therapist.daily_limit_minutes = 150 + 50 * number  # with or without the visit itself it matters for some
        therapist.save()
    found = Appointment.objects.filter(status__in=("booked", "pending"), start_at__gt=NOW).order_by("start_at", "pk")
    found = found.prefetch_related("assignments__therapist").select_related("location")
    for one in list(found)[::9]:
        TimeOff.objects.create(
            therapist=one.assignments.all()[0].therapist,
            start_at=one.start_at - timedelta(hours=one.pk % 40),
            end_at=one.start_at + timedelta(hours=2 + one.pk % 90),
        )
    return list(found[:160])


def all_starts(visit):
    """Return who could serve the visit at each start of the four weeks around it, nearest start first."""
    zone = visit.location.time_zone
    on = hours.local_date(visit.start_at, zone)
    book = agenda(
        replace(wanted_again(visit), therapist=None),
        first_on=max(on - TWO_WEEKS, hours.local_date(NOW, zone)),
        last_on=on + TWO_WEEKS,
        now=NOW,
        instead_of=visit.pk,
        duration=(visit.end_at - visit.start_at) // timedelta(minutes=1),
        rules=False,
    )
    start = minute_of(visit.start_at)
    by_start = {at: [book.therapist_slugs[index] for index in who] for at, who in book.offers().by_start.items()}
    return dict(sorted(by_start.items(), key=lambda found: (abs(found[0] - start), found[0])))


def expected(visit):
    starts = all_starts(visit)
    present = {one.therapist.slug for one in visit.assignments.all()}
    here = starts.pop(minute_of(visit.start_at), [])
    same = [at for at, who in starts.items() if present <= set(who)]
    return absence.Alternatives(
        therapists=[who for who in here if who not in present],
        starts=[instant_of(at) for at in same[:3]],
        starts_with_anyone=[(instant_of(at), who) for at, who in list(starts.items())[:3]],
    )


def test_are_the_nearest_of_all_starts(visits):
    found = absence.alternatives(visits, now=NOW)

    for visit, one in zip(visits, found, strict=True):
        assert one == expected(visit), visit
    far = timedelta(days=4)
    assert any(abs(at - visit.start_at) > far for visit, one in zip(visits, found, strict=True) for at in one.starts)
    assert any(visit.assignments.count() == 2 for visit in visits)


@pytest.mark.parametrize(
    ("clock", "near", "nearer"),
    [
        ("10:00", (1, "21:00", "23:30"), (-2, "22:00", "23:30")),
        ("16:00", (-1, "00:30", "03:00"), (2, "00:00", "01:30")),
    ],
    ids=["before", "after"],
)
def test_look_further_when_what_is_found_is_no_nearer_than_what_was_not_looked_at(house, book, clock, near, nearer):
    """Enough starts stand on the next day, but those on the other side, two days away, are as near."""
    booked = book(start=at(clock), therapist="anna")
    WeeklyHours.objects.all().delete()
    for days, opens, closes in (near, nearer):
        DateOverride.objects.create(
            therapist=house.ben, location=house.harbour, on=TUESDAY + timedelta(days=days), opens=opens, closes=closes
        )
    visit = Appointment.objects.get(reference=booked["reference"])

    [found] = absence.alternatives([visit], now=NOW)

    assert found == expected(visit)
    assert {hours.local_date(one, "Europe/Berlin") - TUESDAY for one, _ in found.starts_with_anyone} == {
        timedelta(days=near[0]),
        timedelta(days=nearer[0]),
    }


def test_of_visits_that_want_the_same_are_read_once(visits, django_assert_max_num_queries):
    """A statement for what is wanted, and one for each of the rings that were looked at."""
    by_wish = {}
    for visit in visits:
        on = hours.local_date(visit.start_at, visit.location.time_zone)
        by_wish.setdefault((visit.variation_id, visit.end_at - visit.start_at, on), []).append(visit)
    same = max(by_wish.values(), key=len)
    assert len(same) > 1

    with django_assert_max_num_queries(2 + 2 * len(absence.RINGS) + len(same)):
        absence.alternatives(same, now=NOW)


def test_of_what_has_begun_are_none(visits):
    assert absence.alternatives(visits[:1], now=visits[0].start_at) == [absence.Alternatives([], [], [])]
