"""What a person sees while a studio runs: ticks, faults, and the programs' own lines behind their names."""

import os
import sys
from pathlib import Path
from typing import TextIO

GREEN, RED, BOLD = "32", "31", "1"
LINE_COLOURS = {"web": "32", "worker": "35", "webhooks": "34", "beat": "33", "inbox": "36"}
NAME_WIDTH = 8


class Console:
    """Writes to `out`; colours are for terminals, and NO_COLOR switches them off there too."""

    def __init__(self, out: TextIO | None = None, *, colour: bool | None = None, quiet: bool = False) -> None:
        self.out = out or sys.stdout
        self.quiet = quiet
        self.colour = self.out.isatty() and not os.environ.get("NO_COLOR") if colour is None else colour
        self._followed: list[Follower] = []

    def tick(self, text: str, *, seconds: float | None = None) -> None:
        took = "" if seconds is None else f" ({seconds:.1f} s)"
        self.say(f"  {self.paint(GREEN, '✓')} {text}{took}")

    def fault(self, text: str) -> None:
        self.say(self.paint(RED, text))

    def say(self, text: str) -> None:
        if not self.quiet:
            print(text, file=self.out, flush=True)

    def paint(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def follow(self, name: str, log: Path, *, routine: tuple[str, ...] = ()) -> None:
        """Repeat from now on what is added to `log`, but for what goes well with the tasks named in `routine`."""
        self._followed.append(Follower(name, log, routine))

    def repeat_new_lines(self) -> None:
        for followed in self._followed:
            prefix = self.paint(LINE_COLOURS.get(followed.name, GREEN), f"{followed.name:>{NAME_WIDTH}} │")
            for line in followed.new_lines():
                self.say(f"{prefix} {line}")


class Follower:
    """Reads what is added to a log. Programs write their files themselves: nobody waits for us to read them."""

    def __init__(self, name: str, log: Path, routine: tuple[str, ...] = ()) -> None:
        self.name = name
        self.log = log
        self.routine = routine
        self.position = log.stat().st_size if log.exists() else 0

    def new_lines(self) -> list[str]:
        """Return the whole lines since the last call; a line that is still being written waits for the next."""
        try:
            with self.log.open("rb") as opened:
                opened.seek(self.position)
                added, _, _ = opened.read().rpartition(b"\n")
        except FileNotFoundError:
            return []
        if not added:
            return []
        self.position += len(added) + 1
        return [line for line in added.decode(errors="replace").split("\n") if not self._is_routine(line)]

    def _is_routine(self, line: str) -> bool:
        return " INFO " in line and any(task in line for task in self.routine)
