"""Questions to a studio as it stands, each answered by trying it and taking it back."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from django.db import transaction

from booking import errors, queries
from booking.access import ANYONE, staff
from booking.actions.book import Booked, Person, Wishes, book_appointment, book_held
from booking.actions.hold import Held, hold_time
from booking.actions.reschedule import reschedule_appointment
from booking.actions.waitlist.accept import accept_offer
from booking.domain import status
from booking.domain.hours import local_date, local_day
from booking.domain.intervals import instant_of
from booking.models import Appointment, OfferState, WaitlistOffer
from tests.booking.machine_checks import has_expired
from tests.booking.machine_studio import DAYS, GENDERS, KINDS, House, Wish, offered, offered_around

DESK = staff("Front desk")
strangers = count()
Starts = dict[datetime, list[str]]


def undone(run: Callable[[], Any]) -> Any:
    """Return what it answers, or its refusal, and take it back."""
    with transaction.atomic():
        try:
            return run()
        except errors.Refusal as no:
            return no
        finally:
            transaction.set_rollback(True)


def stranger() -> Wishes:
    """Somebody new each time, so that nothing of their own is in their way."""
    number = next(strangers)
    return Wishes(client=Person(name=f"Stranger {number}", email=f"stranger{number}@example.com"))


def what_is_offered_can_be_had(house: House, rows: list[Appointment], dice: Random, *, now: datetime) -> None:
    """And what is not offered cannot, and the explanation says the same: for some wish, day and times."""
    wish = _any_wish(dice)
    wanted, on = house.wanted(wish), house.day(dice.randrange(len(DAYS)))
    shown = offered(wanted, on, now=now)
    zone = wanted.location.time_zone
    near = [at for at in _around(rows, shown, wanted) if local_date(at, zone) == on]
    first, last = local_day(on, zone)
    starts = {dice.choice(near) if near and dice.random() < 0.7 else instant_of(dice.randrange(first, last))}
    if shown:
        starts.add(dice.choice(sorted(shown)))
    for start_at in sorted(starts):
        _is_had_as_offered(wanted, start_at, shown, now=now, hold=dice.random() < 0.3)


def _any_wish(dice: Random) -> Wish:
    some = [dice.choice([None, None, None, *GENDERS]) for _ in range(2)]
    return Wish(dice.randrange(2), dice.randrange(len(KINDS)), dice.choice([None, None, 0, 1, 2]), *some)


def _around(rows: Iterable[Appointment], shown: Starts, wanted: queries.Wanted) -> list[datetime]:
    """Return times at which something begins or ends, where mistakes are made."""
    visit = queries.visit_of(wanted)
    length, step = timedelta(minutes=visit.duration), timedelta(minutes=visit.step)
    found = {at for start in shown for at in (start - step, start + step, start + timedelta(minutes=1))}
    for row in rows:
        found |= {row.start_at, row.end_at, row.occupied.lower, row.occupied.upper, row.occupied.lower - length}
    return sorted(found)


def _is_had_as_offered(
    wanted: queries.Wanted, start_at: datetime, shown: Starts, *, now: datetime, hold: bool = False
) -> None:
    if hold:
        who = f"somebody {next(strangers)}"
        done = undone(lambda: hold_time(wanted, start_at=start_at, holder=who, by=ANYONE, now=now))
    else:
        done = undone(lambda: book_appointment(wanted, start_at=start_at, wishes=stranger(), by=ANYONE, now=now))
    if start_at in shown:
        assert isinstance(done, Booked | Held), (start_at, done, done.detail)
        assert set(done.therapists) <= set(shown[start_at])
    else:
        assert isinstance(done, errors.NotOffered | errors.SlotTaken), (start_at, done)
        assert isinstance(done, errors.SlotTaken) or done.reasons
        assert {at.astimezone(UTC) for at in done.nearest} <= set(shown)
    _is_explained(wanted, start_at, now=now)


def _is_explained(wanted: queries.Wanted, start_at: datetime, *, now: datetime) -> None:
    """The desk is told of everybody, whatever was wished for."""
    anybody = replace(wanted, therapist=None, gender=None, partner_gender=None)
    who = offered_around(anybody, start_at, now=now).get(start_at)
    told = queries.explain(wanted, start_at, now=now)
    assert told.offered == (who is not None), (start_at, told)
    assert bool(told.reasons) != told.offered, (start_at, told)
    if who is not None:
        assert [one.slug for one in told.therapists if one.reason is None] == who
        assert not told.rooms or any(one.reason is None for one in told.rooms)


def what_has_expired_keeps_nobody_out(rows: list[Appointment], dice: Random, *, now: datetime) -> None:
    """The same is offered with its row and without, and its own time can be had."""
    expired = [row for row in rows if has_expired(row, now)]
    if not expired:
        return
    row = dice.choice(expired)
    wanted = replace(queries.wanted_again(row), therapist=None)
    shown = offered_around(wanted, row.start_at, now=now)

    def without() -> Starts:
        Appointment.objects.filter(pk__in=[one.pk for one in expired], status=status.HELD).delete()
        Appointment.objects.filter(pk__in=[one.pk for one in expired]).update(status=status.CANCELLED, blocks=False)
        return offered_around(wanted, row.start_at, now=now)

    assert shown == undone(without)
    _is_had_as_offered(wanted, row.start_at, shown, now=now)


def what_is_kept_can_be_taken(tokens: Iterable[str], *, now: datetime) -> None:
    """A hold that stands becomes an appointment, whoever comes with it."""
    for digest in tokens:
        if queries.held_by(digest, now=now):
            wanted = queries.wanted_in_hold(digest, now=now)
            done = undone(lambda: book_held(digest, wanted, wishes=stranger(), by=ANYONE, now=now))  # noqa: B023 - called at once
            assert isinstance(done, Booked), done


def what_the_waitlist_offers_can_be_taken(dice: Random, *, now: datetime) -> None:
    """But by somebody who has booked enough elsewhere since."""
    found = list(WaitlistOffer.objects.filter(state=OfferState.OPEN, expires_at__gt=now).order_by("pk"))
    if found:
        entry = dice.choice(found).entry
        done = undone(lambda: accept_offer(entry, by=ANYONE, now=now))
        assert isinstance(done, Booked | errors.TooMany), (done, done.detail)


def what_is_offered_for_a_move_can_be_had(rows: list[Appointment], dice: Random, *, now: datetime) -> None:
    """By the desk, which no deadline binds; but not where the client has another visit."""
    movable = [
        row for row in rows if row.status in status.CHANGEABLE and row.start_at > now and not has_expired(row, now)
    ]
    if not movable:
        return
    row = dice.choice(movable)
    wanted, shown = queries.wanted_again(row), _shown_for_a_move(row, now=now)
    near = [*_around(rows, shown, wanted), *shown, *shown]
    zone = wanted.location.time_zone
    starts = [at for at in near if at != row.start_at and local_date(at, zone) == local_date(row.start_at, zone)]
    if not starts:
        return
    start_at = dice.choice(starts)
    done = undone(lambda: reschedule_appointment(row, start_at=start_at, by=DESK, now=now))
    if start_at in shown:
        assert isinstance(done, Appointment) or _has_another_visit(row, rows, start_at), (row, start_at, done)
    else:
        assert isinstance(done, errors.NotOffered | errors.SlotTaken), (row, start_at, done)


def _shown_for_a_move(row: Appointment, *, now: datetime) -> Starts:
    wanted = queries.wanted_again(row)
    return offered_around(wanted, row.start_at, now=now, instead_of=row.pk, rules=False)


def _has_another_visit(row: Appointment, rows: list[Appointment], start_at: datetime) -> bool:
    end_at = start_at + (row.end_at - row.start_at)
    others = [one for one in rows if one.client_id == row.client_id and one.pk != row.pk and one.blocks]
    return row.client_id is not None and any(one.start_at < end_at and start_at < one.end_at for one in others)
