"""Tables and constraints, one noun a file."""

from booking.models.appointments import Appointment, Assignment, HistoryEntry, Series, Source
from booking.models.catalogue import AddOn, Service, ServiceKind, StartMode, Variation
from booking.models.feeds import CalendarFeed, PartStat, Reply
from booking.models.hours import DateOverride, TimeOff, WeeklyHours
from booking.models.keys import ApiKey, IdempotencyKey, LinkToken, Purpose, Scope
from booking.models.locations import Closure, Location, Room, Studio
from booking.models.people import BlockedContact, Client, Contact, Gender, Therapist
from booking.models.waitlist import EntryState, OfferLink, OfferState, WaitlistEntry, WaitlistOffer, WaitlistWindow

__all__ = [
    "AddOn",
    "ApiKey",
    "Appointment",
    "Assignment",
    "BlockedContact",
    "CalendarFeed",
    "Client",
    "Closure",
    "Contact",
    "DateOverride",
    "EntryState",
    "Gender",
    "HistoryEntry",
    "IdempotencyKey",
    "LinkToken",
    "Location",
    "OfferLink",
    "OfferState",
    "PartStat",
    "Purpose",
    "Reply",
    "Room",
    "Scope",
    "Series",
    "Service",
    "ServiceKind",
    "Source",
    "StartMode",
    "Studio",
    "Therapist",
    "TimeOff",
    "Variation",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistWindow",
    "WeeklyHours",
]
