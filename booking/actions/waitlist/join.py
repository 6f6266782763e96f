from dataclasses import dataclass
from datetime import datetime, timedelta

from booking import errors
from booking.access import Caller, digest, new_token
from booking.actions.book import Wishes
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.meet import meet
from booking.actions.put_down import Person
from booking.models import Client, EntryState, Therapist, WaitlistEntry, WaitlistWindow
from booking.queries import Wanted, visit_of

LONGEST_WINDOW = timedelta(days=92)
FURTHEST_AHEAD = timedelta(days=366)
OPEN_ENTRIES_PER_CLIENT = 5
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Joined:
    """`token` opens the entry; it is in this answer and nowhere else."""

    entry: WaitlistEntry
    token: str


def join_waitlist(wanted: Wanted, *, windows: list[Window], wishes: Wishes, by: Caller, now: datetime) -> Joined:
    """Put the client at the end of the line, for a visit that lies in one of the `windows`.

    Nothing is booked, and whether a time is free now does not matter. Raises errors.UnknownValue naming the field
    that can never be served, errors.TooMany for a client with many open entries unless the desk asks, and
    errors.StudioBusy.
    """
    _check_therapist(wanted)
    for number, window in enumerate(windows):
        _check_window(window, wanted, f"windows.{number}", now=now)

    def run() -> Joined:
        set_limits()
        client = meet(wishes.client, now=now) if isinstance(wishes.client, Person) else wishes.client
        if client is None or not client.email:
            raise errors.UnknownValue("client", "We offer times by mail, so we need an e-mail address.")
        if not by.is_desk:
            _check_few(client)
        token = new_token()
        return Joined(_write(wanted, windows, wishes, client=client, digest=digest(token), now=now), token)

    return in_one_transaction(run)


def _write(
    wanted: Wanted, windows: list[Window], wishes: Wishes, *, client: Client, digest: str, now: datetime
) -> WaitlistEntry:
    entry = WaitlistEntry.objects.create(
        digest=digest,
        client=client,
        location=wanted.location,
        variation=wanted.variation,
        therapist=wanted.therapist or "",
        gender=wanted.gender or "",
        partner_name=wishes.partner_name,
        partner_email=wishes.partner_email,
        partner_gender=wanted.partner_gender or "",
        note=wishes.note,
        tips=wishes.tips,
        joined_at=now,
    )
    entry.add_ons.set(wanted.add_ons)
    WaitlistWindow.objects.bulk_create(
        WaitlistWindow(entry=entry, start_at=start_at, end_at=end_at) for start_at, end_at in windows
    )
    return entry


def _check_therapist(wanted: Wanted) -> None:
    """Refuse who could never serve it; of a booking the empty diary would say so."""
    if wanted.therapist is None:
        return
    found = Therapist.objects.filter(slug=wanted.therapist, is_active=True).first()
    if found is None:
        raise errors.UnknownValue("therapist", f"There is no therapist “{wanted.therapist}”.")
    if not found.skills.filter(pk=wanted.service.pk).exists():
        raise errors.UnknownValue("therapist", f"{found.name} does not give {wanted.service.name}.")


def _check_window(window: Window, wanted: Wanted, field: str, *, now: datetime) -> None:
    start_at, end_at = window
    length = timedelta(minutes=visit_of(wanted).duration)
    if end_at <= now:
        raise errors.UnknownValue(f"{field}.until", "This has passed.")
    if end_at > now + FURTHEST_AHEAD:
        raise errors.UnknownValue(f"{field}.until", "This is more than a year ahead.")
    if end_at - start_at > LONGEST_WINDOW:
        raise errors.UnknownValue(f"{field}.until", f"Give a window of at most {LONGEST_WINDOW.days} days.")
    if end_at - max(start_at, now) < length:
        minutes = int(length / timedelta(minutes=1))
        raise errors.UnknownValue(
            f"{field}.until", f"The visit takes {minutes} minutes, which is more than this window."
        )


def _check_few(client: Client) -> None:
    """Keep one client from standing at every place in the line; who joins twice at once is let through once more."""
    entries = WaitlistEntry.objects.filter(client=client, state__in=(EntryState.WAITING, EntryState.OFFERED))
    if entries.count() >= OPEN_ENTRIES_PER_CLIENT:
        raise errors.TooMany(f"You are on the waitlist {OPEN_ENTRIES_PER_CLIENT} times. Please leave it once first.")
