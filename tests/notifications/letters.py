"""Mails as they would be sent about Kim's visit."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from booking.ical import invite
from notifications.channels import MailMessage, Sender, Subscription, message_id
from notifications.render import Kind, MailFacts, Note, note_in_text, render
from notifications.summary import DigestFacts
from tests.booking.visits import BOOKED_AT, MANAGE, STAMPED_AT, visit

PUBLIC = "https://book.stillwater.example"
TOKEN = "k3J9vQ2hXw7Zt4bN8mP1cR6sY5uF0aLdGeHiToKqVxE"
PREFERENCES = f"{PUBLIC}/preferences/{TOKEN}/"
STILLWATER = Sender(name="Stillwater", address="hello@stillwater.example", reply_to="desk@stillwater.example")
ONE_CLICK = Subscription(
    one_click_url=f"{PUBLIC}/api/v1/preferences/{TOKEN}/one-click/",
    mailto="hello@stillwater.example",
    list_id="follow-up.book.stillwater.example",
)
NOTE = Note(
    slug="calm-after-one-massage",
    title="What we know about feeling calm",
    body="Put together, studies found people often felt calmer after one massage than after rest. It does not last.",
    citation="Source: Moyer et al., 2004, Psychol Bull",
    url=f"{PUBLIC}/learn/calm-after-one-massage/",
    reviewed="November 2026",
    disclaimer="General information about massage research, not medical advice. It can't replace care from a doctor. "
    "Feeling unwell, or unsure if massage is right for you? Ask us, or your doctor, first.",
)
METHODS = {"confirmation": "REQUEST", "rescheduled": "REQUEST", "cancelled": "CANCEL", "reminder": "REQUEST"}
UPCOMING = ("confirmation", "rescheduled", "reminder")
WITHOUT_NOTE = ("cancelled", "request-received", "declined", "waitlist-offer", "cancel-link")
ANSWER_UNTIL = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
OFFER = f"{PUBLIC}/waitlist/{TOKEN}/"
STANDING: dict[str, dict[str, Any]] = {
    "cancelled": {"status": "cancelled", "sequence": 1},
    "request-received": {"status": "pending", "expires_at": ANSWER_UNTIL},
    "declined": {"status": "cancelled", "sequence": 1, "cancel_reason": "Mara is away that week. Would Friday do?"},
    "waitlist-offer": {"status": "held", "expires_at": ANSWER_UNTIL},
}


def mail_facts(kind: Kind = "confirmation", /, *, language: str = "en", **changes: Any) -> MailFacts:
    """What a mail of this kind to Kim is made of: links only while the visit is to come, a note where it may stand."""
    coming = kind in UPCOMING
    facts: dict[str, Any] = {
        "appointment": visit(language=language, **STANDING.get(kind, {})),
        "recipient": "client",
        "manage_url": MANAGE if coming or kind in {"request-received", "cancel-link"} else "",
        "calendar_url": f"{PUBLIC}/calendar/{TOKEN}.ics" if coming else "",
        "preferences_url": PREFERENCES,
        "note": None if kind in WITHOUT_NOTE or language != "en" else NOTE,
        "public_url": PUBLIC,
        "written_at": BOOKED_AT,
        "offer_url": OFFER if kind == "waitlist-offer" else "",
    }
    return MailFacts(**(facts | changes))


def digest_facts(**changes: Any) -> DigestFacts:
    """The summary of Kim's day, on which something of each sort has happened."""
    sam = visit(client_name="Sam Okoro", reference="8HD4N2YTRC", start_at=visit().end_at, service_name="Foot massage")
    facts: dict[str, Any] = {
        "studio_name": "Stillwater",
        "studio_mail": "hello@stillwater.example",
        "studio_reply_to": "desk@stillwater.example",
        "place": "Stillwater Mitte",
        "time_zone": "Europe/Berlin",
        "day_at": datetime(2026, 11, 23, 23, 0, tzinfo=UTC),
        "visits": (visit(), sam),
        "requests": (visit(status="pending", client_name="Alex Berg", expires_at=ANSWER_UNTIL),),
        "late": (visit(status="cancelled", client_name="Robin Vale"),),
        "failed": (("confirmation", sam), ("waitlist-offer", visit())),
    }
    return DigestFacts(**(facts | changes))


def calendar_for(kind: Kind, facts: MailFacts) -> bytes:
    if kind not in METHODS:
        return b""
    method: Any = METHODS[kind]
    return invite(
        facts.appointment,
        method=method,
        recipient=facts.recipient,
        stamped_at=STAMPED_AT,
        url=facts.manage_url,
        note=note_in_text(facts.note) if facts.note else "",
    )


def letter(kind: Kind = "confirmation", /, *, facts: MailFacts | None = None, **changes: Any) -> MailMessage:
    """The whole message of this kind to Kim, ready to be sent, but for `changes` to its parts."""
    facts = facts or mail_facts(kind)
    parts: dict[str, Any] = {
        "rendered": render(kind, facts, "en"),
        "sender": STILLWATER,
        "to": facts.appointment.mail_of(facts.recipient),
        "id": message_id(f"{kind}-0f8fad5b", public_url=PUBLIC),
        "dated_at": STAMPED_AT,
        "calendar": calendar_for(kind, facts),
        "subscription": ONE_CLICK if kind == "follow-up" else None,
    }
    return MailMessage(**(parts | changes))


def received(content: bytes) -> EmailMessage:
    """What another program makes of these bytes, read strictly."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert part.defects == []
    return message
