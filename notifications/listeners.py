"""Event to outbox row, inside the booking's own transaction: both are there or neither (ADR 3).

Whoever comes or does not come is told nothing of it.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from booking import events, queries
from notifications import bell, heard, undo
from notifications.models import Kind
from notifications.undo import Folded
from notifications.webhooks import payload
from notifications.webhooks.listeners import LISTENING, tell

# Written out: a booking runs it while the diary is locked, and the ORM takes longer over it than PostgreSQL.
OWE = """
INSERT INTO notifications_message (appointment_id, kind, recipient, sequence, name, state, due_at, not_after, attempt,
  tries, crashes, unsure, may_lapse, created_at, sent_by, words, told)
SELECT %(appointment)s, kind, recipient, %(sequence)s, name, 'pending', %(due)s::timestamptz, %(until)s::timestamptz, 0,
  0, 0, false, may_lapse, %(at)s, '', '', ''
FROM json_to_recordset(%(owed)s) AS owed (recipient text, kind text, name text, may_lapse boolean)
"""
OWE_AND_ASK = f"WITH owed AS ({OWE}) {LISTENING}"


def on_booked(event: events.AppointmentBooked) -> None:
    """Owe the confirmation and tell the webhooks, in one statement: others wait for the diary meanwhile."""
    tell(event, _owe(event, Kind.CONFIRMATION, heard_as=payload.EVENTS[type(event)].value))


def on_rescheduled(event: events.AppointmentRescheduled) -> None:
    _owe(event, Kind.RESCHEDULED, folded=_forget_older(event))


def on_relocated(event: events.AppointmentRelocated) -> None:
    _owe(event, Kind.RELOCATED, folded=_forget_older(event))


def on_cancelled(event: events.AppointmentCancelled) -> None:
    _owe(event, Kind.CANCELLED, folded=_forget_older(event))


def on_requested(event: events.AppointmentRequested) -> None:
    _owe(event, Kind.REQUEST_RECEIVED)


def on_confirmed(event: events.AppointmentConfirmed) -> None:
    _owe(event, Kind.CONFIRMATION, folded=_forget_older(event))


def on_declined(event: events.AppointmentDeclined) -> None:
    _owe(event, Kind.DECLINED, folded=_forget_older(event))


def on_taken_back(event: events.AppointmentTakenBack) -> None:
    """Make true again what they were told: by dropping what has not gone yet, or by a mail that puts it right.

    Only an answer to a request was told at all; taken back, it leaves a request.
    """
    facts = queries.facts_of([event.appointment_id]).get(event.appointment_id)
    if facts is None or facts.status != "pending":
        return
    _forget_older(event)
    told = heard.of([event.appointment_id])
    wrong = [role for role in event.recipients if told[event.appointment_id, role].is_wrong_after(event.sequence)]
    _owe(event, Kind.REQUEST_RECEIVED, to=wrong)


def on_offered(event: events.WaitlistOffered) -> None:
    _owe(event, Kind.WAITLIST_OFFER, until=event.answer_until)


def on_invite_declined(event: events.InviteDeclined) -> None:
    """Tell the studio, and give the client the link that a no in a calendar is not."""
    _owe(event, Kind.DECLINED_INVITE, to=[role for role in event.recipients if role == "studio"])
    _owe(event, Kind.CANCEL_LINK, to=[role for role in event.recipients if role == "client"])


def subscribe() -> None:
    events.subscribe(events.AppointmentBooked, on_booked)
    events.subscribe(events.AppointmentRescheduled, on_rescheduled)
    events.subscribe(events.AppointmentRelocated, on_relocated)
    events.subscribe(events.AppointmentCancelled, on_cancelled)
    events.subscribe(events.AppointmentRequested, on_requested)
    events.subscribe(events.AppointmentConfirmed, on_confirmed)
    events.subscribe(events.AppointmentDeclined, on_declined)
    events.subscribe(events.AppointmentTakenBack, on_taken_back)
    events.subscribe(events.WaitlistOffered, on_offered)
    events.subscribe(events.InviteDeclined, on_invite_declined)


def _owe(
    event: events.AppointmentEvent,
    kind: Kind,
    *,
    to: Iterable[str] | None = None,
    until: datetime | None = None,
    folded: dict[str, Folded] | None = None,
    heard_as: str = "",
) -> list[int]:
    """Write one row a recipient, and ring for a worker once the booking is committed.

    `folded` is what was waiting to be told to each: see undo.py. With `heard_as`, the event's name for webhooks, it
    returns the keys of those that listen to it, ascending.
    """
    roles = event.recipients if to is None else tuple(to)
    if not roles and not heard_as:
        return []
    pause = undo.pause(event)
    owed = undo.owed(event, kind, roles, folded=folded or {}, waits=pause > timedelta(0))
    rows = [
        {
            "recipient": one.recipient,
            "kind": one.kind,
            "name": message_name(event, one.kind, one.recipient),
            "may_lapse": one.may_lapse,
        }
        for one in owed
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            OWE_AND_ASK if heard_as else OWE,
            {
                "heard_as": heard_as,
                "appointment": event.appointment_id,
                "sequence": event.sequence,
                "at": event.happened_at,
                "due": event.happened_at + pause,
                "until": until,
                "owed": json.dumps(rows),
            },
        )
        listening = [webhook_id for (webhook_id,) in cursor.fetchall()] if heard_as else []
    if roles and not pause:
        transaction.on_commit(bell.ring, robust=True)
    return listening


def message_name(event: events.AppointmentEvent, kind: Kind, recipient: str) -> str:
    """Return what makes the message itself and no other, and becomes its Message-ID."""
    # To the studio about both of a pair: two messages, each named by who said no.
    about = event.role if isinstance(event, events.InviteDeclined) else recipient
    return f"{event.uid}.{event.sequence}.{kind}.{about}"


def _forget_older(event: events.AppointmentEvent) -> dict[str, Folded]:
    """Drop what is still waiting about the appointment as it was; return by role what that was."""
    return undo.fold(event, words=_overtaken(event.happened_at))


def _overtaken(at: datetime) -> str:
    return f"Overtaken by a change at {at:%Y-%m-%d %H:%M} UTC."
