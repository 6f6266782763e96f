"""Reads for everyone; part of booking's front door."""

from booking.domain.hours import instant as wall_instant
from booking.domain.hours import wall_clock
from booking.queries.agenda import Agenda, agenda, visit_of
from booking.queries.appointments import appointments, client, whole
from booking.queries.catalogue import (
    Wanted,
    check_known,
    locations,
    services,
    studio,
    therapists,
    wanted,
    wanted_again,
)
from booking.queries.facts import change_until, facts_of, to_follow_up, to_remind_of
from booking.queries.slots import (
    MAX_DAYS,
    Slots,
    agenda_around,
    nearest,
    reasons_against,
    slots,
    utc_days,
    would_fit_an_empty_house,
)

__all__ = [
    "MAX_DAYS",
    "Agenda",
    "Slots",
    "Wanted",
    "agenda",
    "agenda_around",
    "appointments",
    "change_until",
    "check_known",
    "client",
    "facts_of",
    "locations",
    "nearest",
    "reasons_against",
    "services",
    "slots",
    "studio",
    "therapists",
    "to_follow_up",
    "to_remind_of",
    "utc_days",
    "visit_of",
    "wall_clock",
    "wall_instant",
    "wanted",
    "wanted_again",
    "whole",
    "would_fit_an_empty_house",
]
