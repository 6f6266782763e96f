"""How much one guest, and everybody together, may book online."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection

from booking import errors
from booking.access import Caller
from booking.actions.locks import Declined
from booking.contacts import PHONE, spellings
from booking.models import Series

logger = logging.getLogger(__name__)

# All three questions in one statement: it stands in every booking online, and the diary is locked meanwhile. Each is
# asked by its index, and the two counts only when the studio has set a limit. A series is one thing to have ahead.
ASK = """
SELECT
  EXISTS (SELECT FROM booking_blockedcontact
          WHERE (kind, value) IN (SELECT * FROM unnest(%(kinds)s::text[], %(values)s::text[]))),
  s.open_appointments_per_client > 0 AND s.open_appointments_per_client <= greatest(
    (SELECT count(DISTINCT coalesce(-p.series_id, p.id))
     FROM booking_client c JOIN booking_appointment p ON p.client_id = c.id
     WHERE lower(c.email) = %(email)s::text AND NOT (c.email = '') AND p.source = 'online' AND p.start_at > %(now)s
       AND p.series_id IS DISTINCT FROM %(series)s::bigint
       AND (p.status = 'booked' OR p.status = 'pending' AND coalesce(p.expires_at, p.start_at) > %(now)s)),
    (SELECT count(DISTINCT coalesce(-p.series_id, p.id))
     FROM booking_client c JOIN booking_appointment p ON p.client_id = c.id
     WHERE c.phone = %(phone)s::text AND NOT (c.phone = '') AND p.source = 'online' AND p.start_at > %(now)s
       AND p.series_id IS DISTINCT FROM %(series)s::bigint
       AND (p.status = 'booked' OR p.status = 'pending' AND coalesce(p.expires_at, p.start_at) > %(now)s))),
  s.online_bookings_an_hour > 0 AND s.online_bookings_an_hour <= (
    SELECT count(DISTINCT coalesce(-p.series_id, p.id)) FROM booking_appointment p
    WHERE p.source = 'online' AND p.status <> 'held' AND p.series_id IS DISTINCT FROM %(series)s::bigint
      AND p.created_at > %(an_hour_ago)s)
FROM booking_studio s WHERE s.id = 1
"""
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


def check_guest(
    guest: Guest | None,
    *,
    by: Caller,
    now: datetime,
    nearest: Callable[[], Iterable[datetime]] = tuple,
    series: Series | None = None,
) -> None:
    """Refuse a guest who may not book online, or not more than they have; the desk books whom it likes.

    Call it when the place is found and before anything is written: somebody who is blocked then gets the same
    answers as everybody to times that are not offered (S38). One SQL statement, none for the desk.
    Raises Declined, which in_one_transaction turns into errors.SlotTaken with the `nearest` starts for who is
    blocked; into errors.TooMany when the address or the number has as many visits ahead, booked online, as the
    studio allows, or the studio as many bookings in an hour (S37). A series counts as one, and `series`, which is being
    booked, not at all.
    """
    if by.is_desk or guest is None:
        return
    known = spellings(guest.email, guest.phone)
    with connection.cursor() as cursor:
        cursor.execute(
            ASK,
            {
                "kinds": [kind for kind, _ in known],
                "values": [value for _, value in known],
                "email": guest.email.lower(),
                "phone": next((value for kind, value in known if kind == PHONE), guest.phone),
                "now": now,
                "an_hour_ago": now - AN_HOUR,
                "series": series.pk if series else 0,  # no key is 0, and NULL would equal that of who has no series
            },
        )
        is_blocked, has_enough, house_is_full = cursor.fetchone() or (False, False, False)
    if is_blocked:
        raise Declined(lambda: errors.SlotTaken("This time has just been taken.", nearest=nearest()))
    if house_is_full:
        _sound_alarm(now)
    if has_enough or house_is_full:
        raise Declined(lambda: errors.TooMany(NO_MORE))


def _sound_alarm(now: datetime) -> None:
    """Log it as an error, which is what operators are woken by, once an hour in each process."""
    if not _alarmed_at or now - _alarmed_at[-1] >= AN_HOUR:
        _alarmed_at[:] = [now]
        logger.error("More is booked online in an hour than the studio allows; further bookings are refused.")
