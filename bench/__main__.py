"""`make bench`: what Stillpoint does against what is possible here, side by side in one run, as ratios.

Absolute figures drift by half from machine to machine; ratios taken in one run do not. Each measure names its goal.
`python -m bench slots http` runs some of the parts; `--quick` takes a tenth of the time.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from config.embedded.faults import CannotStart
from config.embedded.services import scratch_services

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("slots", "growth", "http", "holds", "hot", "mail", "feeds", "races")
SEED = ["--therapists", "50", "--days", "90", "--fill", "70"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the time, for a first look")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    try:
        with scratch_services(name="bench-", durable=True) as environment:
            variables = os.environ | environment | _limits_off()
            _manage(["migrate", "-v0"], variables)
            _manage(["seed_demo", *SEED], variables)
            _manage(["load_library", "--approve-as", "Owner", "--checked-as", "Reader"], variables)
            return _run(asked.parts or PARTS, variables, quick=asked.quick)
    except CannotStart as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status


def _limits_off() -> dict[str, str]:
    names = ("SLOTS", "BOOK", "BOOK_PER_MAIL_ADDRESS", "LINK_GUESSES", "OTHER")
    return {f"LIMIT_{name}": "0/min" for name in names} | {"LOG_LEVEL": "ERROR"}


def _manage(arguments: list[str], variables: dict[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=variables, check=True)


def _run(parts: tuple[str, ...] | list[str], variables: dict[str, str], *, quick: bool) -> int:
    """Run each part in a process of its own, so that one part's warm caches do not help another."""
    worst = 0
    for part in parts:
        command = [sys.executable, "-m", f"bench.{part}", *(["--quick"] if quick else [])]
        worst = max(worst, subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
