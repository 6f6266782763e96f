"""The one lock of a booking, its time limits, and what to do when PostgreSQL says no. See docs/locking.md."""

import random
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from hashlib import sha256
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from booking import errors
from booking.queries.memory import CatalogueChanged

Result = TypeVar("Result")

LOCK_TIMEOUT_MS = 2_000
STATEMENT_TIMEOUT_MS = 5_000
IDLE_TIMEOUT_MS = 10_000
RETRY_AFTER_MS = (20, 60, 180)

LIMIT_VALUES = [f"{LOCK_TIMEOUT_MS}ms", f"{STATEMENT_TIMEOUT_MS}ms", f"{IDLE_TIMEOUT_MS}ms"]
LIMITS = """
SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true),
       set_config('idle_in_transaction_session_timeout', %s, true)
"""
# One statement: the limits hold from the first row on, and the keys come in the order of the array. What follows looks
# into indexes whatever its values, so one plan is good for all; PostgreSQL alone would plan it anew for each booking.
LOCK = """
SELECT set_config('lock_timeout', %s, true) || set_config('statement_timeout', %s, true)
       || set_config('idle_in_transaction_session_timeout', %s, true)
       || set_config('plan_cache_mode', 'force_generic_plan', true)
UNION ALL SELECT pg_advisory_xact_lock(%s, key)::text FROM unnest(%s::int[]) AS key
UNION ALL SELECT pg_advisory_xact_lock(key)::text FROM unnest(%s::bigint[]) AS key
"""

REFUSALS: dict[str, type[errors.Refusal]] = {
    "a_therapist_sees_one_client_at_a_time": errors.SlotTaken,
    "a_room_holds_one_group_at_a_time": errors.SlotTaken,
    "a_client_books_a_start_once": errors.SlotTaken,
    "a_client_is_in_one_place_at_a_time": errors.SlotTaken,
}
SERIALIZATION_FAILURE, DEADLOCK, LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
_running: ContextVar[bool] = ContextVar("a booking transaction is running", default=False)
BUSY = {LOCK_NOT_AVAILABLE, "57014", "53300", "53100"}


class Declined(Exception):
    """No, and `refusal` finds out why: other times to offer are looked for when nobody waits for our locks.

    Raised before anything is written: the transaction ends with a COMMIT, because psycopg forgets all prepared
    statements of a connection at a ROLLBACK.
    """

    def __init__(self, refusal: Callable[[], errors.Refusal]) -> None:
        super().__init__()
        self.refusal = refusal


def set_limits() -> None:
    """Keep this transaction from waiting for a lock, running or idling for long; lock_days does it too."""
    with connection.cursor() as cursor:
        cursor.execute(LIMITS, LIMIT_VALUES)


def lock_days(location_id: int, days: Iterable[int], *, contacts: Iterable[str] = ()) -> None:
    """Hold the location's diary of these UTC days until the transaction ends, and then these addresses or numbers.

    Closes the race of two callers who both find the same hour free: everybody who gives away time at a
    location takes this lock before looking. Keys are taken in ascending order, so that two who need the same
    days can never wait for each other. A day is the unit because a visit touches one or two of them, and
    other days stay free for other callers. `contacts` are who books: so much each, counted after the lock (S37).
    Nobody who holds a contact waits for a day. Raises OperationalError (55P03) after LOCK_TIMEOUT_MS.
    """
    people = sorted(int.from_bytes(sha256(contact.lower().encode()).digest()[:8], signed=True) for contact in contacts)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [*LIMIT_VALUES, location_id, sorted(set(days)), people])


def in_one_transaction(run: Callable[[], Result]) -> Result:
    """Run `run` in a transaction of its own, again when PostgreSQL asks for it, and name its refusals.

    A deadlock or a serialization failure repeats the whole transaction, at most three times; a lock that did
    not come free, once; a catalogue that is not what was remembered, at once. A constraint that refuses is the
    refusal it is named for, never repeated. Inside another call it joins that one's transaction.
    Raises errors.StudioBusy when the database stays busy, the refusal of a Declined once the transaction has
    ended, and whatever else `run` raises.
    """
    # What runs after a commit still stands inside the call that committed, but has no transaction to join.
    if _running.get() and connection.in_atomic_block:
        return run()
    token = _running.set(True)
    try:
        return _with_retries(run)
    finally:
        _running.reset(token)


def _with_retries(run: Callable[[], Result]) -> Result:
    waits = list(RETRY_AFTER_MS)
    while True:
        try:
            return _run(run)
        except CatalogueChanged:
            continue  # what was out of date is forgotten
        except IntegrityError as error:
            raise refusal_of(error) from error
        except OperationalError as error:
            pause = _pause_before_retry(sqlstate(error), waits)
            if pause is None:
                raise errors.StudioBusy("Many people are booking at this moment. Please try again.") from error
            time.sleep(pause)


def _run(run: Callable[[], Result]) -> Result:
    with transaction.atomic():
        try:
            return run()
        except Declined as no:
            declined = no
    raise declined.refusal()


def _pause_before_retry(code: str, waits: list[int]) -> float | None:
    """Return the seconds to wait before the next try, None when there is none, by the table in docs/locking.md.

    Uses up `waits`. Raises the error being handled when it is not one of a busy database.
    """
    if code in {SERIALIZATION_FAILURE, DEADLOCK}:
        return waits.pop(0) / 1000 * random.uniform(0.5, 1.5) if waits else None  # noqa: S311 - jitter
    if code == LOCK_NOT_AVAILABLE and len(waits) == len(RETRY_AFTER_MS):
        waits.clear()
        return 0
    if code in BUSY:
        return None
    raise


def sqlstate(error: DatabaseError) -> str:
    return str(getattr(error.__cause__, "sqlstate", "") or "")


def refusal_of(error: IntegrityError) -> Exception:
    """Return the refusal that the violated constraint is named for, or the error itself: then it is a bug."""
    diagnostics = getattr(error.__cause__, "diag", None)
    refusal = REFUSALS.get(getattr(diagnostics, "constraint_name", None) or "")
    return refusal("This time has just been taken.") if refusal else error
