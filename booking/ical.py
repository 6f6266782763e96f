"""An appointment as an iCalendar object: the invite that mails carry and the file that pages offer.

Pure: facts in, bytes out, the same bytes for the same facts. The rules and their sources are in docs/messages.md
(RFC 5545 for the object, RFC 5546 for its methods, RFC 6047 for its life in mail).

- Times are UTC. No VTIMEZONE: readers disagree on every other form.
- One VEVENT an appointment; its UID is the appointment's for life, its SEQUENCE the appointment's. A mail is about
  one of them, for all in one REQUEST must share a UID (RFC 5546 3.2.2); a file may hold the dates of a series.
- In the client's language (booking.wording).
- Nothing a client typed beyond the name, and that only as CN. No phone, price or note of a client; SUMMARY
  says neither service nor name, because it shows on lock screens and in shared calendars.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from icalendar import Alarm, Calendar, Component, Event
from icalendar.prop import vCalAddress, vInline, vText, vUri

from booking.addresses import bare_address
from booking.events import AppointmentFacts
from booking.wording import LANGUAGES, address_in_line, clean_line, clean_text, language_for, listed, visit_in_words

Method = Literal["REQUEST", "CANCEL"]
Recipient = Literal["client", "partner"]

PRODID = "-//Stillpoint//Appointments//EN"
LINE_OCTETS = 75
ALARM_BEFORE = timedelta(hours=2)
REFRESHED_EVERY = "PT1H"
FEED_COLOUR = "seagreen"  # a CSS3 name, as RFC 7986 5.9 wants it
# RFC 6068 2: what else may stand in an address must be percent-encoded in a mailto: URI.
_MAILTO_SAFE = "!$'*+-._~@"
_NOT_IN_CN = str.maketrans('"^;:', "    ")


def invite(
    facts: AppointmentFacts,
    *,
    method: Method,
    recipient: Recipient,
    stamped_at: datetime,
    url: str,
    note: str = "",
    alarm: bool = False,
) -> bytes:
    """Return the calendar part of a mail to `recipient`, with CRLF line ends.

    REQUEST invites or updates, CANCEL takes the whole visit back (`note` and `alarm` are then left out).
    `stamped_at` is when this object is made: it must rise with every mail about the appointment. `url` is the
    recipient's own page, or "" for none. `note` stands at the end of the description. `alarm` asks the
    recipient's calendar for one reminder, two hours before.
    Raises ValueError for a naive datetime, an end that is not after the start, a broken address or `url`.
    Source: RFC 5546 3.2.2 and 3.2.5.
    """
    event = _event(facts, stamped_at=stamped_at, url=url)
    event["ATTENDEE"] = _attendee(facts, recipient)
    if method == "CANCEL":
        event["STATUS"] = _Text("CANCELLED")
        cancelled = LANGUAGES[language_for(facts.language)].cancelled
        event["DESCRIPTION"] = _Text(f"{cancelled}\n{_description(facts)}")
    else:
        event["DESCRIPTION"] = _Text(_description(facts, note=note))
        if alarm:
            event.add_component(_alarm(event))
    return _calendar(event, method=method)


def download(*visits: AppointmentFacts, url: str = "") -> bytes:
    """Return the file that a page offers: a VEVENT each, as in the invites, published, with nobody invited.

    DTSTAMP is the last change of the appointment, so the bytes stay the same until it changes again.
    Raises ValueError as `invite` does. Source: RFC 5546 3.2.1.
    """
    return _calendar(*(_published(facts, url=url) for facts in visits), method="PUBLISH")


def feed(visits: Iterable[AppointmentFacts], *, title: str, staff: bool, names: bool = False) -> bytes:
    """Return a calendar that is read again and again: a VEVENT a visit, with the UID and SEQUENCE of its invite.

    Without METHOD, so DTSTAMP is the last change and equal facts are equal bytes (RFC 5545 3.8.7.2). What is cancelled
    stays in it, with its status. A client's own says what their invites say. The staff's says who (`names`: first
    names), what and in which room, and names no address of anybody.
    Raises ValueError as `invite` does. Source: RFC 7986 5.1, 5.7, 5.9; messaging checks 16 and 78.
    """
    calendar = Calendar()
    calendar["NAME"] = calendar["X-WR-CALNAME"] = _Text(clean_line(title))
    calendar["COLOR"] = vText(FEED_COLOUR)
    calendar["REFRESH-INTERVAL"] = vInline(REFRESHED_EVERY)
    calendar["REFRESH-INTERVAL"].params["VALUE"] = "DURATION"
    calendar["X-PUBLISHED-TTL"] = vInline(REFRESHED_EVERY)
    for facts in visits:
        calendar.add_component(_of_the_day(facts, names=names) if staff else _published(facts, url=""))
    return _written(calendar)


def _of_the_day(facts: AppointmentFacts, *, names: bool) -> Event:
    """Return the visit as those who work that day see it."""
    event = _at_its_time(facts, stamped_at=facts.changed_at)
    service = clean_line(facts.service_name)
    guests = [clean_line(name).split(" ")[0] for name in (facts.client_name, facts.partner_name) if name] or ["Walk-in"]
    event["SUMMARY"] = _Text(f"{listed(guests)}: {service}" if names else service)
    where = (clean_line(facts.room_name), clean_line(facts.location_name))
    event["LOCATION"] = _Text(", ".join(part for part in where if part))
    say, therapists = LANGUAGES["en"], listed(facts.therapists)
    what = say.visit.format(service=service, minutes=facts.duration_minutes)
    lines = [
        what + (say.with_therapists.format(therapists=therapists) if therapists else ""),
        say.extras.format(extras=listed(facts.add_ons)) if facts.add_ons else "",
        say.reference.format(reference=facts.reference),
    ]
    event["DESCRIPTION"] = _Text("\n".join(line for line in lines if line))
    return event


def _published(facts: AppointmentFacts, *, url: str) -> Event:
    event = _event(facts, stamped_at=facts.changed_at, url=url)
    event["DESCRIPTION"] = _Text(_description(facts))
    return event


class _Text(vText):
    """TEXT, escaped as RFC 5545 3.3.11 says; icalendar's own escaping turns a typed \\N into a newline."""

    def to_ical(self) -> bytes:
        escaped = self.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
        return escaped.encode("utf-8")


def _calendar(*events: Event, method: str) -> bytes:
    calendar = Calendar()
    calendar["METHOD"] = vText(method)
    for event in events:
        calendar.add_component(event)
    return _written(calendar)


def _written(calendar: Calendar) -> bytes:
    calendar["VERSION"] = vText("2.0")
    calendar["PRODID"] = vText(PRODID)
    return b"".join(_folded(line) for line in _lines(calendar))


def _lines(component: Component) -> Iterator[str]:
    """Yield what icalendar's content_lines() holds; that makes an object for each line to keep no parameters in."""
    yield f"BEGIN:{component.name}"
    for name in component.sorted_keys():
        value: Any = component[name]
        yield component.content_line(name, value) if value.params else f"{name}:{value.to_ical().decode()}"
    for part in component.subcomponents:
        yield from _lines(part)
    yield f"END:{component.name}"


def _folded(line: str) -> bytes:
    """RFC 5545 3.1: at most 75 octets, no character cut in two. icalendar's own folding takes half of the time."""
    rest = line.encode("utf-8")
    pieces: list[bytes] = []
    while len(rest) > LINE_OCTETS - bool(pieces):
        cut = LINE_OCTETS - bool(pieces)
        while rest[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return b"\r\n ".join([*pieces, rest]) + b"\r\n"


def _event(facts: AppointmentFacts, *, stamped_at: datetime, url: str) -> Event:
    event = _at_its_time(facts, stamped_at=stamped_at)
    event["ORGANIZER"] = _person(facts.studio_mail, facts.studio_name)
    summary = LANGUAGES[language_for(facts.language)].appointment_at
    event["SUMMARY"] = _Text(summary.format(studio=clean_line(facts.studio_name)))
    event["LOCATION"] = _Text(_place(facts))
    if facts.latitude is not None and facts.longitude is not None:
        event["GEO"] = _geo(facts.latitude, facts.longitude)
    if url:
        event["URL"] = _link(url)
    return event


def _at_its_time(facts: AppointmentFacts, *, stamped_at: datetime) -> Event:
    if facts.end_at <= facts.start_at:
        raise ValueError("An appointment ends after it begins.")
    event = Event()
    event["UID"] = vText(str(facts.uid))
    event["SEQUENCE"] = vInline(str(facts.sequence))
    event["DTSTAMP"] = _instant(stamped_at)
    event["DTSTART"] = _instant(facts.start_at)
    event["DTEND"] = _instant(facts.end_at)
    event["CREATED"] = _instant(facts.created_at)
    event["LAST-MODIFIED"] = _instant(facts.changed_at)
    event["STATUS"] = vText({"cancelled": "CANCELLED", "pending": "TENTATIVE"}.get(facts.status, "CONFIRMED"))
    event["TRANSP"] = vText("OPAQUE")
    event["CLASS"] = vText("PRIVATE")
    return event


def _alarm(event: Event) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", -ALARM_BEFORE)
    alarm["DESCRIPTION"] = event["SUMMARY"]
    return alarm


def _instant(instant: datetime) -> vInline:
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone would float in the reader's calendar.")
    return vInline(instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))


def _geo(latitude: float, longitude: float) -> vInline:
    """RFC 5545 3.8.1.6: six decimals at most, and never 1e-05."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("There is no such place on Earth.")
    return vInline(f"{latitude:.6f};{longitude:.6f}")


def _link(url: str) -> vUri:
    if not url.startswith(("https://", "http://")) or clean_line(url) != url or " " in url:
        raise ValueError("A link in an invite is one address that begins with https://.")
    return vUri(url)


def _attendee(facts: AppointmentFacts, recipient: Recipient) -> vCalAddress:
    """They have accepted by booking; the studio's own replies are not asked for."""
    attendee = _person(facts.mail_of(recipient), facts.name_of(recipient))
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["RSVP"] = "FALSE"
    return attendee


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{quote(bare_address(address), safe=_MAILTO_SAFE)}")
    # RFC 6868 has an escape for quotes, but three of the readers we test show it raw; so they go.
    shown = clean_line(clean_line(name).translate(_NOT_IN_CN))
    if shown:
        person.params["CN"] = shown
    return person


def _place(facts: AppointmentFacts) -> str:
    parts = (clean_line(facts.location_name), address_in_line(facts.location_address))
    return ", ".join(part for part in parts if part)


def _description(facts: AppointmentFacts, *, note: str = "") -> str:
    """The visit in plain words, for calendars that show nothing else; then the note, after a blank line."""
    language = language_for(facts.language)
    say = LANGUAGES[language]
    therapists, extras = listed(facts.therapists, language=language), listed(facts.add_ons, language=language)
    phone = clean_line(facts.location_phone)
    visit = say.visit.format(service=clean_line(facts.service_name), minutes=facts.duration_minutes)
    lines = [
        say.not_confirmed if facts.status == "pending" else "",
        visit + (say.with_therapists.format(therapists=therapists) if therapists else ""),
        say.extras.format(extras=extras) if facts.add_ons else "",
        visit_in_words(facts.start_at, facts.end_at, facts.time_zone, language=language),
        _place(facts),
        say.questions.format(phone=phone) if facts.location_phone else "",
        say.reference.format(reference=facts.reference),
    ]
    told = "\n".join(line for line in lines if line)
    return f"{told}\n\n{clean_text(note)}" if note else told
