"""Reads for everyone; part of booking's front door."""

from booking.domain.hours import instant as wall_instant
from booking.domain.hours import wall_clock
from booking.queries.agenda import Agenda, agenda, visit_of
from booking.queries.appointments import appointments, client, whole
from booking.queries.blocked import blocked_contact, blocked_contacts, is_blocked, warnings_about
from booking.queries.catalogue import (
    Wanted,
    check_known,
    held_by,
    locations,
    services,
    studio,
    therapists,
    wanted,
    wanted_again,
    wanted_in_hold,
)
from booking.queries.explain import Explanation, explain
from booking.queries.facts import change_until, facts_of, to_follow_up, to_remind_of
from booking.queries.feeds import feed, feed_shows, feed_state, feed_subject, feed_title, feeds
from booking.queries.flags import know
from booking.queries.series import whole_series
from booking.queries.slots import (
    MAX_DAYS,
    Slots,
    agenda_around,
    agenda_at,
    nearest,
    only_others_are_in_the_way,
    reasons_against,
    slots,
    utc_days,
)
from booking.queries.waitlist import (
    entry_state,
    in_line,
    open_offer,
    outlook,
    place_in_line,
    waitlist_entries,
    wanted_by,
    whole_entry,
)

__all__ = [
    "MAX_DAYS",
    "Agenda",
    "Explanation",
    "Slots",
    "Wanted",
    "agenda",
    "agenda_around",
    "agenda_at",
    "appointments",
    "blocked_contact",
    "blocked_contacts",
    "change_until",
    "check_known",
    "client",
    "entry_state",
    "explain",
    "facts_of",
    "feed",
    "feed_shows",
    "feed_state",
    "feed_subject",
    "feed_title",
    "feeds",
    "held_by",
    "in_line",
    "is_blocked",
    "know",
    "locations",
    "nearest",
    "only_others_are_in_the_way",
    "open_offer",
    "outlook",
    "place_in_line",
    "reasons_against",
    "services",
    "slots",
    "studio",
    "therapists",
    "to_follow_up",
    "to_remind_of",
    "utc_days",
    "visit_of",
    "waitlist_entries",
    "wall_clock",
    "wall_instant",
    "wanted",
    "wanted_again",
    "wanted_by",
    "wanted_in_hold",
    "warnings_about",
    "whole",
    "whole_entry",
    "whole_series",
]
