"""A CalDAV server keeps our invites and downloads as they are. Covers messaging.md check 26."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import requests

from tests.peers.cases import CASES, Case
from tests.peers.readers import Reading, read_with_icalendar

pytestmark = pytest.mark.processes

START_SECONDS = 20
MINUTE = timedelta(minutes=1)
DESK = ("desk", "")
NEW = {"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"}
ASKED = """<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<d:prop><d:getetag/></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
<c:time-range start="{starts}" end="{ends}"/>
</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"""


@pytest.fixture(scope="module")
def server_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Radicale server that is ready."""
    folder = tmp_path_factory.mktemp("radicale")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server-hosts": f"127.0.0.1:{port}",
        "storage-filesystem-folder": str(folder),
        "auth-type": "none",
        "rights-type": "authenticated",
        "web-type": "none",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "radicale", "--config=", *arguments]
    with (folder / "radicale.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            _until_it_listens(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def calendar_address(server_address: str) -> str:
    """The address of an empty calendar there."""
    address = f"{server_address}/desk/{uuid4()}/"
    made = requests.request("MKCALENDAR", address, auth=DESK, timeout=START_SECONDS)
    assert made.status_code == 201, made.text
    return address


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


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
class TestAnInvite:
    """Check 26: RFC 4791 4.1 allows no METHOD in a stored object, so programs leave it out, as we do here."""

    def test_is_taken_by_a_caldav_server_and_read_back_equal(self, calendar_address: str, case: Case) -> None:
        content = case.content()
        stored = b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(b"METHOD:"))
        where = f"{calendar_address}{case.facts.uid}.ics"

        taken = requests.put(where, data=stored, headers=NEW, auth=DESK, timeout=10)
        kept = requests.get(where, auth=DESK, timeout=10)

        assert taken.status_code == 201, taken.text
        assert (kept.status_code, kept.headers["ETag"]) == (200, taken.headers["ETag"])
        assert b"METHOD" not in kept.content
        assert _read(kept.content, case) == _read(stored, case)
        case.is_understood(_read(kept.content, case))

    def test_is_found_by_its_time(self, calendar_address: str, case: Case) -> None:
        """RFC 4791 7.8.1: the server has understood when it is; an hour later there is nothing."""
        stored = case.content().replace(b"METHOD:" + (case.method or "PUBLISH").encode() + b"\r\n", b"")
        requests.put(f"{calendar_address}{case.facts.uid}.ics", data=stored, headers=NEW, auth=DESK, timeout=10)

        for starts, found in ((case.facts.start_at, 1), (case.facts.end_at, 0)):
            answer = requests.request(
                "REPORT",
                calendar_address,
                data=ASKED.format(starts=f"{starts:%Y%m%dT%H%M%SZ}", ends=f"{starts + MINUTE:%Y%m%dT%H%M%SZ}"),
                headers={"Content-Type": "application/xml", "Depth": "1"},
                auth=DESK,
                timeout=10,
            )
            assert answer.status_code == 207, answer.text
            assert answer.text.count("<href>") == found


def _read(content: bytes, case: Case) -> Reading:
    method = f"METHOD:{case.method or 'PUBLISH'}\r\nBEGIN:VEVENT".encode()
    return read_with_icalendar(content.replace(b"BEGIN:VEVENT", method, 1))
