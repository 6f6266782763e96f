"""One e-mail to one person, as bytes that stay the same on every retry.

    multipart/mixed
      multipart/alternative
        text/plain
        text/html
        text/calendar; method=…            read by the mail program, last because it is the richest
      application/ics; invite.ics          the same bytes, for programs that know files only

Every part is 7 bit (quoted-printable or base64), so no server on the way has a reason to rewrite a line.
Source: the CalConnect guide on iMIP, RFC 6047 2.4 and 2.5, RFC 3834, RFC 8058.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage, Message
from email.policy import Policy
from email.utils import format_datetime, formataddr
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlsplit

from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.message import MIMEMixin

from booking.addresses import bare_address
from booking.wording import clean_line
from notifications.render import Rendered

INVITE_NAME = "invite.ics"  # constant: a newline in a file name passes through Django's checks
_AS_FILE = f'Content-Disposition: attachment; filename="{INVITE_NAME}"\r\n'
_METHOD = re.compile(rb"\r\nMETHOD:(REQUEST|CANCEL|PUBLISH)\r\n")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.\[\]:-]+>")
_NOT_IN_A_FROM_NAME = str.maketrans('@:,"<>;\\', "        ")


class UndeliverableAddress(ValueError):
    """The recipient's address is none that mail can be sent to. The text does not repeat it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The studio: `address` is From and the invite's ORGANIZER, `reply_to` where people read ("" for the same)."""

    name: str
    address: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a client may leave with one click: for follow-ups and tips, never for mail about an appointment.

    `one_click_url` takes the POST of RFC 8058; `mailto` is the address that some programs write to instead.
    `list_id` is like a host name, "follow-up.book.example.com".
    """

    one_click_url: str
    mailto: str
    list_id: str


def message_id(name: str, *, public_url: str) -> str:
    """Return the Message-ID of the message called `name` (unique, for example its UUID): `<name@host>`."""
    return f"<{name}@{urlsplit(public_url).hostname or 'localhost'}>"


class MailMessage(EmailMultiAlternatives):
    """A message that any Django mail backend can send, and `Outbox` best.

    Equal arguments give equal bytes: `id` and `dated_at` belong to the logical message and not to the attempt.
    `calendar` is an object of booking.ical, or b"" for none; its METHOD is repeated in the Content-Type.
    `answers` is the Message-ID of the first mail about the appointment, so that programs show one thread.
    Raises UndeliverableAddress for `to`, ValueError for an address of the studio, an id or a calendar that is none.
    """

    def __init__(
        self,
        *,
        rendered: Rendered,
        sender: Sender,
        to: str,
        id: str,
        dated_at: datetime,
        calendar: bytes = b"",
        answers: str = "",
        subscription: Subscription | None = None,
    ) -> None:
        try:
            recipient = bare_address(to)
        except ValueError as error:
            raise UndeliverableAddress(str(error)) from error
        self.return_path = bare_address(sender.address)
        headers = {
            "Date": format_datetime(dated_at.astimezone(UTC)),
            "Message-ID": _checked_id(id),
            "X-Stillpoint-Message": id.strip("<>"),  # Amazon SES replaces Message-ID and Date
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, NRN, AutoReply, RN",
            **_thread(answers),
            **_ways_out(subscription),
        }
        super().__init__(
            subject=clean_line(rendered.subject),
            body=rendered.text,
            from_email=_from(sender.name, self.return_path),
            to=[recipient],
            reply_to=[bare_address(sender.reply_to)] if sender.reply_to else None,
            headers=headers,
        )
        # A provider whose API we speak repeats this in its reports (bounces.py); no SMTP server hears of it.
        self.metadata = {"message": id.strip("<>").partition("@")[0]}
        self.html = rendered.html
        self.calendar = calendar
        self.method = _method_of(calendar)
        # For backends that build their own request out of these instead of asking for message().
        self.attach_alternative(self.html, "text/html")
        if calendar:
            self.attach_alternative(calendar.decode(), f'text/calendar; method={self.method}; charset="utf-8"')
            self.attach(INVITE_NAME, calendar, "application/ics")

    def as_bytes(self) -> bytes:
        """Return the message as it goes over the wire: ASCII only, CRLF, no line over 998 octets.

        Written by hand, because the standard library's generator takes three times as long and folds again.
        """
        boundary = "=_" + sha256(self.extra_headers["Message-ID"].encode()).hexdigest()[:24]
        readings = [_text_part("plain", str(self.body)), _text_part("html", self.html)]
        files = []
        if self.calendar:
            encoded = encodebytes(self.calendar).replace(b"\n", b"\r\n")
            readings.append(_part(f'text/calendar; method={self.method}; charset="utf-8"', "base64", encoded))
            files.append(_part(f'application/ics; name="{INVITE_NAME}"', "base64", encoded, disposition=_AS_FILE))
        alternative = _multipart("alternative", f"{boundary}-alt", readings)
        mixed = _multipart("mixed", boundary, [alternative, *files])
        return b"".join(_header(name, value) for name, value in self._headers()) + mixed

    def message(self, *, policy: "Policy[Any] | None" = None) -> EmailMessage:
        """Return the same message as the object that Django's own backends want; `policy` is of later Djangos."""
        return cast(EmailMessage, message_from_bytes(self.as_bytes(), _class=_Parsed))

    def _headers(self) -> Iterator[tuple[str, str]]:
        yield "From", self.from_email
        yield "To", self.to[0]
        yield "Subject", str(self.subject)
        if self.reply_to:
            yield "Reply-To", self.reply_to[0]
        yield from self.extra_headers.items()
        yield "MIME-Version", "1.0"


class _Parsed(MIMEMixin, Message):  # type: ignore[misc]  # the mixin takes a linesep besides
    """A parsed message with the `as_bytes(linesep=…)` of Django's."""


def _header(name: str, value: str) -> bytes:
    """Return one header, encoded where it is not ASCII. A line break in `value` never makes a second one."""
    if not value.isascii():
        value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    elif not value.isprintable():
        raise BadHeaderError(f"{name} holds a control character.")
    return f"{name}: {value}\r\n".encode("ascii")


def _part(content_type: str, encoding: str, payload: bytes, *, disposition: str = "") -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n{disposition}\r\n"
    return head.encode("ascii") + payload


def _text_part(subtype: str, text: str) -> bytes:
    lines = text.replace("\n", "\r\n").encode("utf-8")
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", b2a_qp(lines))


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> bytes:
    """No encoded part can hold the boundary: "=_" is in neither base64 nor quoted-printable."""
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'
    between = f"--{boundary}\r\n".encode("ascii")
    body = b"".join(between + part + b"\r\n" for part in parts)
    return head.encode("ascii") + body + f"--{boundary}--\r\n".encode("ascii")


def _from(name: str, address: str) -> str:
    """Microsoft's servers take `@ : , "` in a display name for part of the address; so they go."""
    shown = clean_line(clean_line(name).translate(_NOT_IN_A_FROM_NAME))[:60]
    return (
        formataddr((shown, address)) if shown.isascii() else f"{Header(shown, 'utf-8').encode(linesep='')} <{address}>"
    )


def _checked_id(id: str) -> str:
    if not _MESSAGE_ID.fullmatch(id):
        raise ValueError("A Message-ID looks like <name@host>.")
    return id


def _method_of(calendar: bytes) -> str:
    found = _METHOD.search(calendar)
    if calendar and not found:
        raise ValueError("A calendar part has a METHOD.")
    return found[1].decode("ascii") if found else ""


def _thread(answers: str) -> dict[str, str]:
    return {"In-Reply-To": _checked_id(answers), "References": answers} if answers else {}


def _ways_out(subscription: Subscription | None) -> dict[str, str]:
    if subscription is None:
        return {}
    written_to = bare_address(subscription.mailto)
    return {
        "List-ID": f"<{subscription.list_id}>",
        "List-Unsubscribe": f"<{subscription.one_click_url}>, <mailto:{written_to}?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
