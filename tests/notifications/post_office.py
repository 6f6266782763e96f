"""A mail server for any number of workers at once, which can hold a conversation just before or just after its 250."""

import email
import email.policy
import select
import socket
import socketserver
import threading
from email.message import EmailMessage
from typing import Self

HELD_AT_MOST_SECONDS = 30


class PostOffice(socketserver.ThreadingTCPServer):
    """`taken` are recipient and message of all that was answered for with 250, in order.

    With `open_for_answers` cleared it reads a message and keeps its 250 back; `somebody_waits` tells of that.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, conversation: "type[Conversation] | None" = None) -> None:
        super().__init__(("127.0.0.1", 0), conversation or Conversation)
        self.taken: list[tuple[str, bytes]] = []
        self.open_for_answers = threading.Event()
        self.open_for_answers.set()
        self.somebody_waits = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open_for_answers.set()
        self.shutdown()
        self.server_close()

    def mails(self) -> list[EmailMessage]:
        parsed = [email.message_from_bytes(content, policy=email.policy.default) for _, content in self.taken]
        return [mail for mail in parsed if isinstance(mail, EmailMessage)]

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails()]


class Conversation(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        try:
            self.converse()
        except OSError:
            return  # the other side is gone

    def converse(self) -> None:
        recipient = ""
        self.say("220 ready")
        for line in self.rfile:
            command = line.decode("ascii", "replace").strip()
            word = command[:4].upper()
            if word == "RCPT":
                recipient = command.partition("<")[2].partition(">")[0]
            if word == "DATA":
                self.say("354 go on")
                self.take(recipient)
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, recipient: str) -> None:
        """Read a message to its final dot; what breaks off before that was never handed over."""
        content = b""
        for line in self.rfile:
            if line == b".\r\n":
                self.took(recipient, content)
                return
            content += line.removeprefix(b".") if line.startswith(b"..") else line

    def took(self, recipient: str, content: bytes) -> None:
        if not self.left_while_held():
            self.server.taken.append((recipient, content))
            self.say("250 taken")

    def left_while_held(self) -> bool:
        """Keep the answer back while the office is not open for answers; say whether the other side has left."""
        if self.server.open_for_answers.is_set():
            return False
        self.server.somebody_waits.set()
        self.server.open_for_answers.wait(HELD_AT_MOST_SECONDS)
        return self._is_alone()

    def _is_alone(self) -> bool:
        """Say whether the other side has gone: a message whose sender did not stay for the answer is not taken."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())
