"""How much a therapist's hands may do: in a day, in a week, and in one go.

A visit counts for the local day, and for the local week from Monday to Sunday, in which it starts. Two visits are
one stretch when the pause between them is shorter than the rest (without a rest: when they touch). What counts is
a visit's load: its minutes, weighted by how hard the technique is. Clean-up is neither load nor part of a visit.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from booking.domain.intervals import ALWAYS, Interval, Minute, merged

Hands = tuple[Minute, Minute, int]  # one visit's start, end and load


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where days and weeks begin and end, in the zone of the location: ascending, disjoint, weeks whole.

    A start that lies in none of the days or weeks is bound by no day's or week's limit.
    """

    days: Sequence[Interval] = ()
    weeks: Sequence[Interval] = ()

    @property
    def span(self) -> Interval:
        """Return the stretch whose visits decide about the calendar's starts; empty for an empty calendar."""
        spans = (*self.days, *self.weeks)
        return min((start for start, _ in spans), default=0), max((end for _, end in spans), default=0)


NO_CALENDAR = Calendar()


@dataclass(frozen=True, slots=True)
class Limits:
    """The most weighted minutes in one stretch, a day and a week (None: no limit), and the minutes of rest that
    end a stretch."""

    longest_stretch: int | None = None
    rest: int = 0
    a_day: int | None = None
    a_week: int | None = None


def too_much(hands: Sequence[Hands], *, load: int, limits: Limits, calendar: Calendar) -> list[Interval]:
    """Return the starts at which one more visit of `load` would exceed a day's or a week's limit.

    Half-open, ascending, merged. `hands` ascending.
    """
    starts = [start for start, _, _ in hands]
    loads = [0, *accumulate(one for _, _, one in hands)]
    full: list[Interval] = []
    for most, spans in ((limits.a_day, calendar.days), (limits.a_week, calendar.weeks)):
        if most is not None:
            full += [
                (start, end)
                for start, end in spans
                if loads[bisect_left(starts, end)] - loads[bisect_left(starts, start)] + load > most
            ]
    return merged(full)


def without_rest(hands: Sequence[Hands], *, duration: int, load: int, limits: Limits) -> list[Interval]:
    """Return the starts at which one more visit would make a stretch, with all it joins, longer than allowed.

    Half-open, ascending, merged. `hands` ascending and disjoint. A visit that alone is too long may start never.
    """
    if limits.longest_stretch is None:
        return []
    most = limits.longest_stretch - load
    if most < 0:
        return [ALWAYS]
    pause = max(limits.rest, 1)
    stretches = _stretches(hands, pause)
    found: list[Interval] = []
    oldest, joined = 0, 0
    # A visit joins each stretch that it comes nearer to than the pause: several only when it starts late enough
    # for the newest and early enough for the oldest. For each as the newest we need the nearest oldest with which
    # it is too much; the nearer it is, the later one may still start too early.
    for start, _, carried in stretches:
        joined += carried
        while joined - stretches[oldest][2] > most:
            joined -= stretches[oldest][2]
            oldest += 1
        if joined > most:
            found.append((start - pause - duration + 1, stretches[oldest][1] + pause))
    return merged(found)


def _stretches(hands: Sequence[Hands], pause: int) -> list[Hands]:
    """Return the stretches, each with the sum of its loads, ascending."""
    found: list[Hands] = []
    for start, end, load in hands:
        if found and start - found[-1][1] < pause:
            found[-1] = (found[-1][0], max(end, found[-1][1]), found[-1][2] + load)
        else:
            found.append((start, end, load))
    return found
