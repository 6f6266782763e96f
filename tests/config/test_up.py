"""`manage.py up` in copies of the project, as a person runs it: real programs, real signals."""

import os
import signal
import socket

import pytest
import requests

from config.embedded.environment import HOST
from config.embedded.places import Place
from config.embedded.postgres import Postgres
from tests.config.conftest import Checkout, eventually, query

pytestmark = pytest.mark.processes


def answers(checkout) -> int:
    """Return the status of the page that up named."""
    address = next(word for word in checkout.output.split() if word.startswith("http://"))
    origin = "/".join(address.split("/")[:3])
    return requests.get(f"{origin}/admin/login/", timeout=10).status_code


def place_of(checkout) -> Place:
    return Place(checkout.root / "var")


KILLED = {"worker": "celery -A config worker", "postgres": "bin/postgres -D", "valkey": "valkey-server"}


class TestUp:
    def test_runs_beside_a_second_checkout_until_ctrl_c_leaves_nothing_of_it(self, checkout):
        one, two = checkout("one"), checkout("a folder with spaces in " + "its quite long name" * 5)
        one.launch()
        two.launch()
        assert (answers(one.await_welcome()), answers(two.await_welcome())) == (200, 200)
        assert len(one.holders) > 10

        one.send(signal.SIGINT)

        assert one.exit_status() == 0
        assert "Traceback" not in one.output
        assert one.holders == {}
        assert not place_of(one).sockets.exists()
        stopped = ("beat", "worker", "inbox", "web", "valkey", "postgres")
        order = [one.output.index(f"{name} stopped") for name in stopped]
        assert order == sorted(order)
        assert answers(two) == 200

    def test_keeps_its_data_over_kill_9_of_itself_and_of_everything(self, checkout):
        studio = checkout("one").up()
        query(place_of(studio), "CREATE TABLE kept AS SELECT 42 AS answer")
        workers = [command for command in studio.holders.values() if "celery" in command]
        assert len(workers) == 5  # beat, worker and its two processes, webhooks

        studio.send(signal.SIGKILL)
        assert eventually(lambda: studio.holders == {}, within_seconds=10), studio.holders

        studio.up()
        assert answers(studio) == 200
        for pid in studio.holders:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: studio.holders == {}, within_seconds=10)

        studio.up()
        assert answers(studio) == 200
        assert query(place_of(studio), "SELECT answer FROM kept") == [(42,)]

    def test_refuses_a_second_start_and_brings_back_what_was_killed_until_ctrl_c_twice(self, checkout):
        studio = checkout("one").up()
        (studio.root / "up.out").rename(studio.root / "first.out")
        second = Checkout(studio.root)
        second.launch()
        assert second.exit_status() == 75
        assert second.output == "error: already running\n"
        (studio.root / "first.out").rename(studio.root / "up.out")

        for words in KILLED.values():
            os.kill(studio.pid_of(words), signal.SIGKILL)

        for name, words in KILLED.items():
            assert eventually(lambda name=name: f"{name} was ended by SIGKILL; starting it again" in studio.output)
            assert eventually(lambda words=words: any(words in each for each in studio.holders.values()))
        assert eventually(lambda: answers(studio) == 200)
        studio.send(signal.SIGINT)
        assert eventually(lambda: "stopping" in studio.output)
        studio.send(signal.SIGINT)
        assert studio.exit_status(within_seconds=5) == 0
        assert eventually(lambda: studio.holders == {}, within_seconds=5)

    def test_can_be_stopped_while_it_starts(self, checkout):
        studio = checkout("one")
        studio.launch()
        assert eventually(lambda: "postgres ready" in studio.output)

        studio.send(signal.SIGTERM)

        assert studio.exit_status() == 0
        assert studio.holders == {}
        assert "Traceback" not in studio.output

    def test_says_when_the_port_is_in_use(self, checkout):
        studio = checkout("one")
        with socket.create_server((HOST, 0)) as taken:
            port = taken.getsockname()[1]
            studio.launch(port=port)

            assert studio.exit_status() == 69
        assert studio.output == f"error: port {port} is in use; choose another: PORT={port + 1} make run\n"

    def test_refuses_nonsense_with_a_sentence(self, checkout, monkeypatch):
        monkeypatch.setenv("NUM_PROXIES", "many")
        studio = checkout("one")
        studio.launch()

        assert studio.exit_status() == 78
        assert studio.output == "error: NUM_PROXIES must be a whole number, not 'many'.\n"

    def test_uses_the_database_you_name_and_starts_none(self, checkout, place, started):
        started(Postgres(place).child(place.root / "log" / "postgres.log"))
        Postgres(place).create_database()
        studio = checkout("one")
        (studio.root / ".env").write_text(f"DATABASE_URL={Postgres(place).url}\n")

        studio.launch()

        assert eventually(lambda: "database migrated" in studio.output, within_seconds=120), studio.output
        assert "postgres ready" not in studio.output
        assert not (studio.root / "var" / "postgres").exists()
        studio.send(signal.SIGTERM)
        assert studio.exit_status() == 0
        assert query(place, "SELECT 1") == [(1,)]
