"""Remove the data of every local studio of this checkout: `make clean`. Refuses while one, or a test, runs."""

import sys
from contextlib import ExitStack

from config.embedded.environment import PLACES
from config.embedded.faults import AlreadyRunning
from config.embedded.services import scratch_places


def main() -> int:
    """Remove the data; return the exit status."""
    with ExitStack() as held:
        try:
            for place in (*PLACES.values(), *scratch_places()):
                held.enter_context(place.locked())
        except AlreadyRunning as error:
            print("error: a studio or a test run is at work here; stop it first.", file=sys.stderr)  # noqa: T201 - it speaks
            return error.exit_status
        for place in PLACES.values():
            place.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
