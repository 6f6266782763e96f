"""Instants and names in words, for people to read: mails, invites, pages. Plain Python, no clock.

A visit happens at the studio, so the studio's wall clock is what is shown, and it is always named:
"Tuesday 24 November 2026, 10:30–11:30 (Berlin time)". A new language is one more entry in LANGUAGES.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Weekdays begin with Monday. The patterns take weekday, day, month, year; `zone` takes place."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    short_date: str
    zone: str
    last_joint: str


LANGUAGES = {
    "en": Language(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=(
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        date="{weekday} {day} {month} {year}",
        short_date="{weekday} {day} {month}",
        zone="{place} time",
        last_joint=" and ",
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
    local = _local(instant, time_zone)
    return f"{_date(local, LANGUAGES[language_for(language)].short_date, language)}, {local:%H:%M}"


def visit_in_words(start_at: datetime, end_at: datetime, time_zone: str, *, language: str = "en") -> str:
    """Return "Tuesday 24 November 2026, 10:30–11:30 (Berlin time)".

    A visit over midnight names the second date too. Where the clock changes during the visit, or shows the
    same time twice that night, each time carries its distance from UTC. Raises ValueError for naive datetimes.
    """
    start, end = _local(start_at, time_zone), _local(end_at, time_zone)
    words = LANGUAGES[language_for(language)]
    exact = start.utcoffset() != end.utcoffset() or _is_ambiguous(start) or _is_ambiguous(end)
    last = f"–{_clock(end, exact=exact)}"
    if end.date() != start.date():
        last = f" – {_date(end, words.short_date, language)}, {last[1:]}"
    zone = words.zone.format(place=place_of(time_zone)) if "/" in time_zone else time_zone
    return f"{_date(start, words.date, language)}, {_clock(start, exact=exact)}{last} ({zone})"


def place_of(time_zone: str) -> str:
    """Return the city that names a zone: "America/New_York" is "New York"."""
    return time_zone.rsplit("/", 1)[-1].replace("_", " ")


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
