"""What this process remembers of the catalogue, so that not every booking reads it again (ADR 12).

Every change of the catalogue gives the studio another edition, in the same commit. What is remembered names its
edition, and each look into the diaries reads the present one: who booked by an old edition asks again.
"""

from dataclasses import dataclass, field
from typing import Any

from booking.models import Location, Variation

MOST_REMEMBERED = 2_000


class CatalogueChanged(Exception):
    """What was remembered is not what is offered now, and is forgotten. Raised before anything is written."""


@dataclass(frozen=True, slots=True)
class Premises:
    """The location's rooms ({id, slug, name, features, usual}, by slug), and the studio's rules.

    `limited` says that somebody's hands are protected by a limit; `usual` are ids of therapists, None for nobody.
    `edition` is the catalogue's when it was read, None before the studio is set up.
    """

    rooms: list[dict[str, Any]] = field(default_factory=list)
    currency: str = ""
    tips_by_default: bool = False
    requests_block: bool = True
    request_hours: int = 24
    hold_minutes: int = 10
    holds_per_caller: int = 2
    edition: str | None = None
    limited: bool = False


Place = tuple[Location, Variation, Premises]
_places: dict[tuple[str, str], Place] = {}  # by the slugs of location and variation; read by many, changed by none


def recall(location: str, variation: str, *, edition: str | None = None) -> Place | None:
    """Return what was read under these slugs, of any edition or of this one; None when nothing is remembered."""
    found = _places.get((location, variation))
    return None if found is None or edition not in {None, found[2].edition} else found


def remember(place: Place) -> None:
    """Remember what the slugs of `place` name, when it can be booked."""
    location, variation, premises = place
    if premises.edition is None:
        return
    if len(_places) >= MOST_REMEMBERED:
        _places.clear()
    _places[location.slug, variation.slug] = place


def forget() -> None:
    _places.clear()


def check_edition(premises: Premises, present: str | None) -> None:
    """Raise CatalogueChanged when `premises` were read from another edition than the `present` one."""
    if premises.edition != present:
        forget()
        raise CatalogueChanged
