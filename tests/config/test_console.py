"""What a person sees while the studio runs: config/embedded/console.py."""

import io

import pytest

from config.embedded.console import Console


@pytest.fixture
def screen():
    return io.StringIO()


class TestFollowingALog:
    def test_repeats_new_lines_behind_the_name(self, screen, tmp_path):
        log = tmp_path / "web.log"
        log.write_text("before\n")
        console = Console(screen)
        console.follow("web", log)

        with log.open("a") as out:
            out.write("one\ntwo\n")
        console.repeat_new_lines()
        console.repeat_new_lines()

        assert screen.getvalue() == "     web │ one\n     web │ two\n"

    def test_waits_for_the_end_of_a_line(self, screen, tmp_path):
        log = tmp_path / "web.log"
        console = Console(screen)
        console.follow("web", log)

        log.write_text("half of a")
        console.repeat_new_lines()
        assert screen.getvalue() == ""

        log.write_text("half of a line\n")
        console.repeat_new_lines()
        assert screen.getvalue() == "     web │ half of a line\n"

    def test_leaves_out_what_goes_well_every_few_seconds(self, screen, tmp_path):
        log = tmp_path / "worker.log"
        console = Console(screen)
        console.follow("worker", log, routine=("notifications.sweep",))

        log.write_text(
            "12:00 INFO Task notifications.sweep[1] succeeded\n12:01 ERROR Task notifications.sweep[2] raised\n"
        )
        console.repeat_new_lines()

        assert screen.getvalue() == "  worker │ 12:01 ERROR Task notifications.sweep[2] raised\n"


class TestColour:
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def test_is_for_terminals(self, screen):
        Console(screen).tick("ready")

        assert screen.getvalue() == "  ✓ ready\n"

    def test_is_shown_on_a_terminal(self, monkeypatch):
        monkeypatch.delenv("NO_COLOR", raising=False)
        terminal = self.Terminal()

        Console(terminal).tick("ready", seconds=0.42)

        assert terminal.getvalue() == "  \033[32m✓\033[0m ready (0.4 s)\n"

    def test_is_off_where_no_color_is_set(self, monkeypatch):
        monkeypatch.setenv("NO_COLOR", "1")
        terminal = self.Terminal()

        Console(terminal).tick("ready")

        assert terminal.getvalue() == "  ✓ ready\n"
