"""How much one guest, and everybody together, may book online."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection

from booking import errors
from booking.access import Caller
from booking.actions.locks import Declined
from booking.contacts import PHONE, spellings
from booking.models import Series

logger = logging.getLogger(__name__)

# All three questions as one: they stand in every booking online, and the diary is locked meanwhile. Each is
# asked by its index, and the two counts only when the studio has set a limit. A series is one thing to have ahead.
AHEAD = """(SELECT count(DISTINCT coalesce(-p.series_id, p.id))
     FROM booking_client c JOIN booking_appointment p ON p.client_id = c.id
     WHERE {contact} AND p.source = 'online' AND p.start_at > %(asked_at)s
       AND p.series_id IS DISTINCT FROM %(asked_series)s::bigint
       AND (p.status = 'booked' OR p.status = 'pending' AND coalesce(p.expires_at, p.start_at) > %(asked_at)s))"""
BY_EMAIL = AHEAD.format(contact="lower(c.email) = %(asked_email)s::text AND NOT (c.email = '')")
BY_PHONE = AHEAD.format(contact="c.phone = %(asked_phone)s::text AND NOT (c.phone = '')")
ASKED = f"""
SELECT
  EXISTS (SELECT FROM booking_blockedcontact WHERE (kind, value) IN (
    SELECT * FROM unnest(%(asked_kinds)s::text[], %(asked_values)s::text[]))) AS is_blocked,
  s.open_appointments_per_client > 0 AND s.open_appointments_per_client <= greatest(
    {BY_EMAIL},
    {BY_PHONE}) AS has_enough,
  s.online_bookings_an_hour > 0 AND s.online_bookings_an_hour <= (
    SELECT count(DISTINCT coalesce(-p.series_id, p.id)) FROM booking_appointment p
    WHERE p.source = 'online' AND p.status <> 'held' AND p.series_id IS DISTINCT FROM %(asked_series)s::bigint
      AND p.created_at > %(asked_since)s) AS house_is_full
FROM booking_studio s WHERE s.id = 1 AND %(asked_kinds)s::text[] IS NOT NULL
"""  # noqa: S608 - put together of its own two parts; what guests say goes in as parameters
ASKED_VALUES = ["asked_kinds", "asked_values", "asked_email", "asked_phone", "asked_at", "asked_since", "asked_series"]
AN_HOUR = timedelta(hours=1)
# The same words whoever it is: they must not tell a stranger that somebody has appointments here.
NO_MORE = "No more appointments can be booked online for now. Please call the studio."
_alarmed_at: list[datetime] = []


class Guest(Protocol):
    """Somebody who wants to book, with an address or a number, empty when unknown."""

    @property
    def email(self) -> str: ...

    @property
    def phone(self) -> str: ...


def contacts_of(guest: Guest | None, *, by: Caller) -> list[str]:
    """Return what to lock so that one guest's bookings are counted one after the other; nothing for the desk."""
    return [] if by.is_desk or guest is None else [contact for contact in (guest.email, guest.phone) if contact]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a guest may book online: `values` for the question ASKED, and what follows from its answers."""

    values: dict[str, Any]
    now: datetime | None = None
    nearest: Callable[[], Iterable[datetime]] = tuple

    def refuse(self, is_blocked: bool, has_enough: bool, house_is_full: bool) -> None:
        """Raise Declined, which in_one_transaction turns into errors.SlotTaken with the `nearest` starts for who is
        blocked; into errors.TooMany when the address or the number has as many visits ahead, booked online, as the
        studio allows, or the studio as many bookings in an hour (S37). Somebody who is blocked gets the same answer as
        everybody to a time that is taken (S38).
        """
        if is_blocked:
            raise Declined(lambda: errors.SlotTaken("This time has just been taken.", nearest=self.nearest()))
        if house_is_full and self.now:
            _sound_alarm(self.now)
        if has_enough or house_is_full:
            raise Declined(lambda: errors.TooMany(NO_MORE))


# The desk books whom it likes, and who walks in: then the question has no row.
NOBODY_TO_ASK_OF = Asked(dict.fromkeys(ASKED_VALUES))


def asked_of(
    guest: Guest | None,
    *,
    by: Caller,
    now: datetime,
    nearest: Callable[[], Iterable[datetime]] = tuple,
    series: Series | None = None,
) -> Asked:
    """Return what to ask about a guest who books online; a series counts as one, and `series`, which is being booked,
    not at all.
    """
    if by.is_desk or guest is None:
        return NOBODY_TO_ASK_OF
    known = spellings(guest.email, guest.phone)
    values = {
        "asked_kinds": [kind for kind, _ in known],
        "asked_values": [value for _, value in known],
        "asked_email": guest.email.lower(),
        "asked_phone": next((value for kind, value in known if kind == PHONE), guest.phone),
        "asked_at": now,
        "asked_since": now - AN_HOUR,
        "asked_series": series.pk if series else 0,  # no key is 0, and NULL would equal that of who has no series
    }
    return Asked(values, now, nearest)


def check_guest(guest: Guest | None, *, by: Caller, now: datetime) -> None:
    """Refuse a guest who may not book online, or not more than they have, as Asked.refuse says.

    For who waits; a booking asks in the statement that writes it (put_down.py). One SQL statement, none for the desk.
    """
    asked = asked_of(guest, by=by, now=now)
    if asked is NOBODY_TO_ASK_OF:
        return
    with connection.cursor() as cursor:
        cursor.execute(ASKED, asked.values)
        asked.refuse(*(cursor.fetchone() or (False, False, False)))


def _sound_alarm(now: datetime) -> None:
    """Log it as an error, which is what operators are woken by, once an hour in each process."""
    if not _alarmed_at or now - _alarmed_at[-1] >= AN_HOUR:
        _alarmed_at[:] = [now]
        logger.error("More is booked online in an hour than the studio allows; further bookings are refused.")
