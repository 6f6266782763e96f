"""The mail of the story, read from the inbox as it arrived, and what must hold for it."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from html import unescape
from pathlib import Path

from icalendar import Calendar, Component

from config.mailbox import ID_HEADER, Letter, first_text, header, letters, parts
from config.story.faults import StepFailed
from content.models import Snippet
from notifications.models import Exposure, Message


@dataclass(frozen=True)
class Received:
    """A message as it lies in the inbox, its invite, and the row that owed it."""

    message: Message
    letter: Letter
    mail: EmailMessage
    invite: bytes
    method: str
    event: Component

    @property
    def kind(self) -> str:
        return str(self.message.kind)

    @property
    def subject(self) -> str:
        return header(self.mail, "Subject")

    @property
    def calendar_file(self) -> Path:
        return self.letter.path.with_suffix(".ics")

    @property
    def sent_by_process(self) -> int:
        """The number of the process that sent it, 0 when nobody noted it."""
        return process_of(self.message)


def process_of(message: Message) -> int:
    number = message.sent_by.rpartition(":")[2]
    return int(number) if number.isdecimal() else 0


def find_letter(mailbox: Path, message: Message) -> Letter | None:
    """Return the newest letter in the inbox that carries the message's id, None when there is none yet."""
    for letter in letters(mailbox):
        if header(letter.message(), ID_HEADER).startswith(f"{message.name}@"):
            return letter
    return None


def opened(message: Message, letter: Letter) -> Received:
    """Read the letter, and put its invite beside it as a file of its own."""
    mail = letter.message()
    invites = [part.content for part in parts(mail) if part.content_type == "application/ics"]
    if len(invites) != 1:
        raise StepFailed(f"read the {message.kind}", f"it carries {len(invites)} invites, not one")
    calendar = Calendar.from_ical(invites[0])
    event = next(iter(calendar.walk("VEVENT")))
    received = Received(message, letter, mail, invites[0], str(calendar["METHOD"]), event)
    received.calendar_file.write_bytes(received.invite)
    return received


def check(received: Received, *, address: str, start_at: datetime) -> None:
    """Check whom it went to and that its invite is for the time that was booked."""
    step = f"check the {received.kind}"
    recipients = received.letter.envelope().get("rcpt_to")
    if recipients != [address]:
        raise StepFailed(step, f"it went to {recipients}")
    if received.method != "REQUEST":
        raise StepFailed(step, f"its invite says METHOD:{received.method}")
    if received.event.decoded("DTSTART") != start_at:
        raise StepFailed(step, f"its invite starts at {received.event.decoded('DTSTART')}, not at {start_at}")


def check_same_event(first: Received, second: Received) -> None:
    """Check that a calendar will take both invites for one and the same event."""
    for name in ("UID", "SEQUENCE"):
        one, other = str(first.event.get(name, 0)), str(second.event.get(name, 0))
        if one != other:
            raise StepFailed("compare the invites", f"{name} is {one} in one and {other} in the other")


def note_in(received: Received) -> str:
    """Return the title of the note it carries. Raises StepFailed unless text, HTML and calendar have it."""
    step = f"find the note in the {received.kind}"
    slug = Exposure.objects.filter(message_id=received.message.pk).values_list("snippet", flat=True).first()
    if not slug:
        raise StepFailed(step, "none was chosen")
    title = Snippet.objects.get(slug=slug).title
    leaves = parts(received.mail)
    places = {
        "text": first_text(leaves, "text/plain") or "",
        "HTML": unescape(first_text(leaves, "text/html") or ""),
        "calendar": str(received.event.get("DESCRIPTION", "")),
    }
    without = [place for place, words in places.items() if title not in " ".join(words.split())]
    if without:
        raise StepFailed(step, f"“{title}” is not in its {' and not in its '.join(without)}")
    return title
