"""The local inbox, over real SMTP."""

import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.env import BASE_DIR
from config.inbox import Keeper

pytestmark = pytest.mark.processes

AT_ONCE, EACH = 12, 8


@dataclass(frozen=True)
class Inbox:
    port: int
    folder: Path
    process: subprocess.Popen[str]

    def connect(self) -> smtplib.SMTP:
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="test", timeout=10)

    def kept_for(self, address: str) -> list[Path]:
        """The messages whose envelope names the address, oldest first."""
        envelopes = sorted(self.folder.glob("*.json"))
        mine = [path for path in envelopes if address in json.loads(path.read_text())["rcpt_to"]]
        return [path.with_suffix(".eml") for path in mine]


def environment(**changes: str) -> dict[str, str]:
    return os.environ | {"STILLPOINT_LOCAL": "true", "INBOX_PORT": "0"} | changes


def command(*options: str) -> list[str]:
    return [sys.executable, *options, "-m", "config.inbox"]


@contextmanager
def running_inbox(folder: Path) -> Iterator[Inbox]:
    with subprocess.Popen(
        command("-W", "error"),
        cwd=BASE_DIR,
        env=environment(MAILBOX_DIR=str(folder)),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        port = re.search(r"ready on 127\.0\.0\.1:(\d+)", line)
        assert port, line
        try:
            yield Inbox(int(port[1]), folder, process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inbox]:
    with running_inbox(tmp_path_factory.mktemp("inbox") / "mail") as running:
        yield running


class TestTheInbox:
    def test_keeps_a_message_octet_for_octet(self, inbox: Inbox) -> None:
        octets = b"Subject: dots\r\n\r\n.one dot\r\n..two\r\n.\r\n\xff\xfe not UTF-8\r\n\r\n trailing \r\n"

        with inbox.connect() as session:
            session.sendmail("studio@example.com", ["octets@example.com"], octets)

        (kept,) = inbox.kept_for("octets@example.com")
        assert kept.read_bytes() == octets

    def test_notes_the_envelope_beside_it_and_not_in_it(self, inbox: Inbox) -> None:
        before = datetime.now(UTC)

        with inbox.connect() as session:
            session.sendmail("bounces@example.com", ["kim@example.com", "sam@example.com"], b"To: undisclosed\r\n\r\n")
            peer = session.sock.getsockname()

        (kept,) = inbox.kept_for("kim@example.com")
        envelope = json.loads(kept.with_suffix(".json").read_text())
        assert envelope["mail_from"] == "bounces@example.com"
        assert envelope["rcpt_to"] == ["kim@example.com", "sam@example.com"]
        assert envelope["peer"] == f"127.0.0.1:{peer[1]}"
        assert before <= datetime.fromisoformat(envelope["received_at"]) <= datetime.now(UTC)
        assert envelope["octets"] == kept.stat().st_size == len(b"To: undisclosed\r\n\r\n")

    def test_loses_none_of_many_sessions_at_once(self, inbox: Inbox) -> None:
        def send(sender: int) -> list[bytes]:
            sent = [f"Subject: {sender}.{number}\r\n\r\n".encode() for number in range(EACH)]
            with inbox.connect() as session:
                for octets in sent:
                    session.sendmail("studio@example.com", ["crowd@example.com"], octets)
            return sent

        with ThreadPoolExecutor(AT_ONCE) as senders:
            sent = [octets for batch in senders.map(send, range(AT_ONCE)) for octets in batch]

        kept = inbox.kept_for("crowd@example.com")
        assert sorted(path.read_bytes() for path in kept) == sorted(sent)
        assert not list(inbox.folder.glob("*.part"))

    def test_names_files_so_that_they_sort_by_arrival(self, inbox: Inbox) -> None:
        with inbox.connect() as session:
            for number in range(5):
                session.sendmail("studio@example.com", ["order@example.com"], f"Subject: {number}\r\n\r\n".encode())

        kept = inbox.kept_for("order@example.com")
        assert [path.read_bytes()[9:10] for path in kept] == [b"0", b"1", b"2", b"3", b"4"]

    def test_takes_a_message_of_forty_megabytes(self, inbox: Inbox) -> None:
        octets = b"Subject: big\r\n\r\n" + (b"x" * 998 + b"\r\n") * 40_000

        with inbox.connect() as session:
            session.sendmail("studio@example.com", ["big@example.com"], octets)

        (kept,) = inbox.kept_for("big@example.com")
        assert kept.stat().st_size == len(octets)

    def test_answers_a_line_over_the_limit_with_500_and_keeps_nothing(self, inbox: Inbox) -> None:
        """RFC 5321 4.5.3.1.6: a real server may refuse it, so the local one does."""
        with inbox.connect() as session, pytest.raises(smtplib.SMTPDataError, match="Line too long"):
            session.sendmail("studio@example.com", ["long@example.com"], b"x" * 1100 + b"\r\n")

        assert inbox.kept_for("long@example.com") == []

    def test_takes_addresses_outside_ascii(self, inbox: Inbox) -> None:
        with inbox.connect() as session:
            session.ehlo()
            session.sendmail(
                "studio@example.com",
                ["jürgen@example.com"],
                b"Subject: \xc3\xbc\r\n\r\n",
                mail_options=["SMTPUTF8", "BODY=8BITMIME"],
            )

        (kept,) = inbox.kept_for("jürgen@example.com")
        assert kept.read_bytes() == b"Subject: \xc3\xbc\r\n\r\n"

    def test_keeps_nothing_of_a_message_that_breaks_off(self, inbox: Inbox) -> None:
        with inbox.connect() as session:
            session.ehlo()
            session.mail("studio@example.com")
            session.rcpt("broken@example.com")
            session.docmd("DATA")
            session.send(b"Subject: half\r\n\r\nand then")
            session.close()

        with inbox.connect() as session:
            session.sendmail("studio@example.com", ["after@example.com"], b"\r\n")

        assert inbox.kept_for("broken@example.com") == []
        assert len(inbox.kept_for("after@example.com")) == 1


class TestNaming:
    def test_never_writes_over_a_message_when_the_clock_stands_still(self, tmp_path: Path) -> None:
        @dataclass
        class Envelope:
            original_content: bytes
            mail_from: str = "studio@example.com"
            rcpt_tos: tuple[str, ...] = ("kim@example.com",)

        noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
        peer = ("127.0.0.1", 40_000)

        # A keeper started anew counts from one again.
        first = Keeper(tmp_path).keep(Envelope(b"first"), peer=peer, received_at=noon)
        second = Keeper(tmp_path).keep(Envelope(b"second"), peer=peer, received_at=noon)

        assert (tmp_path / first).read_bytes() == b"first"
        assert (tmp_path / second).read_bytes() == b"second"
        assert first == "20261124T120000000000Z-000001.eml"


class TestStartingAndStopping:
    def test_ends_with_status_0_on_sigterm_though_a_session_is_open(self, tmp_path: Path) -> None:
        with running_inbox(tmp_path) as inbox:
            session = inbox.connect()
            session.ehlo()

            inbox.process.send_signal(signal.SIGTERM)

            assert inbox.process.wait(timeout=5) == 0
            session.close()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            (
                {"STILLPOINT_LOCAL": "false"},
                "error: the inbox is for local use only. Set STILLPOINT_LOCAL=true",
            ),
            ({"STILLPOINT_LOCAL": "perhaps"}, "error: STILLPOINT_LOCAL must be true or false"),
            ({"MAILBOX_DIR": ""}, "error: MAILBOX_DIR is not set."),
            ({"MAILBOX_DIR": "/dev/null/mail"}, "error: MAILBOX_DIR cannot be used"),
            ({"INBOX_PORT": "lots"}, "error: INBOX_PORT must be a whole number"),
        ],
    )
    def test_is_refused_with_status_78_when_it_is_set_wrongly(
        self, changes: dict[str, str], sentence: str, tmp_path: Path
    ) -> None:
        wrong = environment(MAILBOX_DIR=str(tmp_path)) | changes

        ended = subprocess.run(
            command(), cwd=BASE_DIR, env=wrong, capture_output=True, text=True, timeout=30, check=False
        )

        assert ended.returncode == 78
        assert ended.stderr.startswith(sentence)
        assert ended.stderr.count("\n") == 1

    def test_is_refused_without_word_of_being_local(self, tmp_path: Path) -> None:
        """Production does not set STILLPOINT_LOCAL at all."""
        production = environment(MAILBOX_DIR=str(tmp_path))
        del production["STILLPOINT_LOCAL"]

        ended = subprocess.run(command(), cwd=BASE_DIR, env=production, capture_output=True, timeout=30, check=False)

        assert ended.returncode == 78

    def test_ends_with_status_69_when_its_port_is_taken(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            clash = environment(MAILBOX_DIR=str(tmp_path), INBOX_PORT=port)

            ended = subprocess.run(
                command(), cwd=BASE_DIR, env=clash, capture_output=True, text=True, timeout=30, check=False
            )

        assert ended.returncode == 69
        assert (
            ended.stderr
            == f"error: port {port} cannot be opened: address already in use. Set INBOX_PORT to a free one.\n"
        )
