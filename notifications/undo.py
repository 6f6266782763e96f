"""What the desk changes is told after a while, so that a slip is put right unheard.

Their own changes are told to clients at once. A change by the desk waits for the studio's undo minutes, and each
further change folds what still waits into one mail about the appointment as it is then. What has come back to where
it was when they last heard of it is told to nobody. Revisions go on counting meanwhile, so no invite ever repeats a
lower SEQUENCE than one that was sent (RFC 5546 2.1.4).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from booking import events, queries
from booking.events import AppointmentFacts
from notifications.models import LEISURELY, Kind, Message, State

OPENING = (Kind.CONFIRMATION, Kind.REQUEST_RECEIVED)
CHANGES = (Kind.RESCHEDULED, Kind.RELOCATED)
ENDINGS = (Kind.CANCELLED, Kind.DECLINED)
REACHED = (State.SENDING, State.SENT, State.UNKNOWN)
MOVES_TOLD_AT_ONCE = 3
BETWEEN_FURTHER_MOVES = timedelta(minutes=10)
NOTHING_NEW = "Nothing has changed in the end."
FOLDED = "Taken back before it was told."


@dataclass(frozen=True, slots=True)
class Folded:
    """What was still waiting to be told to one person: its kinds, and whether somebody waits for an answer."""

    kinds: tuple[str, ...] = ()
    must_go: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """A mail to be written to `recipient`. With `may_lapse` it is not sent when it says nothing new by then."""

    recipient: str
    kind: Kind
    may_lapse: bool


NOTHING = Folded()


def pause(event: events.AppointmentEvent) -> timedelta:
    """Return how long the mail about it waits: nothing for what somebody has done themselves, unless again and again.

    Who books holds the link at once, also under somebody else's address: that person must not get a mail for each
    move (reliability S50). The moves fold into one mail, sent when there is an end of them.
    """
    if event.by_desk:
        return timedelta(minutes=queries.studio().undo_minutes)
    restless = isinstance(event, events.AppointmentRescheduled) and event.sequence > MOVES_TOLD_AT_ONCE
    return BETWEEN_FURTHER_MOVES if restless else timedelta(0)


def fold(event: events.AppointmentEvent, *, words: str) -> dict[str, Folded]:
    """End what still waits about the appointment as it was; return by role what that was.

    A worker that holds a row asks for itself whether it is still true.
    """
    waiting = Message.objects.filter(appointment_id=event.appointment_id, state=State.PENDING)
    rows = list(waiting.select_for_update().values_list("pk", "recipient", "kind", "may_lapse", "unsure"))
    Message.objects.filter(pk__in=[row[0] for row in rows]).update(state=State.CANCELLED, words=words)
    folded: dict[str, Folded] = {}
    for _, role, kind, may_lapse, unsure in rows:
        if kind not in LEISURELY:
            known = folded.get(role, NOTHING)
            folded[role] = Folded((*known.kinds, kind), known.must_go or unsure or not may_lapse)
    return folded


def owed(
    event: events.AppointmentEvent, kind: Kind, roles: Iterable[str], *, folded: dict[str, Folded], waits: bool
) -> list[Owed]:
    """Return what to write to each of `roles`, none to who has not heard of an appointment that has ended again."""
    found = (_owed(event, kind, role, folded.get(role, NOTHING), waits=waits) for role in roles)
    return [one for one in found if one is not None]


def _owed(event: events.AppointmentEvent, kind: Kind, role: str, folded: Folded, *, waits: bool) -> Owed | None:
    if waits and folded.kinds and not folded.must_go and not _has_heard(event.appointment_id, role):
        if kind in ENDINGS:
            _note_fold(event.appointment_id, role)
            return None
        unsaid = [Kind(one) for one in folded.kinds if one in OPENING]
        kind = unsaid[0] if unsaid and kind in CHANGES else kind
    return Owed(role, kind, may_lapse=waits and not folded.must_go)


def _has_heard(appointment_id: int, role: str) -> bool:
    """Say whether they know of the appointment: a mail may have reached them, or they made it themselves."""
    rows = Message.objects.filter(appointment_id=appointment_id, recipient=role).exclude(kind__in=LEISURELY)
    return rows.filter(Q(may_lapse=False) | Q(unsure=True) | Q(state__in=REACHED)).exists()


def _note_fold(appointment_id: int, role: str) -> None:
    rows = Message.objects.filter(appointment_id=appointment_id, recipient=role, state=State.CANCELLED)
    rows.update(words=FOLDED)


def gist(facts: AppointmentFacts) -> str:
    """Return what stands for all that a mail about it tells: enough to compare, and not to read."""
    told = [
        facts.status,
        facts.start_at.isoformat(),
        facts.end_at.isoformat(),
        facts.time_zone,
        facts.service_slug,
        facts.add_ons,
        facts.therapists,
        facts.location_slug,
        facts.location_address,
        [start.isoformat() for start in facts.series],
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def nothing_new(messages: list[Message], facts: dict[int, AppointmentFacts]) -> dict[int, int]:
    """Return, by message id, which earlier message said the same already; only for those that may lapse.

    One SQL statement, none when no message may lapse.
    """
    asked = {message.pk: message for message in messages if message.may_lapse and message.appointment_id in facts}
    if not asked:
        return {}
    rows = Message.objects.filter(appointment__in={message.appointment_id for message in asked.values()})
    reached = rows.filter(Q(state__in=REACHED) | Q(unsure=True)).exclude(kind__in=LEISURELY)
    last: dict[tuple[int | None, str], tuple[int, str]] = {}
    for pk, appointment_id, role, told in reached.order_by("sequence", "pk").values_list(
        "pk", "appointment_id", "recipient", "told"
    ):
        if pk not in asked:
            last[appointment_id, role] = pk, told
    return {
        pk: last[key][0]
        for pk, message in asked.items()
        if (key := (message.appointment_id, message.recipient)) in last
        if last[key][1] == gist(facts[message.appointment_id or 0])
    }
