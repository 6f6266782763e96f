"""A studio that anything may happen to: how steps are taken, and what must hold after each of them.

Each example is a studio of its own in one transaction, which is rolled back. What the actions leave for after their
commit is done after each of them, and constraints that wait for a commit are asked then.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import Random
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from booking import errors, queries
from booking.access import digest
from booking.actions.waitlist import fill_gaps
from booking.domain import status
from booking.domain.hours import local_day
from booking.domain.intervals import instant_of
from booking.models import Appointment, Closure, TimeOff, WaitlistEntry
from tests.booking import machine_checks as checks
from tests.booking import machine_probes as probes
from tests.booking.machine_studio import DAYS, House, Wish, offered, offered_around

# No constraint waits any longer, and nobody is timed out while Hypothesis thinks.
SETTLE = """
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; SET LOCAL idle_in_transaction_session_timeout = 0
"""


class Machine(RuleBasedStateMachine):
    """`steps` and `done` count over all examples: after how many steps all was well, and what came of what."""

    house: House
    now: datetime
    steps: ClassVar[int] = 0
    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []
        self.known: dict[int, Any] = {}
        self.unasked: set[int] = set()
        self.seen = ""
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def attempt(self, name: str, run: Callable[[], Any]) -> Any:
        """Return what it answers, None when it is refused, by name; anything else that is raised is a bug."""
        try:
            result = run()
        except errors.StudioBusy as busy:
            raise AssertionError("nobody else is here") from busy
        except errors.Refusal as no:
            self.done[f"{name}: {type(no).__name__}"] += 1
            return None
        finally:
            self.after_commit()
        self.done[name] += 1
        return result

    def after_commit(self) -> None:
        """Offer what came free to the waitlist; nobody's bell is rung."""
        if connection.needs_rollback:
            return
        while connection.run_on_commit:
            left, connection.run_on_commit = connection.run_on_commit, []
            for _, call, _ in left:
                if isinstance(call, partial) and call.func is fill_gaps:
                    call()

    def start(self, wanted: queries.Wanted, day: int, time: int) -> datetime:
        """Return a start that is offered, on that day or else on a later one; now and then any quarter of the day."""
        for number in range(day, day + len(DAYS) if time % 5 else day):
            shown = sorted(offered(wanted, self.house.day(number), now=self.now))
            if shown:
                return shown[time // 5 % len(shown)]
        return instant_of(local_day(self.house.day(day), wanted.location.time_zone)[0] + time % 96 * 15)

    def choose(self, wish: Wish, day: int, time: int) -> tuple[queries.Wanted, datetime]:
        """Return what is wanted and when; who can have nothing of it, mostly wishes for less."""
        for less in (wish, Wish(wish.place, wish.massage), Wish(wish.place, 0)):
            wanted = self.house.wanted(less)
            start = self.start(wanted, day, time)
            if not time % 5 or start in offered_around(wanted, start, now=self.now):
                break
        return wanted, start

    def one_of(self, pick: int, **narrowed: Any) -> Appointment | None:
        """Return an appointment that is no hold, 0 the newest."""
        found = list(Appointment.objects.exclude(status=status.HELD).filter(**narrowed).order_by("-pk"))
        return found[pick % len(found)] if found else None

    @invariant()
    def all_is_well(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SETTLE)
        type(self).steps += 1
        rows = checks.read()
        state = self.state_of(rows)
        if state == self.seen:  # the step was refused, and all has been asked
            return
        self.seen = state
        checks.nobody_is_in_two_places(rows)
        checks.each_has_all_it_needs(rows, self.house)
        checks.each_went_allowed_ways(rows)
        checks.what_ends_has_an_end(rows)
        checks.each_entry_has_one_offer_at_most(self.now)
        self.hands_are_spared(rows)
        dice = Random(f"{self.house.plan.seed} {state}")
        probes.what_is_offered_can_be_had(self.house, rows, dice, now=self.now)
        probes.what_has_expired_keeps_nobody_out(rows, dice, now=self.now)
        probes.what_is_kept_can_be_taken(map(digest, self.tokens[-2:]), now=self.now)
        probes.what_the_waitlist_offers_can_be_taken(dice, now=self.now)
        probes.what_is_offered_for_a_move_can_be_had(rows, dice, now=self.now)

    def state_of(self, rows: list[Appointment]) -> str:
        """Return all that decides what is asked, with nothing in it that chance gave a name."""
        visits = [(row.status, row.version, row.start_at, row.room_id is None) for row in rows]
        absences = [*TimeOff.objects.values_list("start_at", "end_at"), *Closure.objects.values_list("start_at")]
        entries = list(WaitlistEntry.objects.order_by("pk").values_list("state", flat=True))
        return repr((self.now, visits, absences, entries))

    def hands_are_spared(self, rows: list[Appointment]) -> None:
        standing = checks.standing(rows, self.now)
        places = {row.pk: (row.start_at, checks.therapists(row)) for row in standing}
        new = [row for row in standing if self.known.get(row.pk) != places[row.pk]]
        asked = [row for row in new if row.pk not in self.unasked and not row.overridden]
        checks.nobody_works_too_much(asked, standing)
        self.known = places
        self.unasked.clear()
