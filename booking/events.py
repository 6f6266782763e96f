"""What happened, as frozen facts, and the one way to tell others: publish().

Facts are plain values, never model instances. A listener runs inside the booking's transaction: it may write
rows, it does no other I/O, and what it raises undoes the booking.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentEvent:
    """`sequence` is the iCalendar revision after the event (RFC 5546 2.1.4); `happened_at` is UTC.

    `recipients` says who is to be told, by role: "client", "partner". Empty when the desk asked for silence
    or nobody left an address. `by_desk` says that the studio did it, and not the client.
    """

    appointment_id: int
    uid: UUID
    sequence: int
    happened_at: datetime
    recipients: tuple[str, ...]
    by_desk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBooked(AppointmentEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRescheduled(AppointmentEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRelocated(AppointmentEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled(AppointmentEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRequested(AppointmentEvent):
    """Somebody asks for a time that the desk is to confirm; until then the appointment is pending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentConfirmed(AppointmentEvent):
    """The desk said yes to a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentDeclined(AppointmentEvent):
    """The desk said no to a request, or did not answer it in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentAttended(AppointmentEvent):
    """The client has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentNoShow(AppointmentEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentTakenBack(AppointmentEvent):
    """The desk took its last word back: the appointment is again what it was before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteDeclined(AppointmentEvent):
    """A guest's calendar said no to the invite: `role` is whose, client or partner. The appointment stands."""

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOffered(AppointmentEvent):
    """A time is kept for somebody on the waitlist until `answer_until`; the appointment is the hold."""

    entry_reference: str
    answer_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCameFree:
    """Time at a location may be had again. `near` is the stretch that was occupied, None when it is not known."""

    location_id: int
    happened_at: datetime
    near: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentFacts:
    """All that may be told about an appointment, as plain values: read by mails, invites and pages.

    Instants are aware and UTC; `time_zone` is the IANA name agreed with the client (the location's).
    Durations are whole minutes. `change_until` is the last instant at which a client may move or cancel.
    `series` are the starts of those of its series, itself included, that are still to take place; `cancelled_with`
    of those that were cancelled in the same step as it was, itself included. Both ascending, empty without a series.
    `expires_at` ends a hold or a request, and is None for everything else; `cancel_reason` is for the client to read.
    Intake notes, the client's phone and internal keys are left out on purpose.
    """

    appointment_id: int
    reference: str
    uid: UUID
    status: str
    version: int
    sequence: int
    start_at: datetime
    end_at: datetime
    time_zone: str
    created_at: datetime
    agreed_at: datetime
    changed_at: datetime
    change_until: datetime
    studio_name: str
    studio_mail: str
    studio_reply_to: str
    location_slug: str
    location_name: str
    location_address: str
    location_phone: str
    latitude: float | None
    longitude: float | None
    service_slug: str
    service_name: str
    service_kind: str
    duration_minutes: int
    add_ons: tuple[str, ...]
    therapists: tuple[str, ...]
    price_amount: Decimal
    price_currency: str
    client_name: str
    client_mail: str
    language: str
    partner_name: str
    partner_mail: str
    tips: bool
    series: tuple[datetime, ...] = ()
    cancelled_with: tuple[datetime, ...] = ()
    expires_at: datetime | None = None
    cancel_reason: str = ""
    therapist_slugs: tuple[str, ...] = ()
    room_name: str = ""

    def name_of(self, recipient: str) -> str:
        return self.partner_name if recipient == "partner" else self.client_name

    def mail_of(self, recipient: str) -> str:
        """Return the address of "client" or "partner"; empty when there is none."""
        return self.partner_mail if recipient == "partner" else self.client_mail


Listener = Callable[[Any], None]
_listeners: dict[type, list[Listener]] = defaultdict(list)


def subscribe(kind: type, listener: Listener) -> None:
    """Call `listener` with each later event of exactly this `kind`; subscribing twice counts once."""
    if listener not in _listeners[kind]:
        _listeners[kind].append(listener)


def publish(event: AppointmentEvent | TimeCameFree) -> None:
    """Tell every listener, in the order they subscribed, inside the caller's transaction."""
    for listener in _listeners[type(event)]:
        listener(event)
