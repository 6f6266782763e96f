"""What is due soon, derived from appointments and rules; nothing is planned ahead (ADR 3).

Every tick asks which (appointment, rule) is due and has no message yet. So moving, cancelling and changing a rule
need no repair, a missed tick is made up by the next, and two ticks at once write one row: its name is unique.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from booking import queries
from notifications import quiet
from notifications.models import Kind, Message, ReminderRule, State
from notifications.quiet import QuietHours

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
    service_id: int
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


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules that are in force, and the quiet hours, None for none."""

    rules: list[ReminderRule]
    quiet: QuietHours | None = None

    def due(self, rule: ReminderRule, visit: Visit) -> datetime:
        """Return when the rule's message about the visit goes: when it is due, but never in quiet hours."""
        due = due_at(rule, start_at=visit.start_at, end_at=visit.end_at, time_zone=visit.time_zone)
        return due if self.quiet is None else self.quiet.moved(due, visit.time_zone, last=last_use(rule, visit))

    def not_after(self, rule: ReminderRule, visit: Visit) -> datetime:
        """Return the last instant at which the message is of use: a reminder yields to the next rule's.

        Of two that fall on one instant the older rule's goes; the other was of use a moment before.
        """
        last = last_use(rule, visit)
        if rule.kind == Kind.FOLLOW_UP:
            return last
        own = self.due(rule, visit)
        dues = [(self.due(other, visit), other) for other in self.rules if _speaks_of(other, visit)]
        dues = [(due, other) for due, other in dues if due > other.since]
        if any(due == own and other.pk < rule.pk for due, other in dues):
            return own - timedelta(microseconds=1)
        return min([last, *(due for due, _ in dues if due > own)])


def last_use(rule: ReminderRule, visit: Visit) -> datetime:
    """Return the last instant at which the rule's message is of use, were it the only one."""
    if rule.kind == Kind.FOLLOW_UP:
        return visit.end_at + timedelta(minutes=rule.minutes) + FOLLOW_UP_USEFUL_FOR
    return visit.start_at - timedelta(minutes=rule.useful_until_minutes)


def _speaks_of(rule: ReminderRule, visit: Visit) -> bool:
    named = _services(rule)
    return rule.kind == Kind.REMINDER and (not named or visit.service_id in named)


def _services(rule: ReminderRule) -> set[int]:
    """Return the ids of the services that the rule names, none when it is for all."""
    return {service.pk for service in rule.services.all()}


def derive(*, now: datetime) -> int:
    """Write a message for each rule of each appointment that is due and has none; return how many.

    What is already past its use is written as expired, so that the desk sees what was not said. What was due
    before its rule was made, or told another time, is not written at all.
    """
    in_force = ReminderRule.objects.filter(is_active=True, kind__in=(Kind.REMINDER, Kind.FOLLOW_UP))
    rules = list(in_force.prefetch_related("services"))
    if not rules:
        return 0
    plan = Plan(rules, quiet.hours())
    owed = [message for rule in rules for message in _owed(rule, plan, now=now)]
    Message.objects.bulk_create(owed, ignore_conflicts=True, batch_size=1_000)
    return len(owed)


def _owed(rule: ReminderRule, plan: Plan, *, now: datetime) -> list[Message]:
    found: list[Message] = []
    for visit in _visits(rule, plan, now=now):
        due = plan.due(rule, visit)
        told_recently = visit.told_at > due - timedelta(minutes=rule.min_gap_minutes)
        if not rule.since < due <= now or told_recently:
            continue
        until = plan.not_after(rule, visit)
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


def _visits(rule: ReminderRule, plan: Plan, *, now: datetime) -> list[Visit]:
    """Return the appointments this rule may be due for and has no message about, soonest first."""
    shift = timedelta(0) if plan.quiet is None else quiet.LONGEST
    candidates = _as_told(_in_reach(rule, shift, now=now))
    if rule.kind == Kind.REMINDER and rule.days_before is None:
        # Or those who have just been told would use up the places of those who are owed.
        gap = timedelta(minutes=rule.minutes + rule.min_gap_minutes)
        candidates = candidates.filter(told_at__lte=F("start_at") - gap + shift)
    if named := _services(rule):
        candidates = candidates.filter(service__in=named)
    rows = candidates.filter(~Exists(_reminded(rule))).values_list(
        "pk",
        "uid",
        "sequence",
        "start_at",
        "end_at",
        "time_zone",
        "told_at",
        "service_id",
        "client__email",
        "partner_email",
    )
    return [
        Visit(key, uid, sequence, start_at, end_at, zone, told_at, service, _recipients(client, partner))
        for key, uid, sequence, start_at, end_at, zone, told_at, service, client, partner in rows[:MOST_AT_ONCE]
    ]


def _in_reach(rule: ReminderRule, shift: timedelta, *, now: datetime) -> QuerySet[Any]:
    """Return the appointments at whose times the rule may be due, and that have not been before it was made.

    Quiet hours move what is due by `shift` at most.
    """
    minutes = timedelta(minutes=rule.minutes)
    if rule.kind == Kind.FOLLOW_UP:
        after = max(now - FOLLOW_UP_USEFUL_FOR, rule.since) - minutes - shift
        return queries.to_follow_up(after=after, before=now - minutes)
    if rule.days_before is not None:
        ahead = (rule.days_before + 1) * A_DAY_WITH_ANY_CLOCK_CHANGE
        return queries.to_remind_of(after=now - NOTICED_FOR, before=now + ahead + shift)
    after = max(now - NOTICED_FOR, rule.since + minutes - shift)
    return queries.to_remind_of(after=after, before=now + minutes + shift)


def _as_told(visits: QuerySet[Any]) -> QuerySet[Any]:
    """Add what clients know: the revision they were told last, and when. A change that lapsed was told to nobody."""
    lapsed = Message.objects.filter(
        appointment=OuterRef("pk"), sequence=OuterRef("sequence"), says_nothing_after__isnull=False
    )
    known: QuerySet[Any] = visits.annotate(
        told_at=Coalesce(Subquery(lapsed.values("says_nothing_after__created_at")[:1]), F("changed_at")),
        told_sequence=Coalesce(Subquery(lapsed.values("says_nothing_after__sequence")[:1]), F("sequence")),
    )
    return known


def _reminded(rule: ReminderRule) -> QuerySet[Message]:
    """Return the rule's messages about what the visit still is; what was overtaken and then taken back is none."""
    rows = Message.objects.filter(appointment=OuterRef("pk"), rule=rule, sequence__gte=OuterRef("told_sequence"))
    return rows.filter(Q(sequence=OuterRef("sequence")) | ~Q(state=State.CANCELLED))


def _recipients(client_mail: str | None, partner_mail: str) -> tuple[str, ...]:
    return tuple(role for role, mail in (("client", client_mail), ("partner", partner_mail)) if mail)
