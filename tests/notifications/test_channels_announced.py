"""A message that is announced while the one before it is on its way to the disk: RFC 2920; messaging.md check 60."""

import time

import pytest

from notifications.channels import Answer, Refused, Sent, TryLater, Unknown
from tests.notifications.letters import letter
from tests.notifications.smtp_server import DROP, ONE_BY_ONE, STALL, TOGETHER, MisbehavingServer, Open

INTRODUCTION = ["MAIL", "RCPT", "DATA"]


def until_it_has_heard(server: MisbehavingServer, commands: list[str]) -> None:
    patience = time.monotonic() + 10
    while server.commands != commands and time.monotonic() < patience:
        time.sleep(0.01)
    assert server.commands == commands


class TestAnAnnouncedMessage:
    def test_is_looked_at_before_its_text_is_there(self, open_outbox: Open) -> None:
        first, second = letter(), letter(to="alex@example.com")
        with MisbehavingServer(EHLO=[TOGETHER] * 2) as server:
            outbox = open_outbox(server.port)
            outbox.send(first)
            outbox.announce(second)
            until_it_has_heard(server, ["EHLO", *INTRODUCTION * 2])

            answer = outbox.send(second)
            outbox.close()

        assert isinstance(answer, Sent)
        assert server.kept == [first.as_bytes(), second.as_bytes()]
        assert server.commands == ["EHLO", *INTRODUCTION * 2, "QUIT"]
        assert server.connections == 1

    def test_is_asked_for_once_however_often_it_is_announced(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[TOGETHER] * 2) as server:
            outbox, second = open_outbox(server.port), letter()
            outbox.send(letter())
            for _ in range(2):
                outbox.announce(second)
            outbox.send(second)
            outbox.close()

        assert server.commands == ["EHLO", *INTRODUCTION * 2, "QUIT"]
        assert server.kept == [letter().as_bytes(), second.as_bytes()]

    @pytest.mark.parametrize(
        ("stage", "reply", "expected"),
        [
            ("MAIL", "451 4.3.0 later", TryLater),
            ("MAIL", "550 5.7.1 we know no such sender", Refused),
            ("RCPT", "451 4.7.1 greylisted", TryLater),
            ("RCPT", "550 5.1.1 nobody here", Refused),
            ("DATA", "554 5.5.1 no", Refused),
            ("DOT", "451 4.3.0 later", TryLater),
            ("DOT", "554 5.6.0 we do not like it", Refused),
            ("DOT", DROP, Unknown),
            ("DOT", STALL, Unknown),
        ],
    )
    def test_is_answered_as_any_other_and_spoils_no_other(
        self, stage: str, reply: str, expected: type[Answer], open_outbox: Open
    ) -> None:
        usual = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "DOT": "250 taken"}[stage]
        with MisbehavingServer(**{"EHLO": [TOGETHER] * 2, stage: [usual, reply]}) as server:
            outbox, second = open_outbox(server.port), letter()
            outbox.send(letter())
            outbox.announce(second)
            answers = [outbox.send(second), outbox.send(letter())]

        assert [type(answer) for answer in answers] == [expected, Sent]
        assert len(server.kept) == (3 if stage == "DOT" else 2)  # as read, whatever was said then

    @pytest.mark.parametrize("ending", ["421 4.4.2 idle too long", DROP])
    def test_goes_over_another_connection_when_the_server_has_closed_this_one(
        self, ending: str, open_outbox: Open
    ) -> None:
        with MisbehavingServer(EHLO=[TOGETHER] * 2, MAIL=["250 ok", ending]) as server:
            outbox, second = open_outbox(server.port), letter()
            outbox.send(letter())
            outbox.announce(second)

            assert isinstance(outbox.send(second), Sent)

        assert (server.connections, len(server.kept)) == (2, 2)

    def test_into_a_connection_that_is_gone_raises_nothing(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[TOGETHER] * 2) as server:
            outbox, second = open_outbox(server.port), letter()
            outbox.send(letter())
            server.reset()
            outbox.announce(second)

            assert isinstance(outbox.send(second), Sent)

        assert (server.connections, len(server.kept)) == (2, 2)


class TestAMessageThatIsAnnouncedAndNotSent:
    def test_leaves_no_trace_and_the_next_gets_a_connection_of_its_own(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[TOGETHER] * 2) as server:
            outbox, other = open_outbox(server.port), letter(to="alex@example.com")
            outbox.send(letter())
            outbox.announce(letter(to="nobody@example.com"))

            assert isinstance(outbox.send(other), Sent)

        assert server.connections == 2
        assert server.kept == [letter().as_bytes(), other.as_bytes()]

    def test_is_not_ended_by_a_farewell_that_would_be_its_text(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[TOGETHER] * 2) as server:
            outbox, second = open_outbox(server.port), letter()
            outbox.send(letter())
            outbox.announce(second)
            until_it_has_heard(server, ["EHLO", *INTRODUCTION * 2])
            outbox.close()

            assert isinstance(outbox.send(second), Sent)  # with an introduction of its own

        assert server.broken_off == [b""]
        assert server.kept == [letter().as_bytes(), second.as_bytes()]


class TestNothingIsAnnounced:
    def test_where_no_connection_is_open(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[TOGETHER] * 2) as server:
            open_outbox(server.port).announce(letter())

        assert server.connections == 0

    def test_to_a_server_that_takes_one_command_after_the_other(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[ONE_BY_ONE]) as server:
            outbox, second = open_outbox(server.port), letter()
            outbox.send(letter())
            outbox.announce(second)
            outbox.close()

        assert server.commands == ["EHLO", *INTRODUCTION, "QUIT"]
