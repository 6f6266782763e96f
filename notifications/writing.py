"""What is true now about claimed messages, and the mail that says it: the same bytes for the same letter."""

import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from django.conf import settings

from booking import access, ical, queries
from booking.addresses import bare_address
from booking.events import AppointmentFacts
from booking.queries.answers import unanswered
from booking.wording import language_for
from content.queries import SnippetFacts
from notifications import heard, nudges, preferences, queue, quiet, summaries, truth, undo
from notifications.channels.mail import MailMessage, Sender, Subscription, UndeliverableAddress, message_id
from notifications.heard import NOTHING, Heard
from notifications.models import Kind, Message, Preference, State
from notifications.notices import Notice, notices
from notifications.render import Kind as Template
from notifications.render import MailFacts, note_in_text, render
from notifications.summary import DigestFacts, render_digest

logger = logging.getLogger(__name__)
NEWS_OF_A_TIME = (Kind.CONFIRMATION, Kind.RELOCATED, Kind.RESCHEDULED, Kind.REMINDER)
# The client's own page is named in these, and a file for the calendar unless it is only asked for.
AHEAD = (*NEWS_OF_A_TIME, Kind.REQUEST_RECEIVED, Kind.CANCEL_LINK)
TO_THE_STUDIO = (Kind.STAFF_DIGEST, Kind.DECLINED_INVITE)
FIRST = (Kind.CONFIRMATION, Kind.REQUEST_RECEIVED, Kind.WAITLIST_OFFER)
# No note has been translated and checked in another language, and no mail mixes two.
LANGUAGE_OF_NOTES = "en"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with all that its mail needs; the tokens are "" where it has no such link.

    `heard` is what they were told before; `unanswered` says that nobody answered their request.
    """

    message: Message
    facts: AppointmentFacts
    preference: Preference
    snippet: SnippetFacts | None = None
    manage_token: str = ""
    calendar_token: str = ""
    offer_token: str = ""
    heard: Heard = NOTHING
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A message with all that the studio's summary of a day needs."""

    message: Message
    facts: DigestFacts


Wanted = tuple[Message, AppointmentFacts, Preference]


def letters(messages: list[Message], *, now: datetime) -> Iterator[Letter | Summary | Notice]:
    """Read what is true now for all of them at once; end what is not to be sent; yield the rest.

    Summaries come last. But for those, the number of SQL statements does not grow with the number of messages.
    """
    # All is read before the first is handed over: what is sent is being recorded meanwhile (ledger.py).
    digests = _summaries([message for message in messages if message.kind == Kind.STAFF_DIGEST], now=now)
    told = notices(messages, now=now)
    wanted = _wanted([message for message in messages if message.kind not in TO_THE_STUDIO], now=now)
    if wanted:
        yield from _with_notes_and_links(wanted, now=now)
    yield from told
    yield from digests


def _summaries(messages: list[Message], *, now: datetime) -> list[Summary]:
    found: list[Summary] = []
    for message in messages:
        verdict = truth.against_summary(message, now=now)
        if verdict is None:
            found.append(Summary(message, summaries.facts_for(message, now=now)))
        else:
            queue.ended(message, *verdict)
    return found


def _wanted(messages: list[Message], *, now: datetime) -> list[Wanted]:
    """Return those that are to be sent, in order, and end the others."""
    facts = queries.facts_of({message.appointment_id for message in messages if message.appointment_id})
    known = {message.pk: facts.get(message.appointment_id or 0) for message in messages}
    addresses = [found.mail_of(message.recipient) for message in messages if (found := known[message.pk])]
    wishes = preferences.of(addresses, now=now)
    hours = quiet.hours_for(messages)
    said = undo.nothing_new(messages, facts)
    wanted: list[Wanted] = []
    ended: list[tuple[Message, State, str]] = []
    for message in messages:
        found = known[message.pk]
        wish = wishes.get(found.mail_of(message.recipient).lower()) if found else None
        verdict = truth.against(message, found, wish, now=now)
        if verdict is not None:
            ended.append((message, *verdict))
        elif message.pk in said:
            queue.lapsed(message, undo.NOTHING_NEW, after=said[message.pk])
        elif found is None or wish is None or quiet.put_off(message, hours, zone=found.time_zone, now=now):
            continue
        else:
            message.told = undo.gist(found)
            wanted.append((message, found, wish))
    queue.all_ended(ended)
    return wanted


def _with_notes_and_links(wanted: list[Wanted], *, now: datetime) -> Iterator[Letter]:
    notes = _notes(wanted, now=now)
    tokens = _tokens(wanted)
    told = heard.of({facts.appointment_id for message, facts, _ in wanted if not _opens_a_thread(message)})
    ended = [facts.appointment_id for message, facts, _ in wanted if message.kind == Kind.DECLINED]
    no_answer = unanswered(ended) if ended else set()
    for message, facts, wish in wanted:
        yield Letter(
            message,
            facts,
            wish,
            snippet=notes.get(message.pk),
            manage_token=tokens.get((message.pk, "manage"), ""),
            calendar_token=tokens.get((message.pk, "calendar"), ""),
            offer_token=tokens.get((message.pk, "offer"), ""),
            heard=told[facts.appointment_id, message.recipient].before(message),
            unanswered=facts.appointment_id in no_answer,
        )


def _tokens(wanted: list[Wanted]) -> dict[tuple[int, str], str]:
    """Issue the links that these mails need; return their tokens by message id and what the link is for.

    A hold may be gone by now, so it has no links but the one of its offer.
    """
    asked = [(message.pk, facts, purpose) for message, facts, _ in wanted for purpose in _purposes(message)]
    issued = access.issue_links([(facts.appointment_id, facts.end_at, purpose) for _, facts, purpose in asked])
    tokens = {(pk, purpose): token for (pk, _, purpose), token in zip(asked, issued, strict=True)}
    offers = [(message, facts) for message, facts, _ in wanted if message.kind == Kind.WAITLIST_OFFER]
    if offers:
        opened = access.issue_offer_links([(facts.appointment_id, facts.end_at) for _, facts in offers])
        tokens |= {(message.pk, "offer"): token for (message, _), token in zip(offers, opened, strict=True)}
    return tokens


def _purposes(message: Message) -> list[str]:
    """Return what its links are for. A partner comes along; moving and cancelling are the client's."""
    if message.kind not in AHEAD:
        return []
    manage = ["manage"] if message.recipient == "client" else []
    return manage if message.kind == Kind.CANCEL_LINK else [*manage, "calendar"]


def _opens_a_thread(message: Message) -> bool:
    return message.kind in FIRST and message.sequence == 0


def _notes(wanted: list[Wanted], *, now: datetime) -> dict[int, SnippetFacts]:
    """Return the chosen note by message id; none at all when choosing fails, for the mail must not wait for it."""
    asked = [
        (message, facts, nudges.reader_of(wish.address))
        for message, facts, wish in wanted
        if facts.tips and wish.tips and message.recipient == "client" and nudges.moment_of(message)
        if language_for(facts.language) == LANGUAGE_OF_NOTES
    ]
    if not asked:
        return {}
    try:
        return nudges.choose_for(asked, conflicting=queries.studio().conflicting_notes, now=now)
    except Exception as error:  # where it failed, and not what it says: that may lead to somebody
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("Choosing notes failed: %s; the mails go without one.\n%s", type(error).__name__, where)
        return {}


def compose(letter: Letter | Summary | Notice) -> MailMessage:
    """Return the mail, the same bytes for the same letter; dated when the message was owed."""
    return _to_a_client(letter) if isinstance(letter, Letter) else _to_the_studio(letter)


def _to_a_client(letter: Letter) -> MailMessage:
    message, facts = letter.message, letter.facts
    to = _deliverable(facts.mail_of(message.recipient))
    url = settings.PUBLIC_URL
    note = nudges.as_note(letter.snippet, public_url=url) if letter.snippet else None
    preferences_token = preferences.token_of(letter.preference)
    asked = facts.status == "pending"
    mail = MailFacts(
        appointment=facts,
        recipient=message.recipient,  # type: ignore[arg-type]  # the column holds these two words only
        manage_url=f"{url}/manage/{letter.manage_token}/" if letter.manage_token else "",
        calendar_url=f"{url}/calendar/{letter.calendar_token}.ics" if letter.calendar_token and not asked else "",
        offer_url=f"{url}/waitlist/{letter.offer_token}/" if letter.offer_token else "",
        preferences_url=f"{url}/preferences/{preferences_token}/",
        note=note,
        public_url=url,
        written_at=message.created_at,
        taken_back=letter.heard.last_answer if message.kind == Kind.REQUEST_RECEIVED else "",
        unanswered=letter.unanswered,
    )
    calendar = b""
    method = method_of(message, facts, letter.heard)
    if method is not None:
        calendar = ical.invite(
            facts,
            method=method,
            recipient=message.recipient,  # type: ignore[arg-type]
            stamped_at=message.created_at,
            url="",
            note=note_in_text(note) if note else "",
        )
    first = letter.heard.thread or f"{facts.uid}.0.{Kind.CONFIRMATION}.{message.recipient}"
    opens = message.kind in FIRST and not letter.heard.thread
    return MailMessage(
        rendered=render(cast(Template, str(message.kind)), mail, facts.language),
        sender=Sender(name=facts.studio_name, address=facts.studio_mail, reply_to=facts.studio_reply_to),
        to=to,
        id=message_id(message.name, public_url=url),
        dated_at=message.created_at,
        calendar=calendar,
        answers="" if opens else message_id(first, public_url=url),
        subscription=_subscription(message, preferences_token, facts),
    )


def method_of(message: Message, facts: AppointmentFacts, told: Heard) -> Literal["REQUEST", "CANCEL"] | None:
    """Return what the mail does to their calendar, None for nothing.

    What is only asked for stands in nobody's calendar. But an entry that we once sent is changed to tentative when
    it becomes a request again, and taken back when that ends: no entry may outlive what it tells of, and after a
    CANCEL its UID could not be used again (RFC 5546 2.1.5).
    """
    if message.kind in NEWS_OF_A_TIME:
        return "REQUEST" if facts.status != "pending" or told.has_an_invite else None
    if message.kind == Kind.REQUEST_RECEIVED:
        return "REQUEST" if told.has_an_invite else None
    if message.kind == Kind.DECLINED:
        return "CANCEL" if told.has_an_invite else None
    if message.kind == Kind.CANCELLED:
        return None if told.began_as_a_request and not told.has_an_invite else "CANCEL"
    return None


def _to_the_studio(letter: Summary | Notice) -> MailMessage:
    message, facts = letter.message, letter.facts
    if isinstance(letter, Summary):
        rendered = render_digest(letter.facts, message.rule.language if message.rule else "en")
    else:
        rendered = letter.rendered()
    return MailMessage(
        rendered=rendered,
        sender=Sender(name=facts.studio_name, address=facts.studio_mail, reply_to=facts.studio_reply_to),
        to=_deliverable(facts.studio_reply_to or facts.studio_mail),
        id=message_id(message.name, public_url=settings.PUBLIC_URL),
        dated_at=message.created_at,
    )


def _deliverable(address: str) -> str:
    """Return the address as the post office takes it. Raises UndeliverableAddress."""
    try:
        return bare_address(address)
    except ValueError as error:
        raise UndeliverableAddress(str(error)) from error


def _subscription(message: Message, token: str, facts: AppointmentFacts) -> Subscription | None:
    """Follow-ups can be left with one click; mail about an appointment cannot (RFC 8058, messaging check 45)."""
    if message.kind != Kind.FOLLOW_UP:
        return None
    host = settings.PUBLIC_URL.split("//")[1].split(":")[0]
    return Subscription(
        one_click_url=f"{settings.PUBLIC_URL}/api/v1/preferences/{token}/one-click/",
        mailto=facts.studio_reply_to or facts.studio_mail,
        list_id=f"follow-up.{host}",
    )
