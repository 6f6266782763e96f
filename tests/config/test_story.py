"""The demo's own checks: each of them can fail."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone

from config.embedded.faults import CannotStart
from config.inbox import Keeper
from config.mailbox import letters
from config.story import mail
from config.story.client import Client
from config.story.faults import StepFailed
from config.story.telling import Story, session_of
from notifications.models import Message

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NAME = "5f1c5f2e-77f4-4a51-9f0c-0d3a1f7f6a11.0.confirmation.client"
Receive = Callable[..., mail.Received]


def invite(
    *, method: str = "REQUEST", uid: str = "5f1c5f2e", sequence: int = 0, start: str = "20261124T093000Z"
) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Stillpoint//EN", f"METHOD:{method}", "BEGIN:VEVENT"]
    lines += [f"UID:{uid}", f"SEQUENCE:{sequence}", f"DTSTART:{start}", "DTSTAMP:20261122T010000Z"]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


@pytest.fixture
def receive(tmp_path: Path) -> Receive:
    """Put a mail with these invites into the inbox and open it."""

    def put(*invites: str, to: str = "robin@example.com") -> mail.Received:
        message = EmailMessage()
        message["X-Stillpoint-Message"] = f"{NAME}@127.0.0.1"
        message.set_content("See you on Tuesday.")
        for content in invites:
            message.add_attachment(content.encode(), maintype="application", subtype="ics", filename="invite.ics")
        octets = message.as_bytes(policy=SMTP)
        envelope = SimpleNamespace(mail_from="hello@example.com", rcpt_tos=[to], original_content=octets)
        Keeper(tmp_path).keep(envelope, peer=("127.0.0.1", 40_000), received_at=START)
        return mail.opened(Message(name=NAME, kind="confirmation", sent_by="here:77"), letters(tmp_path)[0])

    return put


class TestOpeningAMail:
    def test_puts_the_invite_beside_it(self, receive: Receive) -> None:
        received = receive(invite())

        assert received.calendar_file.read_bytes() == invite().encode()
        assert received.calendar_file.stem == received.letter.name

    @pytest.mark.parametrize("invites", [[], [invite(), invite()]])
    def test_fails_without_exactly_one_invite(self, invites: list[str], receive: Receive) -> None:
        with pytest.raises(StepFailed, match=f"read the confirmation: it carries {len(invites)} invites"):
            receive(*invites)

    def test_finds_the_letter_of_a_message_by_its_id(self, receive: Receive, tmp_path: Path) -> None:
        received = receive(invite())

        assert mail.find_letter(tmp_path, received.message) == received.letter
        assert mail.find_letter(tmp_path, Message(name=NAME.replace("confirmation", "reminder-1"))) is None


class TestCheckingAMail:
    def test_passes_when_it_says_what_was_booked(self, receive: Receive) -> None:
        mail.check(receive(invite()), address="robin@example.com", start_at=START)

    @pytest.mark.parametrize(
        ("changed", "why"),
        [({"method": "PUBLISH"}, "METHOD:PUBLISH"), ({"start": "20261124T103000Z"}, "starts at 2026-11-24 10:30")],
    )
    def test_fails_for_another_invite(self, changed: dict[str, str], why: str, receive: Receive) -> None:
        with pytest.raises(StepFailed, match=f"check the confirmation: its invite .*{why}"):
            mail.check(receive(invite(**changed)), address="robin@example.com", start_at=START)

    def test_fails_when_it_went_to_somebody_else(self, receive: Receive) -> None:
        with pytest.raises(StepFailed, match=r"it went to \['sam@example.com'\]"):
            mail.check(receive(invite(), to="sam@example.com"), address="robin@example.com", start_at=START)

    @pytest.mark.parametrize("changed", [{"uid": "another"}, {"sequence": 1}])
    def test_fails_when_two_mails_carry_two_events(self, changed: dict[str, object], receive: Receive) -> None:
        confirmation = receive(invite())

        with pytest.raises(StepFailed, match="compare the invites"):
            mail.check_same_event(confirmation, receive(invite(**changed)))

    @pytest.mark.django_db
    def test_fails_without_a_note(self, receive: Receive) -> None:
        with pytest.raises(StepFailed, match="find the note in the confirmation: none was chosen"):
            mail.note_in(receive(invite()))


class TestWaiting:
    @pytest.fixture
    def story(self) -> Story:
        console = SimpleNamespace(say=lambda _text: None, tick=lambda _text, **_: None)
        studio = SimpleNamespace(supervisor=SimpleNamespace(console=console), check=lambda: None, logs=Path("log"))
        return Story(studio, clock=timezone.now)

    def test_ends_as_soon_as_there_is_something(self, story: Story) -> None:
        assert story.wait_for("wait", iter([None, None, "it"]).__next__, seconds=5) == "it"

    def test_has_an_end(self, story: Story) -> None:
        with pytest.raises(StepFailed, match="wait for it: nothing within 0 s"):
            story.wait_for("wait for it", lambda: None, seconds=0.2)

    def test_ends_when_a_program_has_ended(self, story: Story) -> None:
        def ended() -> None:
            raise CannotStart("worker has ended")

        story.studio.check = ended

        with pytest.raises(CannotStart, match="worker has ended"):
            story.wait_for("wait", lambda: None, seconds=60)


class TestTheSender:
    @pytest.fixture
    def program(self) -> Iterator[subprocess.Popen[bytes]]:
        with subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, start_new_session=True
        ) as process:
            yield process

    def test_is_known_by_the_session_of_its_program(self, program: subprocess.Popen[bytes]) -> None:
        assert session_of(program.pid) == program.pid

    def test_is_nobody_when_the_process_is_gone(self, program: subprocess.Popen[bytes]) -> None:
        program.communicate()

        assert session_of(program.pid) == 0
        assert session_of(0) == 0

    @pytest.mark.parametrize(("written", "process"), [("host:77", 77), ("host", 0), ("", 0), ("host:web", 0)])
    def test_is_read_from_the_row(self, written: str, process: int) -> None:
        assert mail.process_of(Message(sent_by=written)) == process


class TestTheClient:
    def test_says_what_it_asked_when_nobody_answers(self) -> None:
        with pytest.raises(StepFailed, match=r"GET /api/v1/locations/.* ConnectionRefusedError"):
            Client("http://127.0.0.1:1").find_a_time(earliest=START)
