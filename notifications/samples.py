"""A made-up visit to a made-up studio, so that staff can see every mail before anybody gets one. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from booking.events import AppointmentFacts
from notifications.render import MailFacts, Note, Rendered, render
from notifications.summary import DECLINED_INVITE, DIGEST, DigestFacts, render_declined, render_digest

URL = "https://studio.example"
TOKEN = "only-an-example"  # noqa: S105 - opens nothing
ZONE = "Europe/Berlin"
NOTE = Note(
    slug="an-example",
    title="Here stands a note",
    body="What a note says, its source and its date of review are those of the library. Mails go without one when "
    "none fits, or when the client does not want any.",
    citation="Source: Author et al., 2020, Journal",
    url=f"{URL}/learn/an-example/",
    reviewed="November 2026",
    disclaimer="General information about massage research, not medical advice.",
)
WITH_NOTE = ("confirmation", "reminder", "follow-up")
WITHOUT_LINKS = ("cancelled", "follow-up", "declined", "waitlist-offer")


def sample(kind: str, *, language: str, now: datetime) -> Rendered:
    """Return the mail of this kind as a client, or the studio, would get it about a visit three days after `now`."""
    if kind == DECLINED_INVITE:
        visit = _visit(kind, language, now=now)
        return render_declined(visit, guest=visit.client_name, desk_url=f"{URL}/admin/", language=language)
    if kind == DIGEST:
        return render_digest(_digest(language, now=now), language)
    return render(kind, _mail(kind, language, now=now), language)  # type: ignore[arg-type]  # a word of KINDS


def _mail(kind: str, language: str, *, now: datetime) -> MailFacts:
    linked = kind not in WITHOUT_LINKS
    return MailFacts(
        appointment=_visit(kind, language, now=now),
        recipient="client",
        manage_url=f"{URL}/manage/{TOKEN}/" if linked else "",
        calendar_url=f"{URL}/calendar/{TOKEN}.ics" if linked else "",
        preferences_url=f"{URL}/preferences/{TOKEN}/",
        note=NOTE if kind in WITH_NOTE and language == "en" else None,
        public_url=URL,
        written_at=now,
        offer_url=f"{URL}/waitlist/{TOKEN}/" if kind == "waitlist-offer" else "",
    )


def _visit(kind: str, language: str, *, now: datetime) -> AppointmentFacts:
    start = (now + timedelta(days=3)).astimezone(UTC).replace(hour=9, minute=30, second=0, microsecond=0)
    german = language == "de"
    facts: dict[str, Any] = {
        "appointment_id": 0,
        "reference": "7KQ2M9XWBD",
        "uid": UUID(int=0),
        "status": "booked",
        "version": 1,
        "sequence": 0,
        "start_at": start,
        "end_at": start + timedelta(minutes=60),
        "time_zone": ZONE,
        "created_at": now,
        "agreed_at": now,
        "changed_at": now,
        "change_until": start - timedelta(hours=24),
        "studio_name": "Stillwater",
        "studio_mail": "hello@studio.example",
        "studio_reply_to": "",
        "location_slug": "mitte",
        "location_name": "Stillwater Mitte",
        "location_address": "Linienstraße 12\n10178 Berlin",
        "location_phone": "+49 30 1234567",
        "latitude": None,
        "longitude": None,
        "service_slug": "swedish",
        "service_name": "Schwedische Massage" if german else "Swedish massage",
        "service_kind": "swedish",
        "duration_minutes": 60,
        "add_ons": ("Warme Tücher",) if german else ("Hot towels",),
        "therapists": ("Mara",),
        "price_amount": Decimal("95.00"),
        "price_currency": "EUR",
        "client_name": "Kim Larsen",
        "client_mail": "kim@studio.example",
        "language": language,
        "partner_name": "",
        "partner_mail": "",
        "tips": True,
    }
    return AppointmentFacts(**(facts | _standing(kind, german=german, now=now)))


def _standing(kind: str, *, german: bool, now: datetime) -> dict[str, Any]:
    """Return what is otherwise about the visit when a mail of this kind goes."""
    if kind == "request-received":
        return {"status": "pending", "expires_at": now + timedelta(hours=24)}
    if kind == "waitlist-offer":
        return {"status": "held", "expires_at": now + timedelta(hours=1)}
    if kind == "declined":
        return {"status": "cancelled", "cancel_reason": "Mara ist an dem Tag verreist." if german else "Mara is away."}
    return {"status": "cancelled"} if kind == "cancelled" else {}


def _digest(language: str, *, now: datetime) -> DigestFacts:
    visit = _visit("confirmation", language, now=now)
    asked = _visit("request-received", language, now=now)
    return DigestFacts(
        studio_name=visit.studio_name,
        studio_mail=visit.studio_mail,
        studio_reply_to="",
        place=visit.location_name,
        time_zone=ZONE,
        day_at=visit.start_at,
        visits=(visit, replace(visit, client_name="Sam Okoro", start_at=visit.end_at)),
        requests=(replace(asked, client_name="Robin Vale"),),
        late=(replace(visit, client_name="Alex Berg"),),
        failed=(("confirmation", visit),),
    )
