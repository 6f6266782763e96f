"""How far long work has come: a bar on a terminal, a line every five seconds anywhere else."""

import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

SPEAK_EVERY_SECONDS = 5.0
REDRAW_EVERY_SECONDS = 0.1
BAR_WIDTH = 30

Step = TypeVar("Step")


class Screen(Protocol):
    """Where it is shown: a command's stdout."""

    def isatty(self) -> bool: ...
    def write(self, msg: str = ..., *, ending: str | None = ...) -> None: ...
    def flush(self) -> None: ...


def shown(steps: Iterable[Step], *, total: int, what: str, on: Screen) -> Iterator[Step]:
    """Yield each of the `total` steps, and show how many have been dealt with. `what` is a plural noun."""
    bar = on.isatty()
    pause = REDRAW_EVERY_SECONDS if bar else SPEAK_EVERY_SECONDS
    told_at = time.monotonic()
    for done, step in enumerate(steps, start=1):
        yield step
        if time.monotonic() - told_at >= pause:
            told_at = time.monotonic()
            _tell(done, total, what, bar=bar, on=on)
    if bar:
        on.write("\r" + " " * (BAR_WIDTH + len(what) + 30) + "\r", ending="")


def _tell(done: int, total: int, what: str, *, bar: bool, on: Screen) -> None:
    if bar:
        full = BAR_WIDTH * done // total
        on.write(f"\r  {'█' * full}{'░' * (BAR_WIDTH - full)} {done:,} of {total:,} {what}", ending="")
    else:
        on.write(f"  {done:,} of {total:,} {what}", ending="\n")
    on.flush()
