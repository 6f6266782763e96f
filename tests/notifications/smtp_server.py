"""A mail server that misbehaves on request: one line of a script for each command.

    with MisbehavingServer(RCPT=["451 4.7.1 come back later"]) as server: ...

A script is a list: each use of a command takes the next entry, and when it is used up the server behaves. An entry
is a reply, or DROP (hang up), STALL (say nothing more) or TRICKLE (an answer that never ends).
"""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import BinaryIO, Self

from notifications.channels import Outbox

Open = Callable[..., Outbox]  # the fixture `open_outbox`

DROP = "drop"
STALL = "stall"
TRICKLE = "trickle"
ONE_BY_ONE, TOGETHER = "250 hello", "250-hello\r\n250 PIPELINING"  # how it takes commands, by what it says to EHLO
USUAL = {
    "GREETING": "220 ready",
    "EHLO": "250 hello",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "DOT": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}
WAIT_SECONDS = 10


class MisbehavingServer:
    """`kept` are the messages that were read to the final dot; `commands` all that was asked, in order.

    `broken_off` is what had come of messages that never ended.
    """

    def __init__(self, **scripts: list[str]) -> None:
        self._scripts = {command: list(entries) for command, entries in scripts.items()}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._leaving = threading.Event()
        self._threads: list[threading.Thread] = []
        self._clients: list[socket.socket] = []
        self.kept: list[bytes] = []
        self.broken_off: list[bytes] = []
        self.recipients: list[str] = []
        self.commands: list[str] = []
        self.connections = 0

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        for connection in (self._listener, *self._clients):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(WAIT_SECONDS)

    def reset(self) -> None:
        """Throw all connections away, as a server that restarts does: the other side hears of it at its next word."""
        for connection in self._clients:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RD)
        for thread in self._threads[1:]:
            thread.join(WAIT_SECONDS)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._leaving.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._clients.append(client)
            client.settimeout(WAIT_SECONDS)
            self._start(partial(self._serve, client))

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            try:
                if not self._says(client, "GREETING"):
                    return
                for line in lines:
                    command = line.decode().split()[0].upper().rstrip(":")
                    self.commands.append(command)
                    if command == "RCPT":
                        self.recipients.append(line.decode().strip())
                    if not self._says(client, command) or command == "QUIT":
                        return
                    if command == "DATA" and self._last == "354":
                        self._read(lines)
                        if not self._says(client, "DOT"):
                            return
            except (OSError, ValueError):  # the connection was closed under us
                return

    def _read(self, lines: BinaryIO) -> None:
        message = b""
        with suppress(OSError):
            for line in lines:
                if line == b".\r\n":
                    self.kept.append(message)
                    return
                message += line.removeprefix(b".") if line.startswith(b"..") else line
        self.broken_off.append(message)

    def _says(self, client: socket.socket, command: str) -> bool:
        """Give the next answer for `command`; return whether the conversation goes on."""
        script = self._scripts.get(command, [])
        answer = script.pop(0) if script else USUAL[command]
        self._last = answer[:3]
        if answer == DROP:
            return False
        if answer == STALL:
            self._leaving.wait(WAIT_SECONDS)
            return False
        if answer == TRICKLE:
            while not self._leaving.wait(0.02):
                client.sendall(b"250-and\r\n")
            return False
        client.sendall(f"{answer}\r\n".encode())
        return not answer.startswith("421")
