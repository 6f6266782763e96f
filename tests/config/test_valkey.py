"""The Valkey of our own: config/embedded/valkey.py. Real servers, each in a folder of its own."""

import os
import signal

import pytest
import redis

from config.embedded.valkey import Valkey

pytestmark = pytest.mark.processes


@pytest.fixture
def valkey(place, started):
    """Start Valkey at the place and return its child and a client."""
    clients = []

    def start():
        child = started(Valkey(place).child(place.root / "log" / "valkey.log"))
        clients.append(redis.Redis.from_url(Valkey(place).url))
        return child, clients[-1]

    yield start
    for client in clients:
        client.close()


class TestAServer:
    def test_answers_on_its_socket_alone(self, valkey):
        _, client = valkey()

        assert client.config_get("port") == {"port": "0"}

    def test_keeps_what_it_was_told_over_kill_9(self, valkey):
        child, client = valkey()
        client.mset({f"key-{number}": number for number in range(1000)})
        client.execute_command("WAITAOF", 1, 0, 2000)

        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait()
        _, client = valkey()

        assert client.dbsize() == 1000

    def test_lets_nobody_else_connect(self, place, valkey):
        valkey()

        assert (place.sockets / "valkey.sock").stat().st_mode & 0o077 == 0
        assert place.sockets.stat().st_mode & 0o077 == 0
