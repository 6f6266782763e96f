"""A mail server of our own with manners: it takes, puts off, refuses, stalls, and hangs up at the worst moment.

What it has taken is what arrived, whatever our rows say; so the tests count here.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from enum import Enum
from typing import ClassVar

from tests.notifications.post_office import Conversation, PostOffice

STALLS_SECONDS = 60.0  # longer than anybody has patience
_headers = BytesHeaderParser()


class Manner(Enum):
    """What is done with a mail once its recipient is named."""

    TAKES = "250 taken"
    PUTS_OFF = "451 4.7.1 greylisted, come back later"
    REFUSES = "550 5.1.1 nobody here"
    STALLS = "no word more after the recipient was named"
    LOSES_ITS_ANSWER = "it is taken, and the 250 never arrives"
    HANGS_UP = "it is read to the final dot, and thrown away without a word"


# Which way a recipient is treated, at the try of that number (from 1). Asked once for each try, one at a time.
Manners = Callable[[str, int], Manner]


def kind(_recipient: str, _tried: int) -> Manner:
    return Manner.TAKES


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail that was taken. `began_at` is when its text began to come, in seconds since 1970."""

    recipient: str
    began_at: float
    content: bytes

    @property
    def id(self) -> str:
        return str(_headers.parsebytes(self.content)["Message-ID"])


class MailServer(PostOffice):
    """`arrived` is in the order of arrival; `tries` counts by recipient, `done` what was done by manner.

    `conversations` are those that go on.

    With `mails_a_connection` it says 421 instead of taking one more, and each mail takes it `seconds_a_mail`.
    """

    def __init__(self) -> None:
        super().__init__(MannerlyConversation)
        self.moves_on = threading.Event()
        self.counting = threading.Lock()
        self.conversations = 0
        self.forget()

    def forget(self) -> None:
        """Be as at the beginning: kind, quick, and without a memory; who was kept waiting is hung up on."""
        self.moves_on.set()
        self.moves_on = threading.Event()
        self.manners: Manners = kind
        self.mails_a_connection = 0
        self.seconds_a_mail = 0.0
        self.arrived: list[Arrival] = []
        self.tries: Counter[str] = Counter()
        self.done: Counter[Manner] = Counter()
        self.taken.clear()
        self.open_for_answers.set()
        self.somebody_waits.clear()

    def __exit__(self, *trouble: object) -> None:
        self.moves_on.set()
        super().__exit__(*trouble)

    def manner_for(self, recipient: str) -> Manner:
        with self.counting:
            self.tries[recipient] += 1
            manner = self.manners(recipient, self.tries[recipient])
            self.done[manner] += 1
            return manner


class MannerlyConversation(Conversation):
    """Takes commands together (RFC 2920), as most servers do."""

    server: MailServer
    READS: ClassVar = {Manner.TAKES, Manner.LOSES_ITS_ANSWER, Manner.HANGS_UP}

    def handle(self) -> None:
        with self.server.counting:
            self.server.conversations += 1
        try:
            super().handle()
        finally:
            with self.server.counting:
                self.server.conversations -= 1

    def converse(self) -> None:
        self.recipient, self.manner, self.began_at, self.mails = "", Manner.TAKES, 0.0, 0
        answers = {"EHLO": self._hello, "MAIL": self._mail, "RCPT": self._recipient, "DATA": self._data}
        self.say("220 ready")
        for line in self.rfile:
            command = line.decode("ascii", "replace").strip()
            word = command[:4].upper()
            if word == "QUIT":
                self.say("221 bye")
            elif word not in answers:
                self.say("250 ok")
            if word == "QUIT" or (word in answers and not answers[word](command)):
                return

    def _hello(self, _command: str) -> bool:
        self.say("250-hello\r\n250 PIPELINING")
        return True

    def _mail(self, _command: str) -> bool:
        self.recipient = ""
        enough = 0 < self.server.mails_a_connection <= self.mails
        self.say("421 4.7.0 enough for one connection" if enough else "250 ok")
        return not enough

    def _recipient(self, command: str) -> bool:
        recipient = command.partition("<")[2].partition(">")[0]
        self.manner = self.server.manner_for(recipient)
        if self.manner is Manner.STALLS:
            self.server.moves_on.wait(STALLS_SECONDS)
            return False
        self.recipient = recipient if self.manner in self.READS else ""
        self.say("250 ok" if self.recipient else self.manner.value)
        return True

    def _data(self, _command: str) -> bool:
        if not self.recipient:
            self.say("503 5.5.1 nobody to take it")
            return True
        self.mails += 1
        self.say("354 go on")
        self.rfile.peek(1)  # waits for it: recipients are announced before there is a text
        self.began_at = time.time()
        self.take(self.recipient)
        return self.manner is Manner.TAKES

    def took(self, recipient: str, content: bytes) -> None:
        self.server.moves_on.wait(self.server.seconds_a_mail)
        if self.manner is Manner.HANGS_UP or self.left_while_held():
            return
        self.server.taken.append((recipient, content))
        self.server.arrived.append(Arrival(recipient, self.began_at, content))
        if self.manner is Manner.TAKES:
            self.say(self.manner.value)
