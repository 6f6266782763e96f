"""What is wanted, and whose time there is for it. Minutes since the epoch, UTC, half-open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from booking.domain.intervals import Interval, Minute
from booking.domain.workload import NO_CALENDAR, Calendar, Hands, Limits

STEP: Literal["step"] = "step"
BACK_TO_BACK: Literal["back-to-back"] = "back-to-back"


@dataclass(frozen=True, slots=True)
class Visit:
    """What is wanted: lengths in minutes; `step` is the distance between starts on the grid.

    `load` is what it asks of the hands, in weighted minutes; None is its duration. Back to back, starts stand not
    on the grid but where a visit can follow another without a pause. `fewest_gaps` offers, for one therapist,
    only the starts that waste the least; a gap shorter than `smallest_gap` is wasted.
    """

    duration: int
    before: int
    after: int
    step: int
    therapists: int = 1
    clean_up_within_hours: bool = False
    load: int | None = None
    mode: Literal["step", "back-to-back"] = STEP
    fewest_gaps: bool = False
    smallest_gap: int = 0

    def __post_init__(self) -> None:
        if self.duration <= 0 or self.step <= 0 or self.before < 0 or self.after < 0:
            raise ValueError("a visit needs a positive duration and step, and no negative clean-up")
        if self.mode not in {STEP, BACK_TO_BACK}:
            raise ValueError("a visit starts on the grid or back to back")

    def occupied(self, start: Minute) -> Interval:
        return start - self.before, start + self.duration + self.after

    @property
    def hands_on(self) -> int:
        return self.duration if self.load is None else self.load

    @property
    def spares_gaps(self) -> bool:
        return self.fewest_gaps and self.therapists == 1

    def at_any_minute(self) -> "Visit":
        """Return the same visit bound to no grid and to no thrift."""
        return replace(self, step=1, mode=STEP, fewest_gaps=False)


@dataclass(frozen=True, slots=True)
class Diary:
    """One therapist's time: when they work, when they are away, what already occupies them, what hands can bear.

    `openings` ascending, each the anchor of its own grid; `busy` ascending and disjoint, with clean-up; `held` are
    those of `busy` that are only held. `hands` ascending and disjoint, without clean-up; they and `calendar`
    matter when there are `limits`, and reach as far as whole openings, days and weeks do. Raises ValueError for a
    limit on days or weeks without any.
    """

    openings: Sequence[Interval]
    away: Sequence[Interval] = ()
    busy: Sequence[Interval] = ()
    held: Sequence[Interval] = ()
    limits: Limits | None = None
    hands: Sequence[Hands] = ()
    calendar: Calendar = NO_CALENDAR

    def __post_init__(self) -> None:
        limits, calendar = self.limits, self.calendar
        if limits is None:
            return
        if (limits.a_day is not None and not calendar.days) or (limits.a_week is not None and not calendar.weeks):
            raise ValueError("a limit on days or weeks needs to know them")

    def without(self, taken: Interval) -> "Diary":
        """Return the diary as if the visit that occupies `taken` did not stand in it."""
        first, last = taken
        return replace(
            self,
            busy=[one for one in self.busy if one != taken],
            held=[one for one in self.held if one != taken],
            hands=[one for one in self.hands if not first <= one[0] < last],
        )


@dataclass(frozen=True, slots=True)
class RoomDiary:
    """One room's time. A room has no hours of its own; `busy` ascending by start, `held` those only held."""

    busy: Sequence[Interval] = ()
    held: Sequence[Interval] = ()

    def without(self, taken: Interval) -> "RoomDiary":
        """Return the diary as if the visit that occupies `taken` did not stand in it."""
        return RoomDiary([one for one in self.busy if one != taken], [one for one in self.held if one != taken])
