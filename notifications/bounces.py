"""What providers report of mails that had gone: they came back, or somebody called them spam.

django-anymail checks who reports and puts each provider's words into the same few. A report is taken once, however
often it comes. What came back for good stops all mail to that address; a complaint stops tips and follow-ups, and
mail about appointments goes on.
"""

import hashlib
import logging
from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.db import transaction

from notifications import preferences, queue
from notifications.channels.answers import words_of
from notifications.models import MailEvent, Message, Preference, State

logger = logging.getLogger(__name__)
CAME_BACK = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}
WANTS_NO_MORE = {EventType.COMPLAINED, EventType.UNSUBSCRIBED}
# A provider that refuses to try again because of what was before reports it in these words.
FOR_GOOD = {RejectReason.INVALID, RejectReason.BOUNCED}
COMPLAINED_BEFORE = {RejectReason.SPAM, RejectReason.UNSUBSCRIBED}
REASONS = {
    RejectReason.INVALID: "There is no such address.",
    RejectReason.BOUNCED: "Their mail server sent it back.",
    RejectReason.TIMED_OUT: "Their mail server could not be reached for days.",
    RejectReason.BLOCKED: "Their mail server did not let it in.",
    RejectReason.SPAM: "They have called an earlier mail spam, so the provider sends them none.",
    RejectReason.UNSUBSCRIBED: "They have unsubscribed at the provider, which sends them none.",
}
NOT_THE_ADDRESS = ("4.", "5.2.2", "5.7.")
OUR_HEADER = "x-stillpoint-message"
COULD_HAVE_GONE = (State.SENDING, State.SENT, State.UNKNOWN)


def subscribe() -> None:
    tracking.connect(on_report, dispatch_uid="notifications.bounces")


def on_report(sender: object, event: AnymailTrackingEvent, esp_name: str, **_: Any) -> None:
    take(event, provider=esp_name, now=queue.database_now())


def take(event: AnymailTrackingEvent, *, provider: str, now: datetime) -> bool:
    """Note what the report says; return whether it was news. What is of no interest is no news."""
    if event.event_type not in CAME_BACK | WANTS_NO_MORE:
        return False
    with transaction.atomic():
        if not _is_new(event, provider=provider, now=now):
            return False
        if event.event_type in CAME_BACK:
            _came_back(event, now=now)
        if event.event_type in WANTS_NO_MORE or event.reject_reason in COMPLAINED_BEFORE:
            _wants_no_more(event.recipient or "", now=now)
    return True


def _is_new(event: AnymailTrackingEvent, *, provider: str, now: datetime) -> bool:
    """Remember the report. Two at once: the second waits for the first, and is none."""
    parts = [provider, event.event_type, event.event_id or f"{event.message_id} {event.timestamp}", event.recipient]
    digest = hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()
    _, created = MailEvent.objects.get_or_create(digest=digest, defaults={"at": now})
    return created


def _came_back(event: AnymailTrackingEvent, *, now: datetime) -> None:
    words = _words(event)
    rows = Message.objects.filter(name__in=_names(event), state__in=COULD_HAVE_GONE)
    if not rows.update(state=State.BOUNCED, words=words[:300], lease_until=None):
        logger.warning("%s reports a mail that came back, and names none of ours.", event.event_type)
    if is_for_good(event) and event.recipient:
        address = event.recipient.lower()
        preferences.of([address], now=now)
        Preference.objects.filter(address=address, undeliverable_since=None).update(undeliverable_since=now)


def is_for_good(event: AnymailTrackingEvent) -> bool:
    """Say whether the address is at fault, so that the next mail would come back, too.

    A full mailbox, a policy and a server that is away are not: providers call those transient (Amazon SES), blocked
    (SendGrid) or give a status that says so (RFC 3463), and django-anymail calls all of them bounced.
    """
    if event.event_type == EventType.FAILED or event.reject_reason not in FOR_GOOD | {None}:
        return False
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    transient = str(event.description or "").lower().startswith("transient") or raw.get("type") == "blocked"
    return not transient and not str(raw.get("status", "")).startswith(NOT_THE_ADDRESS)


def _words(event: AnymailTrackingEvent) -> str:
    said = words_of(event.mta_response or event.description or "")
    known = REASONS.get(event.reject_reason or "", "It came back.")
    return f"{known} {said}".strip()


def _wants_no_more(address: str, *, now: datetime) -> None:
    if address:
        preferences.of([address], now=now)
        rows = Preference.objects.filter(address=address.lower())
        rows.update(tips=False, follow_ups=False, changed_at=now)


def _names(event: AnymailTrackingEvent) -> set[str]:
    """Return what the report may call the message: our own note on it, its Message-ID, or a header of it."""
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    headers = raw.get("mail", {}).get("headers", []) if isinstance(raw.get("mail"), dict) else []
    called = [header.get("value", "") for header in headers if str(header.get("name")).lower() == OUR_HEADER]
    called += [(event.metadata or {}).get("message", ""), event.message_id or ""]
    return {str(one).strip("<>").partition("@")[0] for one in called if one}
