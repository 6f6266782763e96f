"""An SMTP connection that waits a bounded time: for each reply, and for all of a message together.

A socket's timeout begins anew with every byte, so a server that trickles could hold a worker for hours.
"""

import smtplib
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.core.mail.backends.smtp import EmailBackend


class Patience:
    """Seconds left: for one reply, and within what `begin` allowed for everything."""

    def __init__(self, reply_seconds: float) -> None:
        self.reply_seconds = reply_seconds
        self._ends = time.monotonic() + reply_seconds

    def begin(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def reply_ends(self) -> float:
        """Return the monotonic instant by which a reply that is awaited from now on must be complete."""
        return min(time.monotonic() + self.reply_seconds, self._ends)


def seconds_until(ends: float) -> float:
    """Return what is left until the monotonic instant `ends`. Raises TimeoutError when that is nothing."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class _Lines:
    """What smtplib reads replies from, in place of a file: the same lines, each within bounds."""

    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        self._connection = connection
        self._patience = patience
        self._read = b""

    def readline(self, most: int) -> bytes:
        ends = self._patience.reply_ends()
        while b"\n" not in self._read and len(self._read) < most:
            self._connection.settimeout(seconds_until(ends))
            received = self._connection.recv(4096)
            if not received:
                break
            self._read += received
        line, newline, rest = self._read.partition(b"\n")
        self._read = rest
        return line + newline

    def close(self) -> None:
        """The socket is smtplib's to close."""


class PatientConnection(smtplib.SMTP):
    """Django's connection, with replies and sending bounded by `patience`."""

    def __init__(self, *args: Any, patience: Patience, **kwargs: Any) -> None:
        self._patience = patience
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self._patience)
        return super().getreply()

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds_until(self._patience.reply_ends()))
        super().send(s)

    def give(self, *commands: str) -> None:
        """Send commands, all in one go; their replies come in the same order."""
        if any("\r" in command or "\n" in command for command in commands):
            raise ValueError("A command is one line.")
        self.send("".join(f"{command}\r\n" for command in commands))

    def hand_over(self, content: bytes) -> None:
        """Send `content`. What it raises says that its end has not left us."""
        connection, rest = cast(socket.socket, self.sock), memoryview(content)
        while rest:
            connection.settimeout(seconds_until(self._patience.reply_ends()))
            rest = rest[connection.send(rest) :]


class _PatientFromTheStart(PatientConnection, smtplib.SMTP_SSL):
    """TLS from the first byte."""


class PatientBackend(EmailBackend):
    """Django's own SMTP backend (host, TLS and login by its settings) with a bounded connection."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(timeout=patience.reply_seconds)
        self._patience = patience

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override]  # called, never subclassed
        return partial(_PatientFromTheStart if self.use_ssl else PatientConnection, patience=self._patience)

    def connect(self) -> PatientConnection:
        """Return an open connection that has said hello. Raises OSError or smtplib.SMTPException."""
        self.open()
        smtp = cast(PatientConnection, self.connection)
        # Without this the end of a message would wait for the reader to acknowledge the rest first.
        cast(socket.socket, smtp.sock).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        return smtp
