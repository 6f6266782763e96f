"""A web server on loopback and callers for it: threads with a connection each."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from config.embedded.child import dies_with_us

Call = tuple[str, str, dict[str, object] | None]  # method, path, body


@dataclass
class Answers:
    """`seconds` of each call in order of ending; `statuses` how many of each."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    took: float = 0.0

    def at(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def add(self, others: "Answers") -> None:
        """Count what another turn of the same calls brought, and the time it took, too."""
        self.seconds += others.seconds
        self.took += others.took
        for status, number in others.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + number

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took


@contextmanager
def gunicorn(settings: str) -> Iterator[int]:
    """Serve with these settings as production does, two processes of four threads; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": settings, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2"]
    command += ["-k", "gthread", "--threads", "4", "--log-level", "error", "--keep-alive", "30"]
    server = subprocess.Popen(command, env=variables, preexec_fn=dies_with_us())
    try:
        _wait_for(port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _wait_for(port: int) -> None:
    """Wait until it answers, whatever it says: the socket is there before the first worker is."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError("the web server did not come up")


def call(port: int, calls: list[Call], *, callers: int, headers: dict[str, str] | None = None) -> Answers:
    """Make every call once, shared among `callers` threads, each with a connection that stays open."""
    answers, numbers, lock = Answers(), count(), threading.Lock()

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (number := next(numbers)) < len(calls):
            method, path, body = calls[number]
            began = time.perf_counter()
            content = json.dumps(body) if body else None
            connection.request(method, path, content, {"Content-Type": "application/json"} | (headers or {}))
            response = connection.getresponse()
            response.read()
            spent = time.perf_counter() - began
            with lock:
                answers.seconds.append(spent)
                answers.statuses[response.status] = answers.statuses.get(response.status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(callers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.took = time.perf_counter() - began
    return answers
