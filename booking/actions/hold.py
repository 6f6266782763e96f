"""A time kept for somebody while they type: an appointment in status held, opened by a token (ADR 10)."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from booking import errors
from booking.access import Caller, new_token
from booking.access import digest as digest_of
from booking.actions import put_down
from booking.actions.agreed import row_for
from booking.actions.expire import release_expired
from booking.actions.freed import time_came_free
from booking.actions.locks import in_one_transaction, lock_days, set_limits
from booking.actions.offer import Place, place_at
from booking.domain import status
from booking.domain.intervals import instant_of, minute_of
from booking.models import Appointment, Client
from booking.queries import Wanted, agenda_around, utc_days, visit_of

# Written out, with the status as it stands in the index: PostgreSQL plans these for any values (locks.py), and would
# read all appointments for a status it does not know yet.
COLUMNS = [field.attname for field in Appointment._meta.concrete_fields]
LIVE = f"""
SELECT {", ".join(f"h.{name}" for name in COLUMNS)}, r.slug,
  (SELECT json_agg(json_build_array(t.id, t.slug) ORDER BY a.id) FROM booking_assignment a
   JOIN booking_therapist t ON t.id = a.therapist_id WHERE a.appointment_id = h.id)
FROM booking_appointment h LEFT JOIN booking_room r ON r.id = h.room_id
WHERE h.hold_digest = %s AND h.status = 'held' AND h.expires_at > %s FOR NO KEY UPDATE OF h
"""  # noqa: S608 - our own model's columns
KEPT_BY = """
SELECT expires_at FROM booking_appointment
WHERE holder = %s AND status = 'held' AND expires_at > %s AND id <> %s ORDER BY expires_at
"""
ENDED = "This hold has ended. Please choose a time again; the same one may still be free."


@dataclass(frozen=True, slots=True)
class Held:
    """`token` is in this answer and nowhere else."""

    appointment: Appointment
    therapists: list[str]
    room: str | None
    token: str
    expires_at: datetime


def hold_time(
    wanted: Wanted, *, start_at: datetime, holder: str, by: Caller, now: datetime, replaces: str = ""
) -> Held:
    """Keep what is wanted at `start_at` for the studio's hold minutes.

    `holder` is who asks, kept as a keyed hash: few holds at once each, but for the desk. `replaces` is the token of
    a hold of theirs that is given up for this one; when the new one overlaps it, it ends when the old one would
    have, so that nobody keeps a time by holding it again and again (S37). Every hold ends when its visit would begin.
    Raises errors.SlotTaken, errors.NotOffered, errors.UnknownValue, errors.TooMany, errors.HoldExpired (of
    `replaces`) and errors.StudioBusy; then nothing is written, and the old hold stands.
    """
    holder = hmac.digest(settings.SECRET_KEY.encode(), holder.encode(), hashlib.sha256).hex()

    def run() -> Held:
        occupied = visit_of(wanted).occupied(minute_of(start_at))
        days = utc_days(instant_of(occupied[0]), instant_of(occupied[1]))
        # The holder, too, so that two holds at once cannot both be the last allowed.
        lock_days(wanted.location.pk, days, contacts=() if by.is_desk else (holder,))
        old = live_hold(digest_of(replaces), now=now)[0] if replaces else None
        about: dict[str, Any] = {"now": now, "instead_of": old.pk if old else 0}
        book = agenda_around(wanted, start_at, only_at=minute_of(start_at), **about)
        place = place_at(book, start_at, named=wanted.therapist, whole=lambda: agenda_around(wanted, start_at, **about))
        if not by.is_desk:
            _check_few(holder, old, most=wanted.premises.holds_per_caller, now=now)
        expires_at = min(now + timedelta(minutes=wanted.premises.hold_minutes), place.start_at)
        if old is not None:
            if old.start_at < place.end_at and place.start_at < old.end_at and old.expires_at:
                expires_at = min(expires_at, old.expires_at)
            _free(old, now=now)
        if book.expired:
            release_expired(place.occupied_range, now=now)
        token = new_token()
        kept = keep(wanted, place, digest=digest_of(token), expires_at=expires_at, now=now, holder=holder)
        return Held(kept, place.therapist_slugs, place.room_slug, token, expires_at)

    return in_one_transaction(run)


def keep(
    wanted: Wanted,
    place: Place,
    *,
    digest: str,
    expires_at: datetime,
    now: datetime,
    holder: str = "",
    client: Client | None = None,
) -> Appointment:
    """Write the hold at `place`. The caller is in a transaction that holds the lock of its days.

    What has expired there must be gone already: see expire.py.
    """
    row = row_for(wanted, place, now=now)
    row.status, row.client, row.notify = status.HELD, client, client is not None
    row.hold_digest, row.holder, row.expires_at = digest, holder, expires_at
    put_down.hold(row, place)
    return row


def live_hold(digest: str, *, now: datetime) -> tuple[Appointment, Place]:
    """Return the hold this digest opens and the place it keeps, locked until the transaction ends: it is used once.

    Raises errors.HoldExpired when it has ended, was used or never was.
    """
    with connection.cursor() as cursor:
        cursor.execute(LIVE, [digest, now])
        found = cursor.fetchone()
    if found is None:
        raise errors.HoldExpired(ENDED)
    *values, room_slug, serving = found
    row = Appointment.from_db(connection.alias, COLUMNS, values)
    return row, Place(
        start_at=row.start_at,
        end_at=row.end_at,
        occupied=(minute_of(row.occupied.lower), minute_of(row.occupied.upper)),
        therapist_ids=[therapist_id for therapist_id, _ in serving],
        therapist_slugs=[slug for _, slug in serving],
        room_id=row.room_id,
        room_slug=room_slug,
    )


def give_back(token: str, *, now: datetime) -> None:
    """Give the held time back at once. Raises errors.NotFound when no such hold stands."""

    def run() -> None:
        set_limits()
        found = (
            Appointment.objects.select_for_update(of=("self",))
            .filter(hold_digest=digest_of(token), status=status.HELD, client__isnull=True)
            .first()
        )
        if found is None:
            raise errors.NotFound("There is no such hold.")
        _free(found, now=now)

    in_one_transaction(run)


def _free(hold: Appointment, *, now: datetime) -> None:
    near = hold.occupied.lower, hold.occupied.upper
    hold.delete()
    time_came_free(hold.location_id, now=now, near=near)


def _check_few(holder: str, old: Appointment | None, *, most: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(KEPT_BY, [holder, now, old.pk if old else 0])
        ends = [end for (end,) in cursor.fetchall()]
    if len(ends) >= most:
        raise errors.TooMany(
            f"You already keep {len(ends)} times. Book one of them, or let it go.",
            seconds=max(1, int((ends[0] - now).total_seconds())),
        )
