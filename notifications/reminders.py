"""What is due soon, derived from appointments and rules; nothing is planned ahead (ADR 3).

Every tick asks which (appointment, rule) is due and has no message yet. So moving, cancelling and changing a rule
need no repair, a missed tick is made up by the next, and two ticks at once write one row: its name is unique.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef

from booking import queries
from notifications.models import Kind, Message, ReminderRule, State

FOLLOW_UP_USEFUL_FOR = timedelta(hours=72)
A_DAY_WITH_ANY_CLOCK_CHANGE = timedelta(hours=26)
# What could not go before the visit is still written down, as expired, when the scheduler is up again.
NOTICED_FOR = timedelta(days=1)
MOST_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Visit:
    """What a rule needs to know of an appointment; instants in UTC."""

    appointment_id: int
    uid: UUID
    sequence: int
    start_at: datetime
    end_at: datetime
    time_zone: str
    told_at: datetime
    recipients: tuple[str, ...]


def due_at(rule: ReminderRule, *, start_at: datetime, end_at: datetime, time_zone: str) -> datetime:
    """Return when the rule's message is due, UTC.

    Minutes are elapsed time, so a clock change moves the clock time of the mail. A rule by the day keeps the
    clock time, so a clock change moves the elapsed time.
    """
    if rule.kind == Kind.FOLLOW_UP:
        return end_at + timedelta(minutes=rule.minutes)
    if rule.days_before is None:
        return start_at - timedelta(minutes=rule.minutes)
    local = queries.wall_clock(start_at, time_zone)
    at = rule.at_time or time(local.hour, local.minute)
    return queries.wall_instant(local.date() - timedelta(days=rule.days_before), at, time_zone)


def not_after(rule: ReminderRule, visit: Visit, others: list[ReminderRule]) -> datetime:
    """Return the last instant at which the message is of use: a reminder yields to the next rule's.

    Of two that fall on one instant the older rule's goes; the other was of use a moment before.
    """
    if rule.kind == Kind.FOLLOW_UP:
        return visit.end_at + timedelta(minutes=rule.minutes) + FOLLOW_UP_USEFUL_FOR
    own = _due(rule, visit)
    last = visit.start_at - timedelta(minutes=rule.useful_until_minutes)
    dues = [(_due(other, visit), other.pk) for other in others if other.kind == Kind.REMINDER]
    if any(due == own and pk < rule.pk for due, pk in dues):
        return own - timedelta(microseconds=1)
    return min([last, *(due for due, _ in dues if due > own)])


def _due(rule: ReminderRule, visit: Visit) -> datetime:
    return due_at(rule, start_at=visit.start_at, end_at=visit.end_at, time_zone=visit.time_zone)


def derive(*, now: datetime) -> int:
    """Write a message for each rule of each appointment that is due and has none; return how many.

    What is already past its use is written as expired, so that the desk sees what was not said.
    """
    rules = list(ReminderRule.objects.filter(is_active=True))
    owed = [message for rule in rules for message in _owed(rule, rules, now=now)]
    Message.objects.bulk_create(owed, ignore_conflicts=True, batch_size=1_000)
    return len(owed)


def _owed(rule: ReminderRule, rules: list[ReminderRule], *, now: datetime) -> list[Message]:
    found: list[Message] = []
    for visit in _visits(rule, now=now):
        due = _due(rule, visit)
        told_recently = visit.told_at > due - timedelta(minutes=rule.min_gap_minutes)
        if due > now or told_recently:
            continue
        until = not_after(rule, visit, rules)
        found.extend(_message(rule, visit, recipient, due=due, until=until, now=now) for recipient in visit.recipients)
    return found


def _message(
    rule: ReminderRule, visit: Visit, recipient: str, *, due: datetime, until: datetime, now: datetime
) -> Message:
    useful = now <= until
    return Message(
        appointment_id=visit.appointment_id,
        kind=rule.kind,
        recipient=recipient,
        sequence=visit.sequence,
        rule=rule,
        name=f"{visit.uid}.{visit.sequence}.{rule.kind}-{rule.pk}.{recipient}",
        state=State.PENDING if useful else State.EXPIRED,
        words="" if useful else "It was found too late to be of use.",
        due_at=due,
        not_after=until,
        created_at=now,
    )


def _visits(rule: ReminderRule, *, now: datetime) -> list[Visit]:
    """Return the appointments this rule may be due for and has no message about, soonest first."""
    if rule.kind == Kind.FOLLOW_UP:
        since = now - FOLLOW_UP_USEFUL_FOR - timedelta(minutes=rule.minutes)
        candidates = queries.to_follow_up(after=since, before=now - timedelta(minutes=rule.minutes))
    else:
        ahead = timedelta(minutes=rule.minutes)
        if rule.days_before is not None:
            ahead = (rule.days_before + 1) * A_DAY_WITH_ANY_CLOCK_CHANGE
        candidates = queries.to_remind_of(after=now - NOTICED_FOR, before=now + ahead)
        if rule.days_before is None:  # or those just told would use up the places of those who are owed
            quiet = timedelta(minutes=rule.minutes + rule.min_gap_minutes)
            candidates = candidates.filter(changed_at__lte=F("start_at") - quiet)
    told = Message.objects.filter(appointment=OuterRef("pk"), rule=rule, sequence=OuterRef("sequence"))
    rows = candidates.filter(~Exists(told)).values_list(
        "pk",
        "uid",
        "sequence",
        "start_at",
        "end_at",
        "time_zone",
        "changed_at",
        "client__email",
        "partner_email",
    )
    return [Visit(*row[:7], recipients=_recipients(row[7], row[8])) for row in rows[:MOST_AT_ONCE]]


def _recipients(client_mail: str | None, partner_mail: str) -> tuple[str, ...]:
    return tuple(role for role, mail in (("client", client_mail), ("partner", partner_mail)) if mail)
