"""Which tests stay together on one worker: those that start programs, so that each studio is started once.

pytest-xdist's own groups (`--dist loadgroup`) do nothing under pytest 9.2, where a test's id can no longer be given
the name of its group.
"""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

# Those that take longest, too: what has many tests begins first, and the end of a run does not wait for one of them.
TOGETHER = {
    "tests/faults": "faults",
    "tests/journeys/test_story.py": "story and demo",
    "tests/journeys/test_demo.py": "story and demo",
    "tests/journeys/test_readme.py": "readme",
    "tests/config/test_up.py": "up",
    "tests/races": "races and the state machine",
    "tests/booking/test_state_machine.py": "races and the state machine",
}


def group_of(nodeid: str) -> str:
    """Return the name of the group that a test belongs to; one alone is a group of its own."""
    path = PurePosixPath(nodeid.split("::")[0])
    for place in (path, *path.parents):
        if str(place) in TOGETHER:
            return TOGETHER[str(place)]
    return nodeid


class StudioByStudio(LoadScopeScheduling):
    """Hands a worker one group after the other, the one with the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
