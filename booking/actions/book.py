from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.access import LINK_LIVES_AFTER_THE_VISIT, Caller, digest, new_token
from booking.actions import put_down
from booking.actions.agreed import row_for
from booking.actions.expire import release_expired
from booking.actions.hold import live_hold
from booking.actions.limits import Asked, asked_of, contacts_of
from booking.actions.locks import in_one_transaction, lock_days
from booking.actions.offer import Place, closest, place_at
from booking.actions.override import NOTHING, Override, make_way, place_anyway
from booking.actions.put_down import Booking, Person
from booking.actions.record import line_of, snapshot, tell
from booking.domain import status
from booking.domain.intervals import instant_of, minute_of
from booking.events import AppointmentBooked, AppointmentRequested
from booking.models import Appointment, Client, Purpose, Series, Source
from booking.queries import Agenda, Wanted, agenda_around, agenda_at, utc_days, visit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Everything about a booking that does not decide whether it fits.

    `client` is a guest, a client the desk knows, or None for somebody who just walked in. `tips` None leaves
    the research notes to the studio's default. `alongside` says that the desk knows of another visit of theirs at
    the same time.
    """

    client: Person | Client | None
    partner_name: str = ""
    partner_email: str = ""
    note: str = ""
    tips: bool | None = None
    source: str = Source.ONLINE
    notify: bool = True
    alongside: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """`token` opens the appointment; it is in this answer and in mails, and nowhere else."""

    appointment: Appointment
    therapists: list[str]
    room: str | None
    token: str


def book_appointment(
    wanted: Wanted,
    *,
    start_at: datetime,
    wishes: Wishes,
    by: Caller,
    now: datetime,
    override: Override = NOTHING,
    series: Series | None = None,
    prefer: Sequence[str] = (),
    told: bool = True,
) -> Booked:
    """Book what is wanted at `start_at` and tell those who are to know, unless `told` is False.

    `prefer` are slugs of therapists to take if they are free. A service that needs confirmation is a request,
    unless the desk books it. The desk may `override` rules; nothing overrides two clients on one therapist or in
    one room. Raises errors.SlotTaken, errors.NotOffered, errors.UnknownValue (therapist), errors.TooMany and
    errors.StudioBusy; then nothing is written.
    """

    def run() -> Booked:
        occupied = visit_of(wanted).occupied(minute_of(start_at))
        days = utc_days(instant_of(occupied[0]), instant_of(occupied[1]))
        lock_days(wanted.location.pk, days, contacts=contacts_of(wishes.client, by=by))
        place, book = _find(wanted, start_at, override=override, prefer=prefer, now=now)
        if book.expired:
            release_expired(place.occupied_range, now=now)
        if override.lifts_clean_up:
            place = make_way(place, book.visit, by=by, now=now)
        row = row_for(wanted, place, now=now)
        row.series, row.overridden = series, override.needed(book, place)
        asked = asked_of(
            wishes.client,
            by=by,
            now=now,
            nearest=lambda: closest(_whole(wanted, start_at, now), start_at),
            series=series,
        )
        reason = override.reason
        return _write(row, place, wanted, asked=asked, wishes=wishes, by=by, now=now, told=told, reason=reason)

    return in_one_transaction(run)


def book_held(hold_digest: str, wanted: Wanted, *, wishes: Wishes, by: Caller, now: datetime) -> Booked:
    """Turn the hold that `hold_digest` opens into an appointment: same time, therapists, room and price.

    `wanted` is what was held (queries.wanted_again). The hold keeps the time, so notice does not matter any more,
    and no diary is locked: nobody else can have it. Of two who come with the same hold one gets it.
    Raises errors.HoldExpired, errors.TooMany, errors.SlotTaken (for who is not to book) and errors.StudioBusy.
    """

    def run() -> Booked:
        lock_days(wanted.location.pk, (), contacts=contacts_of(wishes.client, by=by))
        row, place = live_hold(hold_digest, now=now)
        row.location, row.service, row.variation = wanted.location, wanted.service, wanted.variation
        row.created_at = row.agreed_at = row.changed_at = now
        row.hold_digest, row.holder, row.expires_at = None, "", None
        asked = asked_of(wishes.client, by=by, now=now)
        return _write(row, place, wanted, asked=asked, wishes=wishes, by=by, now=now)

    return in_one_transaction(run)


def _find(
    wanted: Wanted, start_at: datetime, *, override: Override, prefer: Sequence[str], now: datetime
) -> tuple[Place, Agenda]:
    """Return the place, and the agenda it was found in with all rules in force."""
    if override.rules:
        return place_anyway(wanted, start_at, override=override, prefer=prefer, now=now)
    book = agenda_at(wanted, start_at, now=now)
    named = wanted.therapist
    place = place_at(book, start_at, prefer=prefer, named=named, whole=lambda: _whole(wanted, start_at, now))
    return place, book


def _whole(wanted: Wanted, start_at: datetime, now: datetime) -> Agenda:
    return agenda_around(wanted, start_at, now=now)


def _write(
    row: Appointment,
    place: Place,
    wanted: Wanted,
    *,
    asked: Asked,
    wishes: Wishes,
    by: Caller,
    now: datetime,
    told: bool = True,
    reason: str = "",
) -> Booked:
    """Fill in whose it is, and write the row with all that belongs to it."""
    is_request = wanted.service.needs_confirmation and not by.is_desk
    row.status = status.PENDING if is_request else status.BOOKED
    if is_request:
        row.blocks = wanted.premises.requests_block
        row.expires_at = min(now + timedelta(hours=wanted.premises.request_hours), row.start_at)
    row.client = wishes.client if isinstance(wishes.client, Client) else None
    row.partner_name, row.partner_email = wishes.partner_name, wishes.partner_email
    row.note, row.source, row.notify, row.alongside = wishes.note, wishes.source, wishes.notify, wishes.alongside
    row.tips = wanted.premises.tips_by_default if wishes.tips is None else wishes.tips
    after = snapshot(row, therapists=place.therapist_slugs, room=place.room_slug)
    if reason:
        after |= {"override": row.overridden, "reason": reason}
    line = line_of("requested" if is_request else "booked", by=by, now=now, before={}, after=after)
    token = new_token()
    link = {
        "digest": digest(token),
        "purpose": Purpose.MANAGE,
        "expires_at": row.end_at + LINK_LIVES_AFTER_THE_VISIT,
    }
    guest = wishes.client if isinstance(wishes.client, Person) else None
    put_down.book(row, Booking(place=place, guest=guest, line=line, link=link, asked=asked))
    tell(AppointmentRequested if is_request else AppointmentBooked, row, by=by, now=now, told=told)
    return Booked(row, place.therapist_slugs, place.room_slug, token)
