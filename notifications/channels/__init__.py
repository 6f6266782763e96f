"""The ways a message leaves us, and the four answers each of them can give.

A channel takes one message and says what became of it; it never raises for what a network or a server does.

    Sent      the other side has taken it
    TryLater  it was not taken; the same message may be taken later
    Refused   it will never be taken: a wrong address, a message too large
    Unknown   it was handed over and nobody said whether it was taken
"""

from notifications.channels.answers import Answer, Channel, Refused, Sent, TryLater, Unknown
from notifications.channels.mail import (
    MailMessage,
    Sender,
    Subscription,
    UndeliverableAddress,
    message_id,
)
from notifications.channels.outbox import Outbox, mail_channel

__all__ = [
    "Answer",
    "Channel",
    "MailMessage",
    "Outbox",
    "Refused",
    "Sender",
    "Sent",
    "Subscription",
    "TryLater",
    "UndeliverableAddress",
    "Unknown",
    "mail_channel",
    "message_id",
]
