"""What the README says, done: its commands run as they stand there, against a studio started by `manage.py up`."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
import requests
from icalendar import Calendar, Component

from config.embedded.places import Place
from config.embedded.postgres import Postgres
from config.env import BASE_DIR
from config.mailbox import Letter, letters
from tests.faults.house import eventually

README = (BASE_DIR / "README.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8000"
STARTS_WITHIN_SECONDS, ENDS_WITHIN_SECONDS, MAIL_WITHIN_SECONDS = 120, 40, 30
LARGEST_PICTURE_BYTES = 150_000
# In a place of its own: the checkout's is for whoever works in it.
PROGRAM = """
import sys
from pathlib import Path
import manage
from config.embedded import environment
from config.embedded.places import Place
environment.PLACES["up"] = Place(Path(sys.argv[1]))
sys.exit(manage.main(["manage.py", "up", "--no-color"]))
"""
# curl is told here, not on its command lines, to show the heads and to mark where an answer ends.
END = "=== end of the answer ==="
END_OF_ANSWER = f"\n{END}\n".encode()
CURLRC = f'silent\nshow-error\ninclude\nmax-time = 20\nwrite-out = "\\n{END}\\n"\n'


@dataclass(frozen=True)
class Answer:
    status: int
    head: str
    body: bytes

    @classmethod
    def read(cls, octets: bytes) -> "Answer":
        head, _, body = octets.partition(b"\r\n\r\n")
        return cls(int(head.split()[1]), head.decode().lower(), body)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_replay(self) -> bool:
        return "idempotency-replayed: true" in self.head


@dataclass(frozen=True)
class Studio:
    """What `manage.py up` brought up, and a terminal beside it."""

    place: Place
    address: str

    def type(self, block: str, **variables: str) -> list[Answer]:
        """Run one block of the README in bash; of all it says only the port is changed."""
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.replace(ADDRESS, self.address)],
            cwd=BASE_DIR,
            env={"PATH": os.environ["PATH"], "CURL_HOME": str(self.place.root.parent), **variables},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        *answers, rest = ran.stdout.split(END_OF_ANSWER)
        assert rest == b""
        return [Answer.read(octets) for octets in answers]

    def count(self, statement: LiteralString, *values: object) -> int:
        with closing(psycopg.connect(Postgres(self.place).url)) as connection:
            row = connection.execute(statement, values).fetchone()
        assert row
        return int(row[0])

    def invite(self, number: int, *, to: str) -> tuple[str, Component]:
        """The method and the event in the mail of this number to them, once it has arrived."""
        arrived = eventually(lambda: len(self._letters(to)) >= number, within_seconds=MAIL_WITHIN_SECONDS)
        assert arrived, f"mail {number} never came"
        mail = self._letters(to)[number - 1].message()
        (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        return method_and_event(part.get_payload(decode=True))

    def _letters(self, to: str) -> list[Letter]:
        newest_first = letters(self.place.root / "mailbox")
        return [letter for letter in reversed(newest_first) if letter.envelope().get("rcpt_to") == [to]]


def method_and_event(octets: Any) -> tuple[str, Component]:
    calendar = Calendar.from_ical(octets)
    return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]


@contextmanager
def started(place: Place) -> Iterator[Studio]:
    """Run `manage.py up` as a user would who has set nothing but a port, until Ctrl-C."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    said = place.root.parent / "said"
    with said.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, place.root],
            cwd=BASE_DIR,
            env={**bare, "PORT": "0"},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually(
            lambda: "Ctrl-C" in said.read_text() or running.poll() is not None, within_seconds=STARTS_WITHIN_SECONDS
        )
        found = re.search(r"http://127\.0\.0\.1:\d+", said.read_text())
        assert found, said.read_text()
        yield Studio(place, found[0])
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(ENDS_WITHIN_SECONDS) == 0, said.read_text()


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    folder = Path(tempfile.mkdtemp(prefix="stillpoint-readme-"))
    folder.chmod(0o755)  # the services may run as another user
    (folder / ".curlrc").write_text(CURLRC)
    place = Place(folder / "studio")
    try:
        with started(place) as up:
            yield up
    finally:
        place.remove()
        shutil.rmtree(folder, ignore_errors=True)


def the_block_with(words: str) -> str:
    (block,) = [block for block in BLOCKS if words in block]
    return str(block)


LOOK, BOOK, AFTERWARDS = map(the_block_with, ("/api/v1/slots/", "Idempotency-Key", "/cancel/"))


@dataclass(frozen=True)
class Tour:
    """What the five minutes with curl led to, and the appointment as it was before the last of them."""

    looks: list[Answer]
    bookings: list[Answer]
    afterwards: list[Answer]
    appointments: int


@pytest.fixture(scope="module")
def tour(studio: Studio) -> Tour:
    """The tour, walked from start to end: each of its blocks once, the booking twice, as the text has it."""
    looks = studio.type(LOOK)
    slots = [slot["start"] for day in looks[-1].json["days"] for slot in day["slots"]]
    assert slots, looks[-1].body
    book = BOOK.replace("START=...", f"START={slots[0]}")
    bookings = [answer for _ in range(2) for answer in studio.type(book)]
    assert bookings[0].status == 201, bookings[0].body
    studio.invite(1, to="kim@example.com")
    appointments = studio.count(
        "SELECT count(*) FROM booking_appointment WHERE client_id IN (SELECT id FROM booking_client WHERE email = %s)",
        "kim@example.com",
    )
    names = {"REFERENCE": bookings[0].json["reference"], "TOKEN": bookings[0].json["token"]}
    return Tour(looks, bookings, studio.type(AFTERWARDS, **names), appointments)


@pytest.mark.processes
class TestFiveMinutesWithCurl:
    def test_find_the_studio_its_services_and_free_times(self, tour: Tour) -> None:
        assert [answer.status for answer in tour.looks] == [200, 200, 200]
        locations, services, _slots = tour.looks
        assert "harbour" in [each["slug"] for each in locations.json["results"]]
        variations = [variation["slug"] for each in services.json["results"] for variation in each["variations"]]
        assert "swedish-60" in variations

    def test_book_once_however_often_it_is_sent(self, tour: Tour) -> None:
        first, second = tour.bookings

        assert (first.status, first.is_replay) == (201, False)
        assert (second.status, second.is_replay) == (201, True)
        assert second.body == first.body
        assert tour.appointments == 1

    def test_bring_the_confirmation(self, studio: Studio, tour: Tour) -> None:
        method, event = studio.invite(1, to="kim@example.com")

        assert method == "REQUEST"
        assert event.decoded("DTSTART") == datetime.fromisoformat(tour.bookings[0].json["start"])
        assert "kim@example.com" in requests.get(f"{studio.address}/dev/mail/", timeout=10).text

    def test_read_the_appointment_and_its_calendar_file(self, tour: Tour) -> None:
        seen, invite, _ended = tour.afterwards

        assert (seen.status, seen.json["status"]) == (200, "booked")
        assert invite.status == 200
        assert method_and_event(invite.body)[0] == "PUBLISH"

    def test_end_with_a_mail_that_takes_it_out_of_the_calendar(self, studio: Studio, tour: Tour) -> None:
        ended = tour.afterwards[-1]
        assert (ended.status, ended.json["status"]) == (200, "cancelled")

        method, event = studio.invite(2, to="kim@example.com")

        assert method == "CANCEL"
        assert event["UID"] == studio.invite(1, to="kim@example.com")[1]["UID"]


def addresses() -> list[str]:
    """Every address of the text; those that are given to curl are in the tour."""
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.DOTALL | re.MULTILINE)
    return sorted(set(re.findall(rf"{ADDRESS}[\w/.-]*", prose)))


@pytest.mark.processes
class TestAnAddress:
    @pytest.mark.parametrize("address", addresses())
    def test_answers(self, studio: Studio, address: str) -> None:
        answer = requests.get(address.replace(ADDRESS, studio.address), timeout=10)

        assert answer.status_code == 200, answer.text[:500]

    def test_of_the_settings_opens_to_the_password_beside_it(self, studio: Studio) -> None:
        found = re.search(rf"{ADDRESS}(/admin/) .*`(\S+@\S+)` / `(\S+)`", README)
        assert found
        path, user, password = found.groups()
        browser = requests.Session()
        door = browser.get(f"{studio.address}{path}", timeout=10)
        form = dict(re.findall(r'name="(csrfmiddlewaretoken|next)" value="([^"]*)"', door.text))

        inside = browser.post(door.url, data={**form, "username": user, "password": password}, timeout=10)

        assert (inside.status_code, inside.url) == (200, f"{studio.address}{path}")


class TestWhatItNames:
    def test_is_there(self) -> None:
        linked = re.findall(r"\]\((?!https?:)([^)#]+)", README) + re.findall(r'src="([^"]+)"', README)

        assert linked
        assert [name for name in linked if not (BASE_DIR / name).exists()] == []

    def test_can_be_made(self) -> None:
        targets = set(re.findall(r"^([a-z-]+):.*##", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))

        named = set(re.findall(r"\bmake ([a-z-]+)(?=`|\n)", README))  # in code, where the command ends
        assert named
        assert named <= targets

    def test_is_a_picture_that_loads_quickly(self) -> None:
        picture = (BASE_DIR / "docs/images/reminder.png").read_bytes()

        assert picture.startswith(b"\x89PNG")
        assert len(picture) < LARGEST_PICTURE_BYTES


class TestAPromise:
    def test_has_its_tests(self) -> None:
        """docs/architecture.md names them by the number of the promise."""
        promised = re.findall(r"^(\d)\. \*\*", README, re.MULTILINE)
        rows = re.findall(r"^\| (\d) \| (.*) \|$", (BASE_DIR / "docs/architecture.md").read_text(), re.MULTILINE)

        assert promised
        assert [number for number, _ in rows] == promised
        for number, row in rows:
            modules = re.findall(r"`(tests/\S+\.py)`", row)
            assert modules, number
            assert [name for name in modules if not has_tests(BASE_DIR / name)] == []


def has_tests(module: Path) -> bool:
    return module.is_file() and re.search(r"^    def test_", module.read_text(), re.MULTILINE) is not None
