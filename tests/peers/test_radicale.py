"""A CalDAV server keeps what we offer for download. Covers messaging.md check 26."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from booking.ical import download
from tests.booking.visits import visit
from tests.peers.readers import Reading, read_with_icalendar

pytestmark = pytest.mark.processes

START_SECONDS = 20


@pytest.fixture
def calendar_address(tmp_path: Path) -> Iterator[str]:
    """The address of an empty calendar on a Radicale server that is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server-hosts": f"127.0.0.1:{port}",
        "storage-filesystem-folder": str(tmp_path),
        "auth-type": "none",
        "rights-type": "authenticated",
        "web-type": "none",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "radicale", "--config=", *arguments]
    with (tmp_path / "radicale.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            address = f"http://127.0.0.1:{port}/desk/visits/"
            _until_it_listens(port, server)
            made = requests.request("MKCALENDAR", address, auth=("desk", ""), timeout=START_SECONDS)
            assert made.status_code == 201, made.text
            yield address
        finally:
            server.terminate()


def _until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(START_SECONDS * 10):
        assert server.poll() is None, "Radicale ended before it listened"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            _a_moment(server)
        else:
            return
    pytest.fail("Radicale does not listen")


def _a_moment(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(timeout=0.1)
    except subprocess.TimeoutExpired:
        return


class TestADownload:
    def test_without_its_method_is_kept_by_a_caldav_server_and_read_back_equal(self, calendar_address: str) -> None:
        """Check 26: RFC 4791 4.1 allows no METHOD in a stored object."""
        content = download(visit())
        stored = content.replace(b"METHOD:PUBLISH\r\n", b"")

        answer = requests.put(
            f"{calendar_address}{visit().uid}.ics",
            data=stored,
            headers={"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"},
            auth=("desk", ""),
            timeout=10,
        )
        kept = requests.get(f"{calendar_address}{visit().uid}.ics", auth=("desk", ""), timeout=10)

        assert answer.status_code == 201, answer.text
        assert kept.status_code == 200
        assert _read(kept.content) == _read(content)


def _read(content: bytes) -> Reading:
    if b"METHOD:" not in content:
        content = content.replace(b"BEGIN:VEVENT", b"METHOD:PUBLISH\r\nBEGIN:VEVENT", 1)
    return read_with_icalendar(content)
