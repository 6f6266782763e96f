"""libical through its C interface: what Evolution, KOrganizer and Cyrus would read, and its iTIP rules."""

import ctypes
from functools import cache
from typing import Any

_POINTERS = (
    "icalparser_parse_string",
    "icalcomponent_get_first_component",
    "icalcomponent_get_first_property",
    "icalproperty_get_value",
)
_STRINGS = (
    "icalvalue_get_text",
    "icalproperty_get_value_as_string",
    "icalproperty_get_parameter_as_string",
    "icalcomponent_get_uid",
)


class _Time(ctypes.Structure):
    """`struct icaltimetype` of libical 3."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    ]


@cache
def library() -> ctypes.CDLL:
    """Load libical 3. Raises OSError, with the file it looked for, where it is not installed."""
    loaded = ctypes.CDLL("libical.so.3")
    for name in _POINTERS:
        getattr(loaded, name).restype = ctypes.c_void_p
    for name in _STRINGS:
        getattr(loaded, name).restype = ctypes.c_char_p
    for name in ("icalcomponent_get_dtstart", "icalcomponent_get_dtend"):
        getattr(loaded, name).restype = _Time
    loaded.icaltime_as_timet_with_zone.argtypes = [_Time, ctypes.c_void_p]
    loaded.icaltime_as_timet_with_zone.restype = ctypes.c_long
    return loaded


def keeps_the_rules(content: bytes) -> bool:
    """Return whether libical's own check of RFC 5546 finds nothing wrong with this object."""
    lib = library()
    calendar = ctypes.c_void_p(lib.icalparser_parse_string(content))
    return bool(lib.icalrestriction_check(calendar)) and not lib.icalcomponent_count_errors(calendar)


def read(content: bytes) -> dict[str, Any]:
    """Return the fields of tests.peers.readers.Reading."""
    lib = library()
    calendar = ctypes.c_void_p(lib.icalparser_parse_string(content))
    event = ctypes.c_void_p(
        lib.icalcomponent_get_first_component(calendar, lib.icalcomponent_string_to_kind(b"VEVENT"))
    )
    start, end = lib.icalcomponent_get_dtstart(event), lib.icalcomponent_get_dtend(event)
    organizer, attendee = _property(event, b"ORGANIZER"), _property(event, b"ATTENDEE")
    return {
        "uid": lib.icalcomponent_get_uid(event).decode(),
        "start": lib.icaltime_as_timet_with_zone(start, start.zone),
        "end": lib.icaltime_as_timet_with_zone(end, end.zone),
        "summary": _text(event, b"SUMMARY"),
        "description": _text(event, b"DESCRIPTION"),
        "location": _text(event, b"LOCATION"),
        "method": _written(_property(calendar, b"METHOD")),
        "status": _written(_property(event, b"STATUS")),
        "sequence": int(_written(_property(event, b"SEQUENCE")) or -1),
        "organizer": _written(organizer),
        "organizer_name": _common_name(organizer),
        "attendee": _written(attendee),
        "attendee_name": _common_name(attendee),
    }


def _property(component: ctypes.c_void_p, name: bytes) -> ctypes.c_void_p:
    lib = library()
    return ctypes.c_void_p(lib.icalcomponent_get_first_property(component, lib.icalproperty_string_to_kind(name)))


def _text(component: ctypes.c_void_p, name: bytes) -> str:
    lib = library()
    value = ctypes.c_void_p(lib.icalproperty_get_value(_property(component, name)))
    text: bytes = lib.icalvalue_get_text(value)
    return text.decode()


def _written(found: ctypes.c_void_p) -> str | None:
    if not found:
        return None
    value: bytes = library().icalproperty_get_value_as_string(found)
    return value.decode()


def _common_name(found: ctypes.c_void_p) -> str | None:
    if not found:
        return None
    name: bytes = library().icalproperty_get_parameter_as_string(found, b"CN")
    return name.decode().strip('"')
