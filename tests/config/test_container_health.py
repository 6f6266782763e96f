"""Docker is told whether a container is well."""

import http.server
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import container_health


class TestTheHealthOfAContainer:
    @pytest.fixture
    def port(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
        """A web server that, like ours in production, knows one host and sends plain HTTP away."""

        class Studio(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                public = self.headers["Host"] == "book.example.com" and self.headers["X-Forwarded-Proto"] == "https"
                self.send_response(200 if public and self.path == "/healthz" else 400)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        monkeypatch.setenv("PUBLIC_URL", "https://book.example.com")
        with http.server.HTTPServer(("127.0.0.1", 0), Studio) as server:
            thread = threading.Thread(target=server.serve_forever, args=[0.02])
            thread.start()
            yield server.server_port
            server.shutdown()
            thread.join()

    def test_is_good_while_web_answers_its_public_address(self, port: int) -> None:
        assert container_health.web(port)

    def test_is_bad_when_web_refuses(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLIC_URL", "https://elsewhere.example.com")

        assert not container_health.web(port)

    def test_is_bad_when_nobody_answers(self, port: int) -> None:
        assert not container_health.web(1)

    def test_is_good_while_beat_writes_its_schedule(self, tmp_path: Path) -> None:
        (tmp_path / "beat.db").touch()

        assert container_health.beat(tmp_path / "beat")

    def test_is_bad_when_beat_has_stopped_writing(self, tmp_path: Path) -> None:
        (tmp_path / "beat.db").touch()
        long_ago = time.time() - container_health.BEAT_WRITES_WITHIN_SECONDS - 1
        os.utime(tmp_path / "beat.db", (long_ago, long_ago))

        assert not container_health.beat(tmp_path / "beat")
        assert not container_health.beat(tmp_path / "never-written")
