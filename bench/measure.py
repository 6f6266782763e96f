"""Timing and printing, the same for every part."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """`most` is the largest good ratio of ours to the limit; `least` the smallest, where more is better."""

    most: float | None = None
    least: float | None = None

    def verdict(self, ratio: float) -> str:
        if self.most is not None:
            return f"goal at most {self.most:g}: {'reached' if ratio <= self.most else 'MISSED'}"
        if self.least is not None:
            return f"goal at least {self.least:g}: {'reached' if ratio >= self.least else 'MISSED'}"
        return ""


def interleaved(ours: Callable[[], object], limit: Callable[[], object], *, rounds: int) -> tuple[float, float]:
    """Return the median seconds of both, called in turn so that a noisy moment hits both."""
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        mine.append(seconds(ours))
        theirs.append(seconds(limit))
    return statistics.median(mine), statistics.median(theirs)


def seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def row(name: str, ours: str, limit: str, ratio: float, goal: Goal) -> None:
    print(f"  {name:<58} {ours:>14} {limit:>14} {ratio:>7.2f}   {goal.verdict(ratio)}", flush=True)


def heading(title: str, limit: str) -> None:
    print(f"\n{title}\n  {'':<58} {'ours':>14} {limit:>14} {'ratio':>7}", flush=True)


def milliseconds(value: float) -> str:
    return f"{value * 1000:.2f} ms"
