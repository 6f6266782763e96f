"""Why Celery is pinned below 5.7: a worker of 5.7.0 exits when the broker drops while a message is unacknowledged.

When this passes with a newer Celery, lift the pin in pyproject.toml.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import celery
import pytest
import redis

from config.embedded.child import Child
from config.embedded.places import Place
from config.embedded.valkey import Valkey
from tests.faults.house import eventually, place_of_its_own

pytestmark = [pytest.mark.processes, pytest.mark.slow]

APP = """
from celery import Celery

app = Celery("pin", broker={broker!r})
app.conf.update(broker_connection_retry_on_startup=True, task_acks_late=True, task_ignore_result=True)


@app.task
def write(name):
    open(name, "w").close()
"""


@pytest.fixture
def place() -> Iterator[Place]:
    with place_of_its_own() as (here, _lock):
        yield here


class TestAWorker:
    def test_survives_the_brokers_end_while_a_message_is_unacknowledged(self, place: Place, tmp_path: Path) -> None:
        valkey = Valkey(place)
        broker = valkey.url.replace("unix://", "redis+socket://").split("?")[0]
        (tmp_path / "pin.py").write_text(APP.format(broker=broker))
        server = valkey.child(place.root / "log" / "valkey.log")
        server.start()
        log = tmp_path / "worker.log"
        worker = Child(
            "worker",
            [sys.executable, "-m", "celery", "-A", "pin", "worker", "-c", "1", "-l", "INFO", "--without-mingle"],
            log,
            ready=lambda _pid: " ready." in log.read_text(),
            environment={
                "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]),
                "PYTHONWARNINGS": "ignore",
            },
        )
        try:
            worker.start()
            ask(tmp_path, "write.apply_async(('never',), countdown=600)")
            client = redis.Redis(unix_socket_path=os.fspath(valkey.socket))
            assert eventually(lambda: client.hlen("unacked") == 1)

            server.kill()
            assert not eventually(lambda: not worker.running(), within_seconds=3), log.read_text()[-2000:]
            server = valkey.child(place.root / "log" / "valkey.log")
            server.start()
            ask(tmp_path, f"write.delay({os.fspath(tmp_path / 'written')!r})")

            assert eventually((tmp_path / "written").exists, within_seconds=40), log.read_text()[-2000:]
            assert worker.running(), f"celery {celery.__version__} is to stay below 5.7"
        finally:
            worker.kill()
            server.kill()


def ask(folder: Path, what: str) -> None:
    subprocess.run([sys.executable, "-c", f"from pin import write; {what}"], cwd=folder, check=True, timeout=30)
