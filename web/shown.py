"""What a page may show of an appointment: this list of fields and nothing else (reliability case S12).

Templates get these values, never a row or all the facts, so that no page can leak an address or a note.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from booking.domain import policy, status
from booking.events import AppointmentFacts
from booking.wording import clean_line, clean_text, listed, moment_in_words, place_of, visit_in_words
from notifications.render import first_name, price_in_words

State = Literal["open", "late", "begun", "past", "missed", "cancelled"]
NEWS_FOR = timedelta(minutes=10)
_NOT_DIALLED = re.compile(r"[^\d+]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach a location; `dial` is the phone as a tel: link takes it. Both may be ""."""

    phone: str
    dial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`state` is what is true now; `pending` waits for the studio; `news` has changed minutes ago, and
    `moved` says that its last change was a move.

    Dates and times are words, in the location's zone; `hours` names it.
    """

    state: State
    pending: bool
    news: bool
    moved: bool
    studio: str
    first_name: str
    service: str
    minutes: int
    add_ons: str
    therapists: str
    day_and_time: str
    day: str
    hours: str
    zone: str
    place: str
    address: str
    price: str
    change_until: str
    reference: str
    told_by_mail: bool
    contact: Contact


def state_of(facts: AppointmentFacts, *, now: datetime) -> State:
    """Return what is true of the appointment; "open" is exactly when its holder may move or cancel."""
    if facts.status == status.CANCELLED:
        return "cancelled"
    if facts.status == status.NOSHOW:
        return "missed"
    if facts.status == status.FULFILLED or facts.end_at <= now:
        return "past"
    if facts.status == status.ARRIVED or facts.start_at <= now:
        return "begun"
    return "open" if policy.may_change(now, until=facts.change_until) else "late"


def visit(facts: AppointmentFacts, *, now: datetime, notify: bool) -> Visit:
    zone = facts.time_zone
    day, _, hours = visit_in_words(facts.start_at, facts.end_at, zone).partition(", ")
    return Visit(
        state=state_of(facts, now=now),
        pending=facts.status == status.PENDING,
        news=facts.version > 1 and now - facts.changed_at < NEWS_FOR,
        moved=facts.version > 1 and facts.agreed_at == facts.changed_at,
        studio=clean_line(facts.studio_name),
        first_name=first_name(facts.client_name),
        service=clean_line(facts.service_name),
        minutes=facts.duration_minutes,
        add_ons=listed(facts.add_ons),
        therapists=listed(facts.therapists),
        day_and_time=moment_in_words(facts.start_at, zone),
        day=day,
        hours=hours,
        zone=place_of(zone),
        place=clean_line(facts.location_name),
        address=clean_text(facts.location_address),
        price=price_in_words(facts.price_amount, facts.price_currency),
        change_until=moment_in_words(facts.change_until, zone),
        reference=facts.reference,
        told_by_mail=notify and bool(facts.client_mail),
        contact=contact(facts.location_phone),
    )


def contact(phone: str) -> Contact:
    return Contact(phone=clean_line(phone), dial=_NOT_DIALLED.sub("", phone))
