"""All that may happen to a studio, in the order in which Hypothesis chooses."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from booking import queries
from booking.access import ANYONE, Caller, digest
from booking.actions.absence import lift, put_down
from booking.actions.attend import check_in, complete, no_show
from booking.actions.book import Wishes, book_appointment, book_held
from booking.actions.cancel import cancel_appointment
from booking.actions.confirm import confirm_appointment
from booking.actions.decline import decline_appointment
from booking.actions.hold import give_back, hold_time
from booking.actions.move_affected import move_what_can_be_moved
from booking.actions.override import NOTHING, RULES, Override
from booking.actions.requests import end_requests, forget_holds
from booking.actions.reschedule import reschedule_appointment
from booking.actions.series_book import Repeat, book_series
from booking.actions.series_cancel import cancel_series
from booking.actions.series_move import move_series
from booking.actions.undo import undo
from booking.actions.waitlist.accept import accept_offer
from booking.actions.waitlist.decline import decline_offer
from booking.actions.waitlist.expire import expire_offers
from booking.actions.waitlist.fill import fill_every_gap
from booking.actions.waitlist.join import join_waitlist
from booking.actions.waitlist.withdraw import withdraw_entry
from booking.domain import status
from booking.domain.hours import local_day
from booking.domain.intervals import instant_of
from booking.models import Appointment, Closure, EntryState, TimeOff, WaitlistEntry
from tests.booking.machine import Machine
from tests.booking.machine_probes import DESK
from tests.booking.machine_studio import GUESTS, Wish, build, plans, wishes

STEPS: dict[str, Callable[..., Any]] = {
    "confirm": confirm_appointment,
    "decline": decline_appointment,
    "check-in": check_in,
    "complete": complete,
    "no-show": no_show,
    "undo": undo,
}
# What gives somebody time without asking what their hands can bear: the desk knows what it does.
UNASKED = ("confirm", "undo")
UNDONE = ("no-show", "decline", "check-in", "confirm")
ANSWERS: dict[str, Callable[..., Any]] = {
    "accept": partial(accept_offer, by=ANYONE),
    "turn down": decline_offer,
    "withdraw": withdraw_entry,
}
picks = st.integers(0, 9)
days = st.integers(0, 3)
times = st.integers(0, 299)
who = st.sampled_from([ANYONE, ANYONE, DESK])
guests = st.sampled_from(GUESTS)
overrides = st.sampled_from([(), (), *((word,) for word in RULES), RULES])


class Studio(Machine):
    @initialize(plan=plans, early=st.lists(st.tuples(wishes, days, times, guests, who), min_size=1, max_size=5))
    def opens(self, plan: Any, early: list[tuple[Wish, int, int, Any, Caller]]) -> None:
        """A studio opens, and some are early to book."""
        self.house = build(plan)
        self.now = self.house.opens_at()
        for wish, day, time, guest, by in early:
            self.book_for(Wishes(client=guest), wish, day, time, by=by)

    # -- holds and bookings

    @rule(wish=wishes, day=days, time=times, by=who, holder=st.sampled_from("ab"), replaces=st.booleans())
    def hold(self, wish: Wish, day: int, time: int, by: Caller, holder: str, replaces: bool) -> None:
        wanted, start = self.choose(wish, day, time)
        old = self.tokens[-1] if replaces and self.tokens else ""
        keep = partial(hold_time, wanted, start_at=start, holder=holder, by=by, replaces=old)
        held = self.attempt("hold", lambda: keep(now=self.now))
        if held is not None:
            self.tokens.append(held.token)

    @rule(pick=picks)
    def give_back(self, pick: int) -> None:
        if self.tokens:
            token = self.tokens[pick % len(self.tokens)]
            self.attempt("give back", lambda: give_back(token, now=self.now))

    @rule(pick=picks, guest=guests, by=who)
    def book_what_is_held(self, pick: int, guest: Any, by: Caller) -> None:
        if self.tokens:
            known = digest(self.tokens[-1 - pick % len(self.tokens)])
            self.attempt(
                "book held",
                lambda: book_held(
                    known,
                    queries.wanted_in_hold(known, now=self.now),
                    wishes=Wishes(client=guest),
                    by=by,
                    now=self.now,
                ),
            )

    def book_for(
        self, about: Wishes, wish: Wish, day: int, time: int, *, by: Caller, override: Override = NOTHING
    ) -> None:
        wanted, start = self.choose(wish, day, time)
        book = partial(book_appointment, wanted, start_at=start, wishes=about, by=by, override=override)
        name = "book anyway" if override.rules else "book at the desk" if by.is_desk else "book"
        self.attempt(name, lambda: book(now=self.now))

    @rule(wish=wishes, day=days, time=times, guest=guests)
    def book(self, wish: Wish, day: int, time: int, guest: Any) -> None:
        self.book_for(Wishes(client=guest), wish, day, time, by=ANYONE)

    @rule(wish=wishes, day=days, time=times, guest=guests, alongside=st.booleans(), rules=overrides)
    def book_at_the_desk(
        self, wish: Wish, day: int, time: int, guest: Any, alongside: bool, rules: tuple[str, ...]
    ) -> None:
        """With rules to lift it is somebody who walked in."""
        override = Override(frozenset(rules), "They are here.") if rules else NOTHING
        about = Wishes(client=None if rules else guest, alongside=alongside)
        self.book_for(about, wish, day, time, by=DESK, override=override)

    # -- changes

    @rule(pick=picks, day=days, time=times, by=who, rules=overrides, therapist=st.none() | st.integers(0, 2))
    def move(self, pick: int, day: int, time: int, by: Caller, rules: tuple[str, ...], therapist: int | None) -> None:
        row = self.one_of(pick)
        if row is None:
            return
        override = Override(frozenset(rules), "They asked.") if by.is_desk and rules else NOTHING
        slug = None if therapist is None else self.house.therapists[therapist % len(self.house.therapists)].slug
        start = self.start(queries.wanted_again(row), day, time)
        change = partial(reschedule_appointment, row, start_at=start, therapist=slug, override=override, by=by)
        self.attempt("move", lambda: change(now=self.now))

    @rule(pick=picks, by=who)
    def cancel(self, pick: int, by: Caller) -> None:
        row = self.one_of(pick)
        if row is not None:
            self.attempt("cancel", lambda: cancel_appointment(row, by=by, now=self.now))

    def ready_for(self, word: str, pick: int) -> Appointment | None:
        """Return one that the step begins at, or else any."""
        needs = status.UNDONE.get(word, (status.BOOKED,))[0]
        return self.one_of(pick, status=needs) or self.one_of(pick)

    @rule(pick=picks, word=st.sampled_from(list(STEPS)))
    def mark(self, pick: int, word: str) -> None:
        row = self.ready_for(word, pick)
        if row is not None:
            done = self.attempt(word, lambda: STEPS[word](row, by=DESK, now=self.now))
            if done is not None and word in UNASKED:
                self.unasked.add(row.pk)

    @rule(
        pick=picks,
        word=st.sampled_from(["no-show", "decline", "check-in", "confirm"]),
        minutes=st.sampled_from([0, 10, 11]),
    )
    def mark_and_undo(self, pick: int, word: str, minutes: int) -> None:
        row = self.ready_for(word, pick)
        if row is not None and self.attempt(word, lambda: STEPS[word](row, by=DESK, now=self.now)):
            self.unasked.add(row.pk)
            self.now += timedelta(minutes=minutes)
            self.attempt("undo", lambda: undo(row, by=DESK, now=self.now))

    # -- series

    @rule(
        wish=wishes, day=days, time=times, guest=guests, by=who, weeks=st.integers(1, 2), visits=st.integers(2, 4),
        skip=st.booleans(),
    )  # fmt: skip
    def book_again_and_again(
        self, wish: Wish, day: int, time: int, guest: Any, by: Caller, weeks: int, visits: int, skip: bool
    ) -> None:
        (wanted, start), about = self.choose(wish, day, time), Wishes(client=guest)
        repeat = Repeat(every_weeks=weeks, times=visits)
        book = partial(book_series, wanted, start_at=start, repeat=repeat, wishes=about, by=by, skip_conflicts=skip)
        self.attempt("book series", lambda: book(now=self.now))

    @rule(pick=picks, day=days, time=times, by=who)
    def move_this_and_later(self, pick: int, day: int, time: int, by: Caller) -> None:
        row = self.one_of(pick, series__isnull=False)
        if row is not None:
            start = self.start(queries.wanted_again(row), day, time)
            self.attempt("move series", lambda: move_series(row, start_at=start, by=by, now=self.now))

    @rule(pick=picks, by=who)
    def cancel_this_and_later(self, pick: int, by: Caller) -> None:
        row = self.one_of(pick, series__isnull=False)
        if row is not None:
            self.attempt("cancel series", lambda: cancel_series(row, by=by, now=self.now))

    # -- waitlist

    @rule(wish=wishes, day=days, time=times, early=st.integers(0, 9), late=st.integers(1, 9), guest=guests, by=who)
    def wait(self, wish: Wish, day: int, time: int, early: int, late: int, guest: Any, by: Caller) -> None:
        """The worker looks at odd times at once: it comes by every half minute."""
        wanted, start = self.choose(wish, day, time)
        windows, about = [(start - timedelta(hours=early), start + timedelta(hours=late))], Wishes(client=guest)
        self.attempt("wait", lambda: join_waitlist(wanted, windows=windows, wishes=about, by=by, now=self.now))
        if time % 2:
            self.jobs_run()

    @rule(pick=picks, word=st.sampled_from(list(ANSWERS)))
    def answer(self, pick: int, word: str) -> None:
        order = [EntryState.OFFERED, EntryState.WAITING]
        found = list(WaitlistEntry.objects.order_by("pk"))
        found.sort(key=lambda entry: order.index(entry.state) if entry.state in order else len(order))
        if found:
            entry = found[pick // 3 % len(found)]
            self.attempt(word, lambda: ANSWERS[word](entry, now=self.now))

    # -- absence

    @rule(pick=picks, day=days, hour=st.integers(0, 20), hours=st.integers(1, 12), whole=st.booleans())
    def close(self, pick: int, day: int, hour: int, hours: int, whole: bool) -> None:
        """A therapist takes time off, or the whole house is shut; whoever is affected is moved or stays."""
        opens = instant_of(local_day(self.house.day(day), self.house.plan.zone)[0] + hour * 60)
        stretch = {"start_at": opens, "end_at": opens + timedelta(hours=hours)}
        absence: TimeOff | Closure
        if whole:
            absence = Closure(location=self.house.places[pick % len(self.house.places)], **stretch)
        else:
            absence = TimeOff(therapist=self.house.therapists[pick % len(self.house.therapists)], **stretch)
        self.attempt("lay down", lambda: put_down(absence, now=self.now))
        if pick % 2:
            moved = self.attempt("move affected", lambda: move_what_can_be_moved(absence, by=DESK, now=self.now))
            self.done["affected and moved"] += len(moved.moved)

    @rule(pick=picks)
    def open_again(self, pick: int) -> None:
        absences = [*TimeOff.objects.order_by("pk"), *Closure.objects.order_by("pk")]
        if absences:
            self.attempt("lift", lambda: lift(absences[pick % len(absences)], now=self.now))

    # -- time

    @rule(minutes=st.sampled_from([1, 9, 10, 30, 60, 300, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(pick=picks, minutes=st.sampled_from([0, -1, 1]))
    def something_is_due(self, pick: int, minutes: int) -> None:
        """The clock jumps to where something begins, ends or expires, or a minute beside it."""
        rows = Appointment.objects.values_list("start_at", "end_at", "expires_at")
        instants = {at + timedelta(minutes=minutes) for row in rows for at in row if at is not None}
        later = sorted(at for at in instants if at > self.now)
        if later:
            self.now = later[pick % len(later)]

    @rule()
    def jobs_run(self) -> None:
        """What the worker does every half minute, or had not done for hours."""
        for job in (end_requests, forget_holds, expire_offers, fill_every_gap):
            self.done[job.__name__] += self.attempt("jobs", lambda: job(now=self.now))  # noqa: B023 - called at once
