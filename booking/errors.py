"""Every refusal, drawn as a tree. None of them knows HTTP; the edge gives each its status and its page.

Refusal
├── SlotTaken            somebody has this time: another client was faster
├── NotOffered           the time is not one we offer, for the reasons it carries
├── HoldExpired          the hold has ended, was used, or never was: the time is anybody's again
├── WrongState           the appointment is past that: cancelled, finished, or begun
├── TooLate              the deadline for changes by the client has passed
├── Stale                the appointment has changed since the caller read it
├── IdempotencyConflict  the same key came with another request
├── TooMany              more at once than one caller may have: holds, open appointments
├── UnknownValue         a field names something that is not there; it says which field
├── NotFound             no such thing, or not yours: the two must look alike
└── StudioBusy           the locks or the database did not come free in time; ask again
"""

from collections.abc import Iterable
from datetime import datetime


class Refusal(Exception):
    """The request was understood and is answered with a no.

    `occurrences` lists what stands in the way of a series: the start of each visit that cannot be had, local and
    ascending, with its own refusal. Empty for anything but a series.
    """

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.occurrences: list[tuple[datetime, Refusal]] = []


class SlotTaken(Refusal):
    """`nearest` are the closest starts of that day that were free a moment ago, ascending, local."""

    def __init__(self, detail: str = "", *, nearest: Iterable[datetime] = ()) -> None:
        super().__init__(detail)
        self.nearest = list(nearest)


class NotOffered(Refusal):
    """`reasons` are the rules that keep the time out, as the words of domain/reasons.py, sorted."""

    def __init__(self, reasons: Iterable[str], detail: str = "", *, nearest: Iterable[datetime] = ()) -> None:
        super().__init__(detail)
        self.reasons = sorted(set(reasons))
        self.nearest = list(nearest)


class HoldExpired(Refusal):
    pass


class WrongState(Refusal):
    pass


class TooLate(Refusal):
    pass


class Stale(Refusal):
    pass


class IdempotencyConflict(Refusal):
    pass


class TooMany(Refusal):
    """`seconds` is when it may be worth asking again."""

    def __init__(self, detail: str = "", *, seconds: int = 600) -> None:
        super().__init__(detail)
        self.seconds = seconds


class UnknownValue(Refusal):
    """`field` is the field of the request that names nothing we have."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class NotFound(Refusal):
    pass


class StudioBusy(Refusal):
    pass
