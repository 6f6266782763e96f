"""Sending over SMTP, and the class of every answer: messaging.md checks 30 and 60; design.md promise 3; S44."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from notifications.channels import Answer, Refused, Sent, TryLater, Unknown
from notifications.render import KINDS, Kind
from tests.notifications.letters import letter, received
from tests.notifications.smtp_server import DROP, ONE_BY_ONE, STALL, TOGETHER, TRICKLE, MisbehavingServer, Open

either_way = pytest.mark.parametrize("hello", [ONE_BY_ONE, TOGETHER], ids=["one by one", "together"])


class Inbox:
    """Keeps what a real server received, as it came over the wire."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return "250 taken"


@pytest.fixture
def real_server() -> Iterator[tuple[Inbox, int]]:
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, port
    controller.stop()


class TestOverTheWire:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_message_arrives_as_it_was_written(
        self, kind: Kind, real_server: tuple[Inbox, int], open_outbox: Open
    ) -> None:
        """Check 30."""
        inbox, port = real_server
        sent = letter(kind)

        answer = open_outbox(port, reply_seconds=10).send(sent)

        assert isinstance(answer, Sent)
        (envelope,) = inbox.envelopes
        assert envelope.content == sent.as_bytes()
        assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@stillwater.example", ["kim@example.com"])
        calendars = [part for part in received(envelope.content).walk() if part.get_content_type() == "text/calendar"]
        assert [part.get_payload(decode=True) for part in calendars] == ([sent.calendar] if sent.calendar else [])

    def test_many_messages_share_a_connection(self, open_outbox: Open) -> None:
        with MisbehavingServer() as server:
            outbox = open_outbox(server.port)
            answers = [outbox.send(letter()) for _ in range(3)]
            outbox.close()

        assert [type(answer) for answer in answers] == [Sent] * 3
        assert server.connections == 1
        assert server.commands == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]

    def test_a_line_that_is_a_single_dot_does_not_end_the_message(self, open_outbox: Open) -> None:
        sent = letter()
        sent.calendar = b""
        sent.body = "before\n.\n..\n.after\n"

        with MisbehavingServer() as server:
            open_outbox(server.port).send(sent)

        assert server.kept == [sent.as_bytes()]

    def test_each_message_has_one_recipient(self, open_outbox: Open) -> None:
        """Check 36; S44."""
        with MisbehavingServer() as server:
            outbox = open_outbox(server.port)
            for address in ("kim@example.com", "alex@example.com"):
                outbox.send(letter(to=address))

        assert server.recipients == ["rcpt TO:<kim@example.com>", "rcpt TO:<alex@example.com>"]


class TestAnAnswer:
    @either_way
    @pytest.mark.parametrize(
        ("stage", "reply", "expected"),
        [
            ("GREETING", "421 4.3.2 too many connections", TryLater),
            ("GREETING", "554 5.7.1 not you", TryLater),
            ("MAIL", "451 4.3.0 later", TryLater),
            ("MAIL", "530 5.7.0 log in first", TryLater),
            ("MAIL", "550 5.7.1 we know no such sender", Refused),
            ("RCPT", "450 4.2.1 busy", TryLater),
            ("RCPT", "451 4.7.1 greylisted", TryLater),
            ("RCPT", "550 5.1.1 nobody here", Refused),
            ("RCPT", "552 5.2.2 mailbox full", Refused),
            ("RCPT", "421 4.7.0 slow down", TryLater),
            ("DATA", "451 4.3.0 later", TryLater),
            ("DATA", "554 5.5.1 no", Refused),
            ("DOT", "432 4.3.2 too many at once", TryLater),
            ("DOT", "451 4.3.0 later", TryLater),
            ("DOT", "552 5.3.4 too large", Refused),
            ("DOT", "554 5.6.0 we do not like it", Refused),
            ("DOT", "421 4.3.0 going down", TryLater),
        ],
    )
    def test_of_the_server_is_told_apart(
        self, stage: str, reply: str, expected: type[Answer], hello: str, open_outbox: Open
    ) -> None:
        """Check 60: a 451 and a 550 raise the same exception in smtplib."""
        with MisbehavingServer(**{"EHLO": [hello], stage: [reply]}) as server:
            answer = open_outbox(server.port).send(letter())

        assert type(answer) is expected
        assert answer.code == int(reply[:3])
        assert answer.text == reply[4:]

    @either_way
    @pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
    @pytest.mark.parametrize("trouble", [DROP, STALL, TRICKLE])
    def test_that_never_comes_before_the_message_means_later(
        self, stage: str, trouble: str, hello: str, open_outbox: Open
    ) -> None:
        """Check 60."""
        with MisbehavingServer(**{"EHLO": [hello, hello], stage: [trouble, trouble]}) as server:
            answer = open_outbox(server.port, message_seconds=1).send(letter())

        assert isinstance(answer, TryLater)
        assert answer.code == 0
        assert server.kept == []

    @either_way
    @pytest.mark.parametrize("trouble", [DROP, STALL, TRICKLE])
    def test_that_never_comes_after_the_message_leaves_it_unknown(
        self, trouble: str, hello: str, open_outbox: Open
    ) -> None:
        """Check 60: the server has the mail, and sending it again would be a duplicate."""
        with MisbehavingServer(EHLO=[hello], DOT=[trouble]) as server:
            answer = open_outbox(server.port, message_seconds=1).send(letter())

        assert isinstance(answer, Unknown)
        assert len(server.kept) == 1
        assert server.connections == 1

    def test_that_makes_no_sense_after_the_message_leaves_it_unknown(self, open_outbox: Open) -> None:
        with MisbehavingServer(DOT=["hello?"]) as server:
            answer = open_outbox(server.port).send(letter())

        assert isinstance(answer, Unknown)

    def test_of_nobody_listening_means_later(self, open_outbox: Open) -> None:
        """Check 60."""
        with socket.create_server(("127.0.0.1", 0)) as closed_soon:
            port = closed_soon.getsockname()[1]

        answer = open_outbox(port).send(letter())

        assert isinstance(answer, TryLater)
        assert "no connection" in answer.text

    def test_does_not_repeat_anybodys_address(self, open_outbox: Open) -> None:
        """Check 74."""
        with MisbehavingServer(RCPT=["550 5.1.1 <kim@example.com>: no such user"]) as server:
            answer = open_outbox(server.port).send(letter())

        assert answer == Refused(550, "5.1.1 (address) no such user")

    def test_about_one_message_does_not_spoil_the_next(self, open_outbox: Open) -> None:
        with MisbehavingServer(RCPT=["550 5.1.1 nobody"], DATA=["451 later"], DOT=["554 no"]) as server:
            outbox = open_outbox(server.port)
            answers = [type(outbox.send(letter())) for _ in range(4)]

        assert answers == [Refused, TryLater, Refused, Sent]
        assert server.connections == 1


class TestAServerThatTakesCommandsTogether:
    """RFC 2920: it has said PIPELINING."""

    def test_is_given_them_in_one_go(self, open_outbox: Open) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            outbox = open_outbox(listener.getsockname()[1], reply_seconds=10)
            sending = threading.Thread(target=outbox.send, args=[letter()], daemon=True)
            sending.start()
            client, _ = listener.accept()
            with client:
                client.sendall(b"220 ready\r\n")
                client.recv(4096)
                client.sendall(f"{TOGETHER}\r\n".encode())
                asked = client.recv(4096)
                client.sendall(b"421 that is all\r\n")
            sending.join(10)

        assert [line.split()[0].upper() for line in asked.splitlines()] == [b"MAIL", b"RCPT", b"DATA"]

    def test_has_each_answer_read_so_that_one_message_does_not_spoil_the_next(self, open_outbox: Open) -> None:
        nobody = "554 5.5.1 no valid recipients"
        with MisbehavingServer(
            EHLO=[TOGETHER], RCPT=["550 5.1.1 nobody"], DATA=[nobody, "451 later"], DOT=["554 no"]
        ) as server:
            outbox = open_outbox(server.port)
            answers = [outbox.send(letter()) for _ in range(4)]

        assert [type(answer) for answer in answers] == [Refused, TryLater, Refused, Sent]
        assert [answer.code for answer in answers] == [550, 451, 554, 250]
        assert server.connections == 1

    @pytest.mark.parametrize("refused", ["MAIL", "RCPT"])
    def test_and_asks_for_a_text_that_it_refused_gets_none(self, refused: str, open_outbox: Open) -> None:
        """RFC 2920 3.1: that nobody was accepted does not mean that DATA is refused."""
        with MisbehavingServer(**{"EHLO": [TOGETHER], refused: ["550 5.1.1 no"]}) as server:
            outbox = open_outbox(server.port)
            answers = [type(outbox.send(letter())) for _ in range(2)]

        assert answers == [Refused, Sent]
        assert len(server.kept) == 1

    def test_and_hangs_up_after_it_refused_has_refused(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[TOGETHER], MAIL=["550 5.7.1 go away"], RCPT=[DROP]) as server:
            answer = open_outbox(server.port).send(letter())

        assert answer == Refused(550, "5.7.1 go away")


class TestAConnection:
    @pytest.mark.parametrize("ending", ["421 4.4.2 idle too long", DROP])
    def test_that_the_server_closed_meanwhile_is_opened_again(self, ending: str, open_outbox: Open) -> None:
        with MisbehavingServer(MAIL=["250 ok", ending]) as server:
            outbox = open_outbox(server.port)
            answers = [type(outbox.send(letter())) for _ in range(2)]

        assert answers == [Sent, Sent]
        assert server.connections == 2
        assert len(server.kept) == 2

    def test_closed_with_421_is_left_and_the_next_message_opens_another(self, open_outbox: Open) -> None:
        with MisbehavingServer(DOT=["421 4.3.2 going down"]) as server:
            outbox = open_outbox(server.port)
            answers = [type(outbox.send(letter())) for _ in range(2)]

        assert answers == [TryLater, Sent]
        assert server.connections == 2

    def test_that_cannot_be_put_in_order_is_left(self, open_outbox: Open) -> None:
        with MisbehavingServer(RCPT=["550 5.1.1 nobody"], RSET=["502 what?"]) as server:
            outbox = open_outbox(server.port)
            answers = [type(outbox.send(letter())) for _ in range(2)]

        assert answers == [Refused, Sent]
        assert server.connections == 2

    def test_is_not_waited_for_longer_than_a_message_may_take(self, open_outbox: Open) -> None:
        with MisbehavingServer(EHLO=[TRICKLE]) as server:
            began = time.monotonic()
            answer = open_outbox(server.port, reply_seconds=30, message_seconds=0.5).send(letter())

        assert isinstance(answer, TryLater)
        assert time.monotonic() - began < 5

    def test_is_closed_without_waiting_for_a_server_that_has_fallen_silent(self, open_outbox: Open) -> None:
        with MisbehavingServer(QUIT=[STALL]) as server:
            outbox = open_outbox(server.port)
            outbox.send(letter())
            began = time.monotonic()
            outbox.close()

        assert time.monotonic() - began < 5

    def test_that_was_never_opened_can_be_closed(self, open_outbox: Open) -> None:
        open_outbox(1).close()
