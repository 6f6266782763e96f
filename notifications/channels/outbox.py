"""Sending: one SMTP connection for many messages, and an answer for each.

smtplib's own sendmail() hides what we must know: 451 and 550 raise the same exception, and a connection that drops
before the message was handed over looks like one that drops after. So the commands are given by hand here, and
together to a server that takes them so (RFC 2920): two round trips a message instead of four. The first of them takes
no time at all where the next message is announced before it is written: the server looks at its recipient meanwhile.
Django opens the connection: host, TLS and login come from its settings.
"""

import smtplib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from anymail.exceptions import AnymailRecipientsRefused
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from notifications.channels.answers import Answer, Channel, Refused, Sent, TryLater, Unknown, words_of
from notifications.channels.mail import MailMessage
from notifications.channels.patience import Patience, PatientBackend, PatientConnection

MESSAGE_SECONDS = 30.0  # all of one message, opening the connection included
REPLY_SECONDS = 15.0  # a single answer of the server
GOODBYE_SECONDS = 2.0
_CLOSING = 421
_GO_ON = 354
# The first digit of the reply that each command of an introduction hopes for: sender, recipient, DATA.
_WELCOME = (2, 2, 3)
# The studio's own login is at fault, not the message: it can go once somebody has mended the settings.
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_TROUBLE = (OSError, smtplib.SMTPException)


def mail_channel() -> Channel[MailMessage]:
    """Return the channel that EMAIL_BACKEND asks for: an Outbox for SMTP, else whatever Django has for it."""
    backend = get_connection()
    return Outbox() if type(backend) is EmailBackend else BackendChannel(backend)


class Outbox:
    """Sends messages over one connection, opened at the first and reopened when the server has closed it."""

    def __init__(self, *, reply_seconds: float = REPLY_SECONDS, message_seconds: float = MESSAGE_SECONDS) -> None:
        self._patience = Patience(reply_seconds)
        self._message_seconds = message_seconds
        self._smtp: PatientConnection | None = None
        self._announced: MailMessage | None = None

    def announce(self, message: MailMessage) -> None:
        """Name sender and recipient of what is sent next, and do not wait for what the server says to them.

        Nothing happens unless a connection is open whose server takes commands together. What is announced and not
        sent costs the connection: the server waits for its text, and gets none.
        """
        smtp = self._smtp
        if smtp is None or self._announced is not None or not smtp.has_extn("pipelining"):
            return
        self._patience.begin(self._message_seconds)
        try:
            smtp.give(*_commands(message))
        except _TROUBLE:
            self._drop()
        else:
            self._announced = message

    def send(self, message: MailMessage) -> Answer:
        """Hand `message` over and say what became of it, within a minute. Raises nothing about the network."""
        self._patience.begin(self._message_seconds)
        content = message.as_bytes()
        reused = self._smtp is not None
        answer = self._attempt(message, content)
        # Servers close a connection that has been idle, and we learn of it only when we use it again.
        if reused and isinstance(answer, TryLater) and answer.code in {0, _CLOSING}:
            answer = self._attempt(message, content)
        return answer

    def close(self) -> None:
        """Take leave of the server; what goes wrong with that matters to nobody."""
        if self._smtp is not None and self._announced is None:
            self._patience.begin(GOODBYE_SECONDS)
            with suppress(*_TROUBLE):
                self._smtp.quit()
        self._drop()

    def _attempt(self, message: MailMessage, content: bytes) -> Answer:
        if self._announced is not None and self._announced is not message:
            self._drop()
        announced, self._announced = self._announced is message, None
        try:
            smtp = self._opened()
            replies = _introduction(smtp, message, announced=announced)
            refusal = _refusal_in(replies)
            if refusal is None:
                smtp.hand_over(content.replace(b"\n.", b"\n..") + b".\r\n")
        except smtplib.SMTPResponseException as reply:  # greeting, TLS or login
            self._drop()
            return TryLater(reply.smtp_code, words_of(reply.smtp_error))
        except _TROUBLE as trouble:
            self._drop()
            return TryLater(0, f"no connection: {words_of(str(trouble))}")
        return self._settled(smtp, refusal, unread=replies) if refusal else self._finished(smtp)

    def _finished(self, smtp: PatientConnection) -> Answer:
        """Wait for the answer to the final dot. From here on, silence means that nobody knows."""
        try:
            code, reply = smtp.getreply()
        except _TROUBLE as trouble:
            self._drop()
            return Unknown(0, f"no answer after the message: {words_of(str(trouble))}")
        if 200 <= code < 300:
            return Sent(code, words_of(reply))
        refusal = _judged(code, reply)
        return self._settled(smtp, refusal if code >= 400 else Unknown(refusal.code, refusal.text))

    def _settled(self, smtp: PatientConnection, answer: Answer, *, unread: "Iterable[_Reply]" = ()) -> Answer:
        """Leave the connection ready for the next message, or closed.

        A server that waits for a text although it refused the sender or the only recipient gets none: we leave.
        """
        try:
            ready = answer.code != _CLOSING and all(code != _GO_ON for code, _ in unread) and smtp.rset()[0] == 250
        except _TROUBLE:
            ready = False
        if not ready:
            self._drop()
        return answer

    def _opened(self) -> PatientConnection:
        if self._smtp is None:
            self._smtp = PatientBackend(self._patience).connect()
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp, self._announced = None, None


class BackendChannel:
    """Sends through any other Django backend; all that those say is a number or an exception."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def announce(self, message: MailMessage) -> None:
        """Nobody is there to be told."""

    def send(self, message: MailMessage) -> Answer:
        try:
            taken = self._backend.send_messages([message])
        except TimeoutError as trouble:
            return Unknown(0, words_of(str(trouble)))
        except AnymailRecipientsRefused:
            return Refused(0, "the provider sends nothing to this address")
        except Exception as trouble:
            return TryLater(0, words_of(f"{type(trouble).__name__}: {trouble}"))
        return Sent(0, "") if taken else TryLater(0, "the mail backend took nothing")

    def close(self) -> None:
        self._backend.close()


_Reply = tuple[int, bytes]


def _commands(message: MailMessage) -> tuple[str, str, str]:
    return f"mail FROM:<{message.return_path}>", f"rcpt TO:<{message.to[0]}>", "data"  # both are bare addresses


def _introduction(smtp: PatientConnection, message: MailMessage, *, announced: bool) -> Iterator[_Reply]:
    """Name sender and recipient and ask to go on, unless that is done; yield the reply to each, as it is read.

    Where the server takes commands together, each has its reply, also after one that was refused.
    """
    commands = _commands(message)
    together = smtp.has_extn("pipelining")
    if together and not announced:
        smtp.give(*commands)
    for command, welcome in zip(commands, _WELCOME, strict=True):
        if not together:
            smtp.give(command)
        code, reply = smtp.getreply()
        yield code, reply
        if not together and code // 100 != welcome:
            return


def _refusal_in(replies: Iterator[_Reply]) -> TryLater | Refused | None:
    """Return what the first reply that is not as hoped means; None when the server is ready to read."""
    for welcome, (code, reply) in zip(_WELCOME, replies, strict=False):
        if code // 100 != welcome:
            return _judged(code, reply)
    return None


def _judged(code: int, reply: bytes) -> TryLater | Refused:
    permanent = 500 <= code < 600 and code not in _LOGIN_CODES
    return (Refused if permanent else TryLater)(max(code, 0), words_of(reply))
