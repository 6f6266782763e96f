"""A value that a page shows and its button gives back, so that only somebody who read the page can press.

Scanners of mail follow links, and some press the buttons they find; they do it at once. A press counts from two
seconds to thirty minutes after the page was shown, needs no script, and is bound to the link, to what the button
does, and to the version of the appointment that the page showed. Source: reliability case S18.
"""

from datetime import datetime, timedelta

from django.core import signing

EARLIEST = timedelta(seconds=2)
LATEST = timedelta(minutes=30)


class Refused(Exception):
    """The value does not count. `sentence` tells a person what to do."""

    sentence = "Please press the button once more."


class TooSoon(Refused):
    sentence = "That was very quick, so we are making sure that a person pressed. Please press once more."


class TooOld(Refused):
    sentence = "This page was open for a while. Please check that all is as you want it, then press once more."


def value_for(token: str, purpose: str, *, version: int = 0, now: datetime) -> str:
    return _signer(token, purpose).sign(f"{_milliseconds(now)}.{version}")


def version_in(value: str, token: str, purpose: str, *, now: datetime) -> int:
    """Return the version the page showed. Raises TooSoon, TooOld, or Refused for a value we did not make."""
    try:
        shown_at, version = _signer(token, purpose).unsign(value).split(".")
    except signing.BadSignature:
        raise Refused from None
    age = timedelta(milliseconds=_milliseconds(now) - int(shown_at))
    if age < EARLIEST:
        raise TooSoon
    if age > LATEST:
        raise TooOld
    return int(version)


def _signer(token: str, purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"web.press\n{purpose}\n{token}")


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
