"""Sending: one SMTP connection for many messages, and an answer for each.

smtplib's own sendmail() hides what we must know: 451 and 550 raise the same exception, and a connection that drops
before the message was handed over looks like one that drops after. So the commands are given one by one here.
Django opens the connection: host, TLS and login come from its settings.
"""

import re
import smtplib
from contextlib import suppress

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from notifications.channels.answers import Answer, Channel, Refused, Sent, TryLater, Unknown, words_of
from notifications.channels.mail import MailMessage
from notifications.channels.patience import Patience, PatientBackend

MESSAGE_SECONDS = 30.0  # all of one message, opening the connection included
REPLY_SECONDS = 15.0  # a single answer of the server
GOODBYE_SECONDS = 2.0
_CLOSING = 421
# The studio's own login is at fault, not the message: it can go once somebody has mended the settings.
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_STARTS_WITH_DOT = re.compile(rb"(?m)^\.")
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
        self._smtp: smtplib.SMTP | None = None

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
        if self._smtp is not None:
            self._patience.begin(GOODBYE_SECONDS)
            with suppress(*_TROUBLE):
                self._smtp.quit()
            self._drop()

    def _attempt(self, message: MailMessage, content: bytes) -> Answer:
        try:
            smtp = self._opened()
            refusal = _introduced(smtp, message)
            if refusal is None:
                smtp.send(_STARTS_WITH_DOT.sub(b"..", content))
        except smtplib.SMTPResponseException as reply:  # greeting, TLS or login
            self._drop()
            return TryLater(reply.smtp_code, words_of(reply.smtp_error))
        except _TROUBLE as trouble:
            self._drop()
            return TryLater(0, f"no connection: {words_of(str(trouble))}")
        return self._settled(smtp, refusal) if refusal else self._finished(smtp)

    def _finished(self, smtp: smtplib.SMTP) -> Answer:
        """Give the final dot. From here on, silence means that nobody knows."""
        try:
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
        except _TROUBLE as trouble:
            self._drop()
            return Unknown(0, f"no answer after the message: {words_of(str(trouble))}")
        if 200 <= code < 300:
            return Sent(code, words_of(reply))
        refusal = _judged(code, reply)
        return self._settled(smtp, refusal if code >= 400 else Unknown(refusal.code, refusal.text))

    def _settled(self, smtp: smtplib.SMTP, answer: Answer) -> Answer:
        """Leave the connection ready for the next message, or closed."""
        try:
            if smtp.rset()[0] != 250:
                self._drop()
        except _TROUBLE:
            self._drop()
        return answer

    def _opened(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = PatientBackend(self._patience).connect()
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


class BackendChannel:
    """Sends through any other Django backend; all that those say is a number or an exception."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def send(self, message: MailMessage) -> Answer:
        try:
            taken = self._backend.send_messages([message])
        except TimeoutError as trouble:
            return Unknown(0, words_of(str(trouble)))
        except Exception as trouble:
            return TryLater(0, words_of(f"{type(trouble).__name__}: {trouble}"))
        return Sent(0, "") if taken else TryLater(0, "the mail backend took nothing")

    def close(self) -> None:
        self._backend.close()


def _introduced(smtp: smtplib.SMTP, message: MailMessage) -> TryLater | Refused | None:
    """Name sender and recipient and ask to go on; None when the server is ready to read."""
    code, reply = smtp.mail(message.envelope_sender)
    if 200 <= code < 300:
        code, reply = smtp.rcpt(message.to[0])
    if 200 <= code < 300:
        smtp.putcmd("DATA")
        code, reply = smtp.getreply()
    return None if code == 354 else _judged(code, reply)


def _judged(code: int, reply: bytes) -> TryLater | Refused:
    permanent = 500 <= code < 600 and code not in _LOGIN_CODES
    return (Refused if permanent else TryLater)(max(code, 0), words_of(reply))
