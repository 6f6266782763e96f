"""The studio's summary of a day: derived from the rules like a reminder, one a day for each location."""

from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any, cast

from booking import queries
from booking.queries.summary import summary_of
from notifications.models import Kind, Message, ReminderRule, State
from notifications.render import Kind as Template
from notifications.summary import DigestFacts

USEFUL_FOR = timedelta(hours=6)
LOOKS_BACK = timedelta(days=1)
STUDIO = "studio"  # as the row's recipient
NOT_ARRIVED = (State.FAILED, State.BOUNCED, State.UNKNOWN)


def derive(*, now: datetime) -> int:
    """Write a message for each rule and location whose summary is due and not written; return how many.

    One that could not be written within USEFUL_FOR is left out: the next day has its own.
    """
    rules = list(ReminderRule.objects.filter(is_active=True, kind=Kind.STAFF_DIGEST))
    places = list(queries.locations()) if rules else []
    owed = [message for rule, place in product(rules, places) for message in _owed(rule, place, now=now)]
    written = set(Message.objects.filter(name__in=[one.name for one in owed]).values_list("name", flat=True))
    fresh = [message for message in owed if message.name not in written]
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _owed(rule: ReminderRule, place: Any, *, now: datetime) -> list[Message]:
    """Return the message of today or, just after midnight, of yesterday; none when neither is due.

    What was due before its rule was made, or told another time, is not.
    """
    today = queries.wall_clock(now, place.time_zone).date()
    messages = (_message(rule, place, on=on, now=now) for on in (today, today - timedelta(days=1)))
    return [one for one in messages if rule.since < one.due_at <= now <= one.due_at + USEFUL_FOR]


def _message(rule: ReminderRule, place: Any, *, on: date, now: datetime) -> Message:
    due = queries.wall_instant(on, rule.at_time or time(0), place.time_zone)
    return Message(
        location_id=place.pk,
        about_on=on + timedelta(days=rule.days_before or 0),
        kind=Kind.STAFF_DIGEST,
        recipient=STUDIO,
        sequence=0,
        rule=rule,
        name=f"location-{place.pk}.{on:%Y%m%d}.{Kind.STAFF_DIGEST}-{rule.pk}.{STUDIO}",
        due_at=due,
        not_after=due + USEFUL_FOR,
        created_at=now,
    )


def facts_for(message: Message, *, now: datetime) -> DigestFacts:
    """Return what is true at `now` about the location and day of the message."""
    place, on = cast(Any, message.location), cast(date, message.about_on)
    zone = place.time_zone
    day = queries.wall_instant(on, time(0), zone), queries.wall_instant(on + timedelta(days=1), time(0), zone)
    since = message.created_at - LOOKS_BACK
    found = summary_of(place.pk, day=day, late_since=since, now=now)
    failed = list(
        Message.objects.filter(appointment__location=place.pk, state__in=NOT_ARRIVED, due_at__gt=since)
        .order_by("due_at", "pk")
        .values_list("kind", "appointment_id")
    )
    known = queries.facts_of({*found.visits, *found.requests, *found.late, *(pk for _, pk in failed if pk)})
    studio = queries.studio()
    return DigestFacts(
        studio_name=studio.name,
        studio_mail=studio.mail_address,
        studio_reply_to=studio.reply_to,
        place=place.name,
        time_zone=zone,
        day_at=day[0],
        visits=tuple(known[pk] for pk in found.visits),
        requests=tuple(known[pk] for pk in found.requests),
        late=tuple(known[pk] for pk in found.late),
        failed=tuple((cast(Template, kind), known[pk]) for kind, pk in failed if pk in known),
    )
