"""One call: to the address that was checked, in bounded time, reading a bounded answer, following nothing.

Python's own HTTP client, because it does no more than this: no proxies from the environment, no redirects, no
unpacking of what is compressed, and a socket that we open ourselves.
"""

import http.client
import io
import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from notifications.webhooks import addresses
from notifications.webhooks.addresses import IP, NotCalled, Place

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
TOTAL_SECONDS = 15.0
LONGEST_ANSWER_BYTES = 4096  # no more is read, whatever the receiver goes on to say
KEPT_CHARACTERS = 500
LONGEST_WAIT_SECONDS = 9 * 60 * 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said, or, with status None, why it said nothing.

    `text` is how its answer began, printable. `retry_after` is in seconds, when it asked for a pause.
    """

    status: int | None
    text: str = ""
    words: str = ""
    retry_after: int = 0

    @property
    def is_yes(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299

    @property
    def is_gone(self) -> bool:
        return self.status == http.client.GONE

    @property
    def kept_us_waiting(self) -> bool:
        return self.status is None


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Call once; never raises for what a receiver or the network does. Takes about TOTAL_SECONDS at most."""
    deadline = time.monotonic() + TOTAL_SECONDS
    try:
        place = addresses.place_of(url)
        reached = addresses.allowed(place)
        with _connected(place, reached, deadline=deadline) as line:
            return _asked(place, _Line(line, deadline), body, headers)
    except NotCalled as error:
        return Answer(None, words=str(error))
    except TimeoutError:
        return Answer(None, words="It did not answer in time.")
    except ssl.SSLError:
        return Answer(None, words="Its certificate is not one we can trust, or it speaks no TLS that we do.")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, words=f"It could not be reached, or did not speak HTTP ({type(error).__name__}).")


def _connected(place: Place, reached: list[IP], *, deadline: float) -> socket.socket:
    """Return a connection to one of the addresses. Raises OSError."""
    give_up = min(deadline, time.monotonic() + CONNECT_SECONDS)
    for ip in reached[:-1]:
        with suppress(OSError):
            return _wrapped(place, _to(ip, place.port, give_up), deadline)
    return _wrapped(place, _to(reached[-1], place.port, give_up), deadline)


def _to(ip: IP, port: int, give_up: float) -> socket.socket:
    """Open a connection to a number: no name is looked up again between the check and the call."""
    line = socket.socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        line.settimeout(_left(give_up))
        line.connect((str(ip), port))
    except BaseException:
        line.close()
        raise
    return line


def _wrapped(place: Place, line: socket.socket, deadline: float) -> socket.socket:
    if place.scheme == "http":
        return line
    try:
        line.settimeout(min(READ_SECONDS, _left(deadline)))
        return ssl.create_default_context().wrap_socket(line, server_hostname=place.host.rstrip("."))
    except BaseException:
        line.close()
        raise


def _left(deadline: float) -> float:
    """Return the seconds that are left. Raises TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Reading(io.RawIOBase):
    """What a receiver says; every read ends by the deadline, so that a byte a second keeps nobody for ever."""

    def __init__(self, line: socket.socket, deadline: float) -> None:
        self._line = line
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._line.settimeout(min(READ_SECONDS, _left(self._deadline)))
        return self._line.recv_into(buffer)


class _Line:
    """The part of a socket that http.client uses. It is closed by whoever opened it."""

    def __init__(self, line: socket.socket, deadline: float) -> None:
        self._line = line
        self._deadline = deadline

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._line, self._deadline))

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(min(READ_SECONDS, _left(self._deadline)))
        self._line.sendall(data)

    def close(self) -> None:
        pass


def _asked(place: Place, line: _Line, body: bytes, headers: dict[str, str]) -> Answer:
    asking = http.client.HTTPConnection(place.host, place.port)
    asking.sock = line
    plain = {"Host": place.netloc, "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "Stillpoint"}
    asking.request("POST", place.target, body, {**plain, "Content-Type": "application/json", **headers})
    answered = asking.getresponse()
    kept = b""
    with suppress(OSError, http.client.HTTPException, ValueError):  # the status is the answer
        while len(kept) < LONGEST_ANSWER_BYTES and (piece := answered.read1(LONGEST_ANSWER_BYTES - len(kept))):
            kept += piece
    return Answer(answered.status, _printable(kept), "", _seconds(answered.headers.get("Retry-After", "")))


def _printable(answer: bytes) -> str:
    text = answer.decode("utf-8", "replace")
    return "".join(character if character.isprintable() else " " for character in text).strip()[:KEPT_CHARACTERS]


def _seconds(retry_after: str) -> int:
    """Return the pause a receiver asks for, in seconds; one given as a date, or none, counts as none."""
    return min(int(retry_after), LONGEST_WAIT_SECONDS) if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()) else 0
