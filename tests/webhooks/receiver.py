"""A receiver of webhooks on loopback that keeps what it is told and misbehaves on request.

    with Receiver([Reply(500), HANG]) as receiver: ...

Each call takes the next entry of the script; when it is used up, the receiver answers 204.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


def hang(handler: "Handler") -> None:
    """Say nothing."""
    handler.leaving.wait(PATIENCE_SECONDS)


def trickle_headers(handler: "Handler") -> None:
    """Begin an answer and go on with it for ever, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not handler.leaving.wait(0.05):
        handler.wfile.write(b"x")


def trickle_body(handler: "Handler") -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not handler.leaving.wait(0.05):
        handler.wfile.write(b"x")


def pour(handler: "Handler") -> None:
    """Answer with as much as is taken, up to a gigabyte that says it is compressed."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    for _ in range(1000):
        handler.wfile.write(b"y" * 1_000_000)
        handler.server.poured += 1_000_000


def babble(handler: "Handler") -> None:
    handler.wfile.write(b"220 mail.example.com ESMTP\r\n")


def drop(handler: "Handler") -> None:
    """Hang up without a word."""


Script = Reply | Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "_Server"

    @property
    def leaving(self) -> threading.Event:
        return self.server.leaving

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        reply = self.server.script.pop(0) if self.server.script else Reply(204)
        self.close_connection = True
        with suppress(OSError):
            if callable(reply):
                reply(self)
            else:
                self._say(reply)

    def _say(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def do_GET(self) -> None:
        self.server.calls.append(Call(self.path, {}, b""))
        self._say(Reply(200))

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.script: list[Script] = []
        self.leaving = threading.Event()
        self.connections = 0
        self.poured = 0
        super().__init__(("127.0.0.1", 0), Handler)

    def verify_request(self, request: object, client_address: object) -> bool:
        self.connections += 1
        return True


class Receiver:
    def __init__(self, script: list[Script] | None = None) -> None:
        self.server = _Server()
        self.server.script = list(script or [])
        self._thread = threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.leaving.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?from=stillpoint"

    @property
    def port(self) -> int:
        return self.server.server_port

    @property
    def calls(self) -> list[Call]:
        return self.server.calls

    @property
    def connections(self) -> int:
        return self.server.connections
