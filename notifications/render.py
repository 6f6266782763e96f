"""What a mail says: kind, facts and language in; subject, text and HTML out. Pure: no database, no clock.

Text and HTML are written by hand, one folder a kind (see docs/messages.md for adding one). The appointment stands
first, then the links, then the note; the subject never shows a service, a name or a note. A second language is
`body.<language>.html` and its siblings beside the English files, and one entry in booking.wording.LANGUAGES.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from css_inline import CSSInliner
from django.template import Context, Engine, Template

from booking.events import AppointmentFacts
from booking.wording import (
    address_in_line,
    clean_line,
    clean_text,
    language_for,
    listed,
    moment_in_words,
    visit_in_words,
)

Kind = Literal["confirmation", "rescheduled", "relocated", "cancelled", "reminder", "follow-up"]
KINDS: tuple[Kind, ...] = ("confirmation", "rescheduled", "relocated", "cancelled", "reminder", "follow-up")
TEMPLATES = Path(__file__).resolve().parent / "templates"
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}

_engine = Engine(dirs=[str(TEMPLATES)])  # of our own: it knows no request and no other app
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_BLANK_LINES = re.compile(r"\n{3,}")
_LOOKS_LIKE_LINK = re.compile(r"[/@:]|\.\w", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One approved snippet, as plain values: `citation` and `reviewed` are lines to print, `url` is its page."""

    slug: str
    title: str
    body: str
    citation: str
    url: str
    reviewed: str
    disclaimer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFacts:
    """All that one mail to one `recipient` ("client" or "partner") is made of. Links may be "": then left out."""

    appointment: AppointmentFacts
    recipient: Literal["client", "partner"]
    manage_url: str
    calendar_url: str
    preferences_url: str
    note: Note | None
    public_url: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """`subject` is one line; `text` and `html` end lines with a newline and hold no other control character."""

    subject: str
    text: str
    html: str


def render(kind: Kind, facts: MailFacts, language: str) -> Rendered:
    """Return the mail of this kind in the language nearest to `language` (today: English).

    Raises ValueError when a link is not a web address, or not https although the studio's own address is.
    """
    _refuse_weak_links(facts)
    spoken = language_for(language)
    words = _words(facts, spoken)
    # A price beside a note would read as an offer; and what one of two pays is not the other's business.
    if kind == "confirmation" and facts.recipient == "client":
        words["price"] = price_in_words(facts.appointment.price_amount, facts.appointment.price_currency)
    words["subject"] = subject = clean_line(_filled(kind, "subject.txt", spoken, words))
    text = _filled(kind, "body.txt", spoken, words)
    page = _filled(kind, "body.html", spoken, words)
    return Rendered(subject, _BLANK_LINES.sub("\n\n", text).strip() + "\n", _inliner.inline(page).rstrip() + "\n")


def note_in_text(note: Note) -> str:
    """Return the note as it stands at the end of a calendar entry, where there is no formatting."""
    return "\n".join(
        (note.title, note.body, f"{note.citation.rstrip('.')}. Reviewed {note.reviewed}.", note.disclaimer)
    )


def first_name(name: str) -> str:
    """Return the first word of a name; "" when it looks like a link, which a stranger may have typed to be sent."""
    first = clean_line(name).split(" ")[0][:40]
    return "" if _LOOKS_LIKE_LINK.search(first) else first


def _filled(kind: Kind, part: str, language: str, words: dict[str, object]) -> str:
    return _template(kind, part, language).render(Context(words, autoescape=part.endswith(".html")))


@cache
def _template(kind: str, part: str, language: str) -> Template:
    name, ending = part.split(".")
    file = part if language == "en" else f"{name}.{language}.{ending}"
    return _engine.get_template(f"notifications/{kind}/{file}")


def _words(facts: MailFacts, language: str) -> dict[str, object]:
    visit = facts.appointment
    return {
        "language": language,
        "studio": clean_line(visit.studio_name),
        "first_name": first_name(visit.name_of(facts.recipient)),
        "for_partner": facts.recipient == "partner",
        "moment": moment_in_words(visit.start_at, visit.time_zone, language=language),
        "when": visit_in_words(visit.start_at, visit.end_at, visit.time_zone, language=language),
        "change_until": moment_in_words(visit.change_until, visit.time_zone, language=language),
        "service": clean_line(visit.service_name),
        "minutes": str(visit.duration_minutes),
        "add_ons": listed(visit.add_ons, language=language),
        "therapists": listed(visit.therapists, language=language),
        "place": clean_line(visit.location_name),
        "address": address_in_line(visit.location_address),
        "phone": clean_line(visit.location_phone),
        "reference": visit.reference,
        "manage_url": facts.manage_url,
        "calendar_url": facts.calendar_url,
        "preferences_url": facts.preferences_url,
        "note": _printable(facts.note) if facts.note else None,
    }


def price_in_words(amount: Decimal, currency: str) -> str:
    """Return "€95.00" or "95.00 CHF"; "" for a visit that costs nothing."""
    if not amount:
        return ""
    return f"{SIGNS[currency]}{amount}" if currency in SIGNS else f"{amount} {currency}"


def _printable(note: Note) -> dict[str, str]:
    return {
        "title": clean_line(note.title),
        "body": clean_text(note.body),
        "citation": clean_line(note.citation).rstrip("."),
        "reviewed": clean_line(note.reviewed),
        "disclaimer": clean_line(note.disclaimer),
        "url": note.url,
    }


def _refuse_weak_links(facts: MailFacts) -> None:
    links = (facts.manage_url, facts.calendar_url, facts.preferences_url, facts.note.url if facts.note else "")
    secure = facts.public_url.startswith("https://")
    for link in links:
        if link and not link.startswith("https://" if secure else ("https://", "http://")):
            raise ValueError("A mail links to the studio's own pages, by https where they are served so.")
