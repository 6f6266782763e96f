"""The programs of a studio, and when each of them is ready."""

import http.client
import os
import signal
import socket
import sys
from pathlib import Path

from config.embedded.child import Child
from config.embedded.environment import HOST, Plan

WEB_WORKERS, WEB_THREADS, WORKER_PROCESSES = 2, 4, 2
LARGEST_LOG_BYTES = 5_000_000
SERVER_ERROR = 500
# Celery warns root at each start. On this one machine `make run` was root's own wish.
QUIET_ABOUT_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}


def log_of(plan: Plan, name: str) -> Path:
    """Return the log of a program; one that has grown large makes room for a new one and stays beside it."""
    log = plan.place.root / "log" / f"{name}.log"
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log


def web(plan: Plan) -> Child:
    """gunicorn with threads: each request waits mostly for the database."""
    return Child(
        name="web",
        argv=[
            sys.executable, "-m", "gunicorn", "config.wsgi", "--worker-class", "gthread",
            "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS), "--timeout", "15",
            "--bind", f"{HOST}:{plan.port}",
            "--no-control-socket", "--log-level", "warning",
        ],
        log=log_of(plan, "web"),
        ready=lambda _pid: _answers_http(plan.port),
    )  # fmt: skip


def inbox(plan: Plan) -> Child:
    """The local mail server that keeps every message as a file."""
    return Child(
        name="inbox",
        argv=[sys.executable, "-m", "config.inbox"],
        log=log_of(plan, "inbox"),
        ready=lambda _pid: _takes_connections(plan.inbox_port),
    )


def worker(plan: Plan) -> Child:
    """The Celery worker; a warm shutdown lets it finish the message in hand."""
    log = log_of(plan, "worker")
    already = _size(log)
    return Child(
        name="worker",
        argv=[
            sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO",
            "--concurrency", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle",
        ],
        log=log,
        ready=lambda _pid: _says(log, b" ready.", since=already),
        environment=QUIET_ABOUT_ROOT if os.geteuid() == 0 else {},
        # Without a broker, which ends with us too, any gentler end can wait for ever. Unfinished tasks come again.
        orphan_signal=signal.SIGKILL,
        grace_seconds=30,
    )  # fmt: skip


def webhooks(plan: Plan) -> Child:
    """The worker that calls webhooks, many at once in threads of one process: whoever hangs there delays no mail."""
    log = log_of(plan, "webhooks")
    already = _size(log)
    return Child(
        name="webhooks",
        argv=[
            sys.executable, "-m", "celery", "--app", "config", "worker", "--loglevel", "INFO",
            "--queues", "webhooks", "--hostname", "webhooks@%h", "--pool", "solo",
            "--without-gossip", "--without-mingle",
        ],
        log=log,
        ready=lambda _pid: _says(log, b" ready.", since=already),
        environment=QUIET_ABOUT_ROOT if os.geteuid() == 0 else {},
        orphan_signal=signal.SIGKILL,
        grace_seconds=30,
    )  # fmt: skip


def beat(plan: Plan) -> Child:
    """The clock that wakes the worker."""
    log = log_of(plan, "beat")
    already = _size(log)
    return Child(
        name="beat",
        argv=[
            sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "INFO",
            "--schedule", plan.place.root / "beat", "--pidfile", "",
        ],
        log=log,
        ready=lambda _pid: _says(log, b"beat: Starting", since=already),
        orphan_signal=signal.SIGKILL,
    )  # fmt: skip


def _answers_http(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _says(log: Path, words: bytes, *, since: int) -> bool:
    with log.open("rb") as opened:
        opened.seek(since)
        return words in opened.read()
