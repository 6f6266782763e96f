"""What the studio is written: the summary of a day, and that a guest's calendar said no. Pure, as render is."""

from dataclasses import dataclass
from datetime import datetime

from booking.events import AppointmentFacts
from booking.wording import (
    LANGUAGES,
    address_in_line,
    clean_line,
    date_in_words,
    language_for,
    listed,
    moment_in_words,
    visit_in_words,
)
from notifications.phrases import PHRASES
from notifications.render import Kind, Rendered, filled_in

DIGEST = "staff-digest"
DECLINED_INVITE = "declined-invite"
TO_THE_STUDIO = (DIGEST, DECLINED_INVITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """What a studio is told of a location before the day that begins at `day_at`; each list in order of time.

    `failed` are the kinds of mails that did not arrive, each with its appointment.
    """

    studio_name: str
    studio_mail: str
    studio_reply_to: str
    place: str
    time_zone: str
    day_at: datetime
    visits: tuple[AppointmentFacts, ...]
    requests: tuple[AppointmentFacts, ...]
    late: tuple[AppointmentFacts, ...]
    failed: tuple[tuple[Kind, AppointmentFacts], ...]


def render_digest(facts: DigestFacts, language: str) -> Rendered:
    """Return the studio's summary of a day in the language nearest to `language`: of clients, names only."""
    spoken = language_for(language)
    say, zone = PHRASES[spoken], facts.time_zone
    words = {
        "language": spoken,
        "studio": clean_line(facts.studio_name),
        "because": say.because_studio.format(studio=clean_line(facts.studio_name)),
        "place": clean_line(facts.place),
        "day": date_in_words(facts.day_at, zone, language=spoken),
        # As text: Django would write a number as the request's language has it, and here is none.
        "visit_count": str(len(facts.visits)),
        "request_count": str(len(facts.requests)),
        "visits": [_line(visit, spoken) for visit in facts.visits],
        "requests": [_request_line(visit, spoken) for visit in facts.requests],
        "late": [_line(visit, spoken) for visit in facts.late],
        "failed": [f"{say.kinds[kind]}: {_line(visit, spoken)}" for kind, visit in facts.failed],
    }
    return filled_in(DIGEST, words, language=spoken)


def render_declined(visit: AppointmentFacts, *, guest: str, desk_url: str, language: str) -> Rendered:
    """Return what the studio is told when a guest's calendar said no to an invite; it holds no link of the client's."""
    spoken = language_for(language)
    say, zone = PHRASES[spoken], visit.time_zone
    words = {
        "language": spoken,
        "studio": clean_line(visit.studio_name),
        "because": say.because_said_no.format(studio=clean_line(visit.studio_name)),
        "guest": clean_line(guest) or say.a_guest,
        "asked": visit.status == "pending",
        "moment": moment_in_words(visit.start_at, zone, language=spoken),
        "when": visit_in_words(visit.start_at, visit.end_at, zone, language=spoken),
        "what": LANGUAGES[spoken].visit.format(service=clean_line(visit.service_name), minutes=visit.duration_minutes),
        "add_ons": listed(visit.add_ons, language=spoken),
        "therapists": listed(visit.therapists, language=spoken),
        "place": clean_line(visit.location_name),
        "address": address_in_line(visit.location_address),
        "reference": visit.reference,
        "desk_url": desk_url,
    }
    return filled_in(DECLINED_INVITE, words, language=spoken)


def _line(visit: AppointmentFacts, language: str) -> str:
    """Return a visit as the studio lists it: "Tuesday 24 November, 10:30, Kim Larsen, Swedish massage, Mara (REF)"."""
    parts = (
        moment_in_words(visit.start_at, visit.time_zone, language=language),
        clean_line(visit.client_name),
        clean_line(visit.service_name),
        listed(visit.therapists, language=language),
    )
    return f"{', '.join(part for part in parts if part)} ({visit.reference})"


def _request_line(visit: AppointmentFacts, language: str) -> str:
    line = _line(visit, language)
    if visit.expires_at is None:
        return line
    until = moment_in_words(visit.expires_at, visit.time_zone, language=language)
    return f"{line}, {PHRASES[language].answer_by.format(until=until)}"
