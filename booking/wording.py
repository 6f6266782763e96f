"""Instants and names in words, for people to read: mails, invites, pages. Plain Python, no clock.

A visit happens at the studio, so the studio's wall clock is what is shown, and it is always named:
"Tuesday 24 November 2026, 10:30–11:30 (Berlin time)". A new language is one more entry in LANGUAGES.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What one language needs to say when and what: no field has a default, so that no translation can be missing.

    Weekdays begin with Monday. The patterns take weekday, day, month, year; `zone` takes place, `clock` what the
    clock shows. `places` are the cities that name zones and are called otherwise in this language. The rest are the
    lines of a calendar entry.
    """

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    short_date: str
    clock: str
    zone: str
    places: Mapping[str, str]
    last_joint: str
    appointment_at: str
    visit: str
    with_therapists: str
    extras: str
    questions: str
    reference: str
    cancelled: str
    not_confirmed: str


LANGUAGES = {
    "en": Language(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=(
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        date="{weekday} {day} {month} {year}",
        short_date="{weekday} {day} {month}",
        clock="{clock}",
        zone="{place} time",
        places={},
        last_joint=" and ",
        appointment_at="Appointment at {studio}",
        visit="{service}, {minutes} minutes",
        with_therapists=", with {therapists}",
        extras="Also: {extras}",
        questions="Questions? Call {phone}",
        reference="Reference {reference}",
        cancelled="This appointment is cancelled.",
        not_confirmed="This appointment is not confirmed yet.",
    ),
    "de": Language(
        weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        months=(
            "Januar", "Februar", "März", "April", "Mai", "Juni",
            "Juli", "August", "September", "Oktober", "November", "Dezember",
        ),
        date="{weekday}, {day}. {month} {year}",
        short_date="{weekday}, {day}. {month}",
        clock="{clock} Uhr",
        zone="Ortszeit {place}",
        places={
            "Athens": "Athen", "Belgrade": "Belgrad", "Brussels": "Brüssel", "Bucharest": "Bukarest",
            "Busingen": "Büsingen", "Cairo": "Kairo", "Copenhagen": "Kopenhagen", "Lisbon": "Lissabon",
            "Luxembourg": "Luxemburg", "Moscow": "Moskau", "Prague": "Prag", "Rome": "Rom",
            "Singapore": "Singapur", "Tokyo": "Tokio", "Vienna": "Wien", "Warsaw": "Warschau", "Zurich": "Zürich",
        },
        last_joint=" und ",
        appointment_at="Termin bei {studio}",
        visit="{service}, {minutes} Minuten",
        with_therapists=", mit {therapists}",
        extras="Dazu: {extras}",
        questions="Fragen? Rufen Sie uns an: {phone}",
        reference="Terminnummer {reference}",
        cancelled="Dieser Termin ist abgesagt.",
        not_confirmed="Dieser Termin ist noch nicht bestätigt.",
    ),
}  # fmt: skip

# Control characters, line and paragraph separators, marks that turn the direction of text, halves of a
# surrogate pair, noncharacters: none of them belongs in a name, and each has broken some reader.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_BLANKS = re.compile(r"\s+")


def language_for(wanted: str) -> str:
    """Return the language of LANGUAGES that serves `wanted` ("de-AT" is served by "de"), else "en"."""
    primary = wanted.replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else "en"


def date_in_words(instant: datetime, time_zone: str, *, language: str = "en") -> str:
    """Return "Tuesday 24 November 2026", the local date of an aware `instant`."""
    return _date(_local(instant, time_zone), LANGUAGES[language_for(language)].date, language)


def moment_in_words(instant: datetime, time_zone: str, *, language: str = "en") -> str:
    """Return "Tuesday 24 November, 10:30": short, without year and zone, for subjects and headings."""
    local, words = _local(instant, time_zone), LANGUAGES[language_for(language)]
    return f"{_date(local, words.short_date, language)}, {words.clock.format(clock=f'{local:%H:%M}')}"


def start_in_words(instant: datetime, time_zone: str, *, language: str = "en") -> str:
    """Return "Tuesday 24 November 2026, 10:30", for lists of dates; exact where a clock shows a time twice."""
    local, words = _local(instant, time_zone), LANGUAGES[language_for(language)]
    exact = _is_ambiguous(local)
    clock = _clock(local, exact=exact)
    return f"{_date(local, words.date, language)}, {clock if exact else words.clock.format(clock=clock)}"


def deadline_in_words(instant: datetime, time_zone: str, *, language: str = "en") -> str:
    """Return "Tuesday 24 November 2026, 10:30 (Berlin time)": until when somebody may answer."""
    return f"{start_in_words(instant, time_zone, language=language)} ({_zone_in_words(time_zone, language)})"


def visit_in_words(start_at: datetime, end_at: datetime, time_zone: str, *, language: str = "en") -> str:
    """Return "Tuesday 24 November 2026, 10:30–11:30 (Berlin time)".

    A visit over midnight names the second date too. Where the clock changes during the visit, or shows the
    same time twice that night, each time carries its distance from UTC. Raises ValueError for naive datetimes.
    """
    start, end = _local(start_at, time_zone), _local(end_at, time_zone)
    words = LANGUAGES[language_for(language)]
    exact = start.utcoffset() != end.utcoffset() or _is_ambiguous(start) or _is_ambiguous(end)
    first, last = _clock(start, exact=exact), _clock(end, exact=exact)
    zone, to_the_minute = _zone_in_words(time_zone, language), "{clock}" if exact else words.clock
    if end.date() == start.date():
        clocks = to_the_minute.format(clock=f"{first}–{last}")
    else:
        second = _date(end, words.short_date, language)
        clocks = f"{to_the_minute.format(clock=first)} – {second}, {to_the_minute.format(clock=last)}"
    return f"{_date(start, words.date, language)}, {clocks} ({zone})"


def place_of(time_zone: str, *, language: str = "en") -> str:
    """Return the city that names a zone: "America/New_York" is "New York", and "Europe/Vienna" in German "Wien"."""
    city = time_zone.rsplit("/", 1)[-1].replace("_", " ")
    return LANGUAGES[language_for(language)].places.get(city, city)


def _zone_in_words(time_zone: str, language: str) -> str:
    """Return "Berlin time"; a zone that is not a city's, such as UTC, by its own name."""
    if "/" not in time_zone:
        return time_zone
    return LANGUAGES[language_for(language)].zone.format(place=place_of(time_zone, language=language))


def clean_text(text: str) -> str:
    """Return `text` without unprintable characters; line breaks of every kind become a single newline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNPRINTABLE.sub("", text).strip()


def clean_line(text: str) -> str:
    """Return `text` as one line without unprintable characters, every run of blanks a single space."""
    return _BLANKS.sub(" ", clean_text(text)).strip()


def address_in_line(address: str) -> str:
    """Return an address of one or more lines as one, with commas: "Linienstraße 12, 10178 Berlin"."""
    lines = (clean_line(line).rstrip(",") for line in clean_text(address).split("\n"))
    return ", ".join(line for line in lines if line)


def listed(names: Iterable[str], *, language: str = "en") -> str:
    """Return "Mara", "Mara and Ben" or "Mara, Ben and Ida"; names are cleaned, no names give ""."""
    *first, last = [clean_line(name) for name in names] or [""]
    joint = LANGUAGES[language_for(language)].last_joint
    return f"{', '.join(first)}{joint}{last}" if first else last


def _local(instant: datetime, time_zone: str) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone could be any hour.")
    return instant.astimezone(_zone(time_zone))


@cache
def _zone(time_zone: str) -> ZoneInfo:
    return ZoneInfo(time_zone)


def _date(local: datetime, pattern: str, language: str) -> str:
    words = LANGUAGES[language_for(language)]
    weekday, month = words.weekdays[local.weekday()], words.months[local.month - 1]
    return pattern.format(weekday=weekday, day=local.day, month=month, year=local.year)


def _is_ambiguous(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _clock(local: datetime, *, exact: bool) -> str:
    offset = local.utcoffset()
    if not exact or offset is None:
        return f"{local:%H:%M}"
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta() else "+"
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"{local:%H:%M} UTC{sign}{minutes // 60}{rest}"
