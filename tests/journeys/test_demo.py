"""`manage.py demo` from start to end: real programs, real mail, in a place of its own."""

import fcntl
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from icalendar import Calendar, Component

from config.env import BASE_DIR

pytestmark = pytest.mark.processes

LONGEST_SECONDS = 240
LONGEST_SILENCE_SECONDS = 5 + 1  # the second is for a busy machine
# The demo's place is one for each checkout; a test must not touch what a developer's own demo left there.
PROGRAM = """
import sys
from pathlib import Path
import manage
from config.embedded import environment
from config.embedded.places import Place
environment.PLACES["demo"] = Place(Path(sys.argv[1]))
sys.exit(manage.main(["manage.py", "demo", *sys.argv[2:]]))
"""


@dataclass(frozen=True)
class Outcome:
    status: int
    said: list[str]
    silences: list[float]  # seconds before each line
    folder: str

    def file(self, label: str) -> Path:
        """The file that the summary names behind this label; its first, if there are two."""
        named = next(line for line in self.said if line.strip().startswith(label))
        return BASE_DIR / named.split()[-1]

    def mail(self, label: str) -> EmailMessage:
        return BytesParser(policy=policy.default).parsebytes(self.file(label).read_bytes())

    def event(self, label: str) -> Component:
        calendar = Calendar.from_ical(self.file(label).with_suffix(".ics").read_bytes())
        assert calendar["METHOD"] == "REQUEST"
        return next(iter(calendar.walk("VEVENT")))


def run_demo(folder: Path, **environment: str) -> Outcome:
    """Run the demo as a user would who has set nothing."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    said, silences, heard = [], [], time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, folder, "--no-color"],
        cwd=BASE_DIR,
        env=bare | environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            silences.append(time.monotonic() - heard)
            heard = time.monotonic()
            said.append(line.rstrip("\n"))
        status = process.wait(timeout=LONGEST_SECONDS)
    return Outcome(status, said, silences, str(folder))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Outcome:
    """One demo for the whole test run: of several workers the first runs it and the others read what became of it."""
    shared = tmp_path_factory.getbasetemp().parent / f"demo-{testrun_uid}"
    shared.mkdir(exist_ok=True)
    kept = shared / "outcome.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(asdict(run_demo(shared / "place"))))
    outcome = Outcome(**json.loads(kept.read_text()))
    assert outcome.status == 0, "\n".join(outcome.said)
    return outcome


class TestTheDemo:
    def test_names_the_mail_and_the_invite_of_a_confirmation_and_of_a_reminder(self, demo: Outcome) -> None:
        """They are there when the studio is gone."""
        named = [BASE_DIR / line.split()[-1] for line in demo.said if re.search(r"\.(eml|ics)$", line)]

        assert [path.suffix for path in named] == [".eml", ".ics", ".eml", ".ics"]
        assert all(path.is_file() for path in named)

    def test_sends_both_to_the_client(self, demo: Outcome) -> None:
        for label in ("Confirmation", "Reminder"):
            assert demo.mail(label)["To"] == "robin.vale@example.com"

    def test_gives_both_one_and_the_same_event(self, demo: Outcome) -> None:
        """messaging.md 1.7: a reminder's invite has the UID and SEQUENCE of the first."""
        confirmation, reminder = demo.event("Confirmation"), demo.event("Reminder")

        for name in ("UID", "SEQUENCE", "DTSTART", "DTEND"):
            assert confirmation.get(name, 0) == reminder.get(name, 0)

    def test_writes_the_invite_octet_for_octet_as_it_was_mailed(self, demo: Outcome) -> None:
        for label in ("Confirmation", "Reminder"):
            (attached,) = [
                part.get_payload(decode=True)
                for part in demo.mail(label).walk()
                if part.get_content_type() == "application/ics"
            ]
            assert demo.file(label).with_suffix(".ics").read_bytes() == attached

    def test_has_both_sent_by_a_process_of_the_worker(self, demo: Outcome) -> None:
        """The demo has looked into whose session the process that recorded the sending is."""
        told = "\n".join(demo.said)

        assert len(re.findall(r"sent over SMTP by the Celery worker, process \d+", told)) == 2

    def test_puts_a_note_into_both(self, demo: Outcome) -> None:
        notes = [line for line in demo.said if "with the note" in line]
        titles = [found[1] for line in notes if (found := re.search("“(.+)”", line))]

        assert len(titles) == 2
        for label, title in zip(("Confirmation", "Reminder"), titles, strict=True):
            text = demo.mail(label).get_body(("plain",))
            assert text
            assert title in " ".join(text.get_content().split())
            assert title in " ".join(str(demo.event(label)["DESCRIPTION"]).split())

    def test_is_never_silent_for_long(self, demo: Outcome) -> None:
        """From the first step of the story to its last: starting and stopping speak for themselves."""
        first = next(number for number, line in enumerate(demo.said) if "a time is free" in line)
        last = next(number for number, line in enumerate(demo.said) if "stopping" in line)

        assert max(demo.silences[first + 1 : last + 1]) < LONGEST_SILENCE_SECONDS

    def test_leaves_nothing_running(self, demo: Outcome) -> None:
        # Every program of the place has its folder on its command line or in its environment.
        mark = os.fsencode(demo.folder)
        found = [
            process.name
            for process in Path("/proc").glob("[0-9]*")
            if mark in _read(process / "cmdline") + _read(process / "environ")
        ]

        assert found == []


class TestWhenAStepFails:
    def test_says_which_one_and_where_the_logs_are_and_ends_with_status_1(self, tmp_path: Path) -> None:
        outcome = run_demo(tmp_path, EMAIL_URL="smtp://127.0.0.1:1")

        assert outcome.status == 1
        sentence = next((line for line in outcome.said if line.startswith("error:")), "\n".join(outcome.said))
        assert sentence.startswith("error: this step failed: open the inbox: EMAIL_URL leads to another mail server")
        assert str(tmp_path / "log") in sentence


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
