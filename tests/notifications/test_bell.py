"""The doorbell: rung after a commit, never waited for, free to be lost."""

import os
import queue
import threading
import time

import pytest
from django.db import transaction

from notifications import bell
from tests.notifications.stage import Stillwater

SOON_SECONDS = 5


class Presses:
    """Counts, and can be waited for."""

    def __init__(self, *, fails=0, hangs_until=None):
        self.seen = queue.Queue()
        self.threads = set()
        self.fails = fails
        self.hangs_until = hangs_until

    def __call__(self):
        self.threads.add(threading.current_thread().name)
        self.seen.put(time.monotonic())
        if self.hangs_until is not None:
            self.hangs_until.wait(SOON_SECONDS)
        if self.fails > 0:
            self.fails -= 1
            raise ConnectionRefusedError("no broker")

    def wait(self):
        return self.seen.get(timeout=SOON_SECONDS)


class TestABell:
    def test_presses_soon_and_from_a_thread_of_its_own(self):
        presses = Presses()

        bell.Bell(presses).ring()

        presses.wait()
        assert presses.threads == {"bell"}

    def test_makes_one_press_of_many_rings(self):
        presses = Presses()
        one = bell.Bell(presses)

        for _ in range(1000):
            one.ring()

        presses.wait()
        with pytest.raises(queue.Empty):
            presses.seen.get(timeout=4 * bell.GATHER_SECONDS)

    def test_does_not_keep_the_caller_while_the_broker_hangs(self):
        """Reliability 6.2: a black-holed broker once held a request for more than a minute."""
        release = threading.Event()
        presses = Presses(hangs_until=release)
        one = bell.Bell(presses)
        one.ring()
        presses.wait()

        began = time.monotonic()
        for _ in range(100):
            one.ring()

        assert time.monotonic() - began < 0.5
        release.set()
        presses.wait()

    def test_rings_again_after_a_failure(self, monkeypatch):
        monkeypatch.setattr(bell, "PAUSE_AFTER_FAILURE_SECONDS", 0.01)
        presses = Presses(fails=2)
        one = bell.Bell(presses)

        for _ in range(3):
            one.ring()
            presses.wait()

    def test_has_a_thread_in_a_forked_process_too(self):
        """A web server forks after it has rung: the child has the bell, but not its thread."""
        reader, writer = os.pipe()
        in_parent = Presses()
        one = bell.Bell(lambda: os.write(writer, b"!") if os.getpid() != parent else in_parent())
        parent = os.getpid()
        one.ring()
        in_parent.wait()

        child = os.fork()
        if child == 0:
            one.ring()
            time.sleep(1)
            os._exit(0)
        os.waitpid(child, 0)

        os.set_blocking(reader, False)
        assert os.read(reader, 1) == b"!"
        os.close(reader)
        os.close(writer)


@pytest.mark.django_db(transaction=True)
class TestABooking:
    @pytest.fixture
    def rung(self, monkeypatch):
        seen = []
        monkeypatch.setattr(bell, "_bell", bell.Bell(lambda: None))
        monkeypatch.setattr(bell._bell, "ring", lambda: seen.append(transaction.get_connection().in_atomic_block))
        return seen

    def test_rings_once_it_is_committed(self, rung):
        Stillwater().book()

        assert rung == [False]

    def test_that_is_rolled_back_does_not(self, rung):
        studio = Stillwater()

        def book_and_fail():
            studio.book()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError), transaction.atomic():
            book_and_fail()

        assert rung == []

    def test_does_not_fail_when_the_bell_does(self, monkeypatch):
        def broken():
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(bell._bell, "ring", broken)

        assert Stillwater().book().pk
