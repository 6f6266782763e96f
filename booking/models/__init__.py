"""Tables and constraints, one noun a file."""

from booking.models.appointments import Appointment, Assignment, HistoryEntry, Source
from booking.models.catalogue import AddOn, Service, ServiceKind, Variation
from booking.models.hours import DateOverride, TimeOff, WeeklyHours
from booking.models.keys import ApiKey, IdempotencyKey, LinkToken, Purpose, Scope
from booking.models.locations import Closure, Location, Room, Studio
from booking.models.people import Client, Gender, Therapist

__all__ = [
    "AddOn",
    "ApiKey",
    "Appointment",
    "Assignment",
    "Client",
    "Closure",
    "DateOverride",
    "Gender",
    "HistoryEntry",
    "IdempotencyKey",
    "LinkToken",
    "Location",
    "Purpose",
    "Room",
    "Scope",
    "Service",
    "ServiceKind",
    "Source",
    "Studio",
    "Therapist",
    "TimeOff",
    "Variation",
    "WeeklyHours",
]
