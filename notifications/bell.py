"""A doorbell for the workers: rung after a commit, never waited for, free to be lost.

The web process must not hang on the broker (a black-holed one once held a request for over a minute), so a thread
of its own does the ringing. Many bookings within a moment are one ring. When the broker is away nothing happens:
the sweep that beat calls every few seconds is the promise.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

from celery import current_app

logger = logging.getLogger(__name__)
GATHER_SECONDS = 0.05
PAUSE_AFTER_FAILURE_SECONDS = 10.0


class Bell:
    """Calls `press` from a thread of its own, soon after ring(), at most once each GATHER_SECONDS."""

    def __init__(self, press: Callable[[], object]) -> None:
        self._press = press
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def ring(self) -> None:
        """Ask for a press and return at once."""
        self._wanted.set()
        # A forked server process has the object but not the thread.
        if self._pid != os.getpid() or self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._pid != os.getpid() or self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                    self._pid = os.getpid()
                    self._thread.start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            time.sleep(GATHER_SECONDS)
            self._wanted.clear()
            try:
                self._press()
            except Exception as error:  # the broker may fail in any way it likes; the sweep will find the row
                logger.warning("The broker did not take the bell: %s", type(error).__name__)
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)


def _press() -> None:
    current_app.send_task(SWEEP, retry=False, ignore_result=True)


def _press_for_webhooks() -> None:
    current_app.send_task(DELIVER, retry=False, ignore_result=True)


SWEEP = "notifications.sweep"
DELIVER = "notifications.deliver_webhooks"
_bell = Bell(_press)
_webhook_bell = Bell(_press_for_webhooks)


def ring() -> None:
    """Wake a worker soon, if the broker can be reached."""
    _bell.ring()


def ring_for_webhooks() -> None:
    """Wake the worker of the webhooks soon, if the broker can be reached."""
    _webhook_bell.ring()
