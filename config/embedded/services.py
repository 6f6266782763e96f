"""PostgreSQL and Valkey for as long as somebody needs them, or those that the environment names instead."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from config.embedded.child import Child
from config.embedded.places import CHECKOUT, Place
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey

SCRATCH_PREFIX = "scratch-"


@contextmanager
def scratch_services(*, name: str = "", durable: bool = False) -> Iterator[dict[str, str]]:
    """Start throwaway services in a folder of their own and yield the environment that leads to them.

    `durable` keeps fsync on, which a measurement needs and a test does not.
    What DATABASE_URL or REDIS_URL names already is used as it is. Everything started is stopped and removed at
    the end, also when we are killed: what stays on disk then goes with the next start.
    """
    _sweep_abandoned()
    place = Place(CHECKOUT / "var" / f"{SCRATCH_PREFIX}{name}{os.getpid()}-{secrets.token_hex(3)}")
    environment = {"STILLPOINT_LOCAL": "true"}
    with contextlib.ExitStack() as stack:
        stack.callback(place.remove)
        lock = stack.enter_context(place.locked())
        place.prepare()
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(place, throwaway=not durable)
            _start(postgres.child(place.root / "log" / "postgres.log"), lock, stack)
            postgres.create_database()
            environment["DATABASE_URL"] = postgres.url
        if not os.environ.get("REDIS_URL"):
            valkey = Valkey(place, throwaway=True)
            _start(valkey.child(place.root / "log" / "valkey.log"), lock, stack)
            environment["REDIS_URL"] = valkey.url
        yield environment


def _start(child: Child, lock: int, stack: contextlib.ExitStack) -> None:
    child.keeps_open = (lock,)
    stack.callback(child.stop)
    child.start()


def scratch_places() -> list[Place]:
    """Return the places of scratch services, running or left behind."""
    return [Place(folder) for folder in (CHECKOUT / "var").glob(f"{SCRATCH_PREFIX}*")]


def _sweep_abandoned() -> None:
    """Remove the places of scratch services whose owner was killed: nobody holds their lock any more."""
    for place in scratch_places():
        if not place.is_held():
            place.remove()
