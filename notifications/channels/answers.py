"""What a channel is, and what it answers."""

import re
from dataclasses import dataclass
from typing import Protocol, TypeVar

_ADDRESS = re.compile(r"\S*@\S*")
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class _Answer:
    """`code` is the server's (0 when no server spoke); `text` its words, without addresses, for staff to read."""

    code: int
    text: str


class Sent(_Answer):
    __slots__ = ()


class TryLater(_Answer):
    __slots__ = ()


class Refused(_Answer):
    __slots__ = ()


class Unknown(_Answer):
    __slots__ = ()


Answer = Sent | TryLater | Refused | Unknown
Message = TypeVar("Message", contravariant=True)


class Channel(Protocol[Message]):
    """A way to tell people. Not for use by two threads at once."""

    def announce(self, message: Message) -> None:
        """Say that this one is sent next, as soon as there is nothing else to do. Raises nothing about the network."""

    def send(self, message: Message) -> Answer: ...

    def close(self) -> None: ...


def words_of(reply: bytes | str) -> str:
    """Return a server's reply as one short line; addresses are left out, because answers are kept and logged."""
    text = reply.decode("ascii", "replace") if isinstance(reply, bytes) else reply
    return _ADDRESS.sub("(address)", " ".join(text.split()))[:_LONGEST_TEXT]
