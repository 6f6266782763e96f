"""What a mail says: kind, facts and language in; subject, text and HTML out. Pure: no database, no clock.

Text and HTML are written by hand, one folder a kind (see docs/messages.md for adding one). The appointment stands
first, then the links, then the note; the subject never shows a service, a name or a note. Another language is
`body.<language>.html` and its siblings beside the English files, and an entry in booking.wording.LANGUAGES and in
notifications.phrases.PHRASES.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from css_inline import CSSInliner
from django.template import Context

from booking.events import AppointmentFacts
from booking.wording import (
    LANGUAGES,
    address_in_line,
    clean_line,
    clean_text,
    deadline_in_words,
    language_for,
    listed,
    moment_in_words,
    start_in_words,
    visit_in_words,
)
from notifications.phrases import PHRASES, Phrases
from notifications.spoken import template

Kind = Literal[
    "confirmation",
    "rescheduled",
    "relocated",
    "cancelled",
    "reminder",
    "follow-up",
    "request-received",
    "declined",
    "waitlist-offer",
    "cancel-link",
]
KINDS: tuple[Kind, ...] = get_args(Kind)  # to clients and partners; the studio's own is in summary.py
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}

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
    """All that one mail to one `recipient` ("client" or "partner") is made of. Links may be "": then left out.

    `written_at` is what counts as now, the same at every try. `offer_url` is where a time from the waitlist is taken.
    `taken_back` is what we wrote before and take back now; `unanswered` says that a request ended because nobody
    answered it.
    """

    appointment: AppointmentFacts
    recipient: Literal["client", "partner"]
    manage_url: str
    calendar_url: str
    preferences_url: str
    note: Note | None
    public_url: str
    written_at: datetime
    offer_url: str = ""
    taken_back: Literal["", "confirmed", "declined"] = ""
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """`subject` is one line; `text` and `html` end lines with a newline and hold no other control character."""

    subject: str
    text: str
    html: str


def render(kind: Kind, facts: MailFacts, language: str) -> Rendered:
    """Return the mail of this kind in the language nearest to `language`.

    Raises ValueError when a link is not a web address, or not https although the studio's own address is.
    """
    _refuse_weak_links(facts)
    spoken = language_for(language)
    words = _words(facts, spoken)
    words["because"] = _because(kind, facts, spoken)
    words |= _ways_to_change(facts, spoken)
    # A price beside a note would read as an offer; and what one of two pays is not the other's business.
    if kind == "confirmation" and facts.recipient == "client":
        visit = facts.appointment
        words["price"] = price_in_words(visit.price_amount, visit.price_currency, language=spoken)
    if kind in {"confirmation", "rescheduled"} and words["series"] and facts.manage_url:
        words["series_hint"] = _series_hint(words, PHRASES[spoken])
    return filled_in(kind, words, language=spoken)


def filled_in(kind: str, words: dict[str, Any], *, language: str) -> Rendered:
    """Return the kind's three templates with `words` in them, the styles of the page put in line."""
    words["subject"] = subject = clean_line(_filled(kind, "subject.txt", language, words))
    text = _filled(kind, "body.txt", language, words)
    page = _filled(kind, "body.html", language, words)
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


def _filled(kind: str, part: str, language: str, words: dict[str, Any]) -> str:
    return template(kind, part, language).render(Context(words, autoescape=part.endswith(".html")))


def _words(facts: MailFacts, language: str) -> dict[str, Any]:
    visit, zone = facts.appointment, facts.appointment.time_zone
    phone, say = clean_line(visit.location_phone), PHRASES[language]
    what = LANGUAGES[language].visit.format(service=clean_line(visit.service_name), minutes=visit.duration_minutes)
    ends = visit.expires_at
    return {
        "language": language,
        "studio": clean_line(visit.studio_name),
        "first_name": first_name(visit.name_of(facts.recipient)),
        "asked": visit.status == "pending",
        "answer_until": deadline_in_words(ends, zone, language=language) if ends else "",
        "taken_back": facts.taken_back,
        "unanswered": facts.unanswered,
        "reason": clean_line(visit.cancel_reason),
        "moment": moment_in_words(visit.start_at, zone, language=language),
        "when": visit_in_words(visit.start_at, visit.end_at, zone, language=language),
        "what": what,
        "add_ons": listed(visit.add_ons, language=language),
        "therapists": listed(visit.therapists, language=language),
        "place": clean_line(visit.location_name),
        "address": address_in_line(visit.location_address),
        "phone": phone,
        "questions": say.questions_call.format(phone=phone) if phone else say.questions_reply,
        "reference": visit.reference,
        "manage_url": facts.manage_url,
        "calendar_url": facts.calendar_url,
        "offer_url": facts.offer_url,
        "preferences_url": facts.preferences_url,
        "note": _printable(facts.note) if facts.note else None,
        "series": _dates(visit, visit.series, language),
        "cancelled_with": _dates(visit, visit.cancelled_with, language),
    }


def _ways_to_change(facts: MailFacts, language: str) -> dict[str, str]:
    """Return what the link to their page is called, and a sentence on how long it serves; "" without a link.

    A reminder two hours ahead, or a booking for today, often comes after that: then no date is named that has passed.
    """
    say, visit = PHRASES[language], facts.appointment
    moment = moment_in_words(visit.change_until, visit.time_zone, language=language)
    if facts.written_at > visit.change_until:
        return {"manage_label": say.see_it, "change_until": "", "changes": say.changes_over if facts.manage_url else ""}
    return {
        "manage_label": say.change_or_cancel,
        "change_until": moment,
        "changes": say.changes_until.format(moment=moment) if facts.manage_url else "",
    }


def _because(kind: Kind, facts: MailFacts, language: str) -> str:
    """Return why they get it, in a sentence."""
    say, two = PHRASES[language], facts.recipient == "partner"
    if kind == "waitlist-offer":
        pattern = say.because_waiting
    elif kind in {"request-received", "declined"} or facts.appointment.status == "pending":
        pattern = say.because_asked_for_two if two else say.because_asked
    else:
        pattern = say.because_two if two else say.because_booked
    return pattern.format(studio=clean_line(facts.appointment.studio_name))


def _series_hint(words: dict[str, Any], say: Phrases) -> str:
    """Return what the links of a mail about a series are for."""
    contact = say.call.format(phone=words["phone"]) if words["phone"] else say.reply
    return say.series_hint.format(label=words["manage_label"], moment=words["moment"], contact=contact)


def _dates(visit: AppointmentFacts, starts: Iterable[datetime], language: str) -> list[str]:
    """Return the dates that were still ahead when the visit last changed; none when it is the only one."""
    ahead = [start for start in starts if start > visit.changed_at]
    if not set(ahead) - {visit.start_at}:
        return []
    return [start_in_words(start, visit.time_zone, language=language) for start in ahead]


def price_in_words(amount: Decimal, currency: str, *, language: str = "en") -> str:
    """Return "€95.00" or "95.00 CHF", in German "95,00 €"; "" for a visit that costs nothing."""
    if not amount:
        return ""
    say = PHRASES[language_for(language)]
    figure = str(amount).replace(".", say.decimal_point)
    if currency not in SIGNS:
        return f"{figure} {currency}"
    return say.price_pattern.format(sign=SIGNS[currency], amount=figure)


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
    note_url = facts.note.url if facts.note else ""
    links = (facts.manage_url, facts.calendar_url, facts.offer_url, facts.preferences_url, note_url)
    secure = facts.public_url.startswith("https://")
    for link in links:
        if link and not link.startswith("https://" if secure else ("https://", "http://")):
            raise ValueError("A mail links to the studio's own pages, by https where they are served so.")
