"""The local inbox: an SMTP server that keeps every message as a file and passes nothing on.

`python -m config.inbox` listens on 127.0.0.1:$INBOX_PORT and fills $MAILBOX_DIR. Each message is one
`<instant>-<n>.eml` with the very octets that came over the wire, and beside it a `.json` with its envelope:
who it is from, whom it was for, when it came and from which port. Names sort in the order of arrival.

A message has its file before its sender reads "250": what was answered for is there.
"""

import asyncio
import itertools
import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from aiosmtpd.smtp import SMTP
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.mailbox import STAMP

HOST = "127.0.0.1"
DEFAULT_PORT = 1025
IDLE_SECONDS = 3600  # workers keep their connection between two mails
PORT_TAKEN, BAD_CONFIGURATION = 69, 78

LOG_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
NO_FOLDER = "MAILBOX_DIR is not set. Set it to the folder in which mail is to be kept."
NOT_LOCAL = "the inbox is for local use only. Set STILLPOINT_LOCAL=true here, or use a real mail server."

log = logging.getLogger("inbox")


class Session(Protocol):
    """What we read of aiosmtpd's session."""

    peer: tuple[str, int]


class Envelope(Protocol):
    """What we read of aiosmtpd's envelope."""

    mail_from: str
    rcpt_tos: list[str]
    original_content: bytes


class Keeper:
    """Keeps each message of every session in `folder`, which is made when it is missing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd
        """Keep the message and say so; aiosmtpd calls this when the last octet is in."""
        now = datetime.now(UTC)  # noqa: TID251 - a server is an edge
        name = self.keep(envelope, peer=session.peer, received_at=now)
        log.info("%s for %s", name, ", ".join(envelope.rcpt_tos))
        return f"250 2.0.0 kept as {name}"

    def keep(self, envelope: Envelope, *, peer: tuple[str, int], received_at: datetime) -> str:
        """Write the message and its envelope, and return the name of the message's file.

        Nobody ever sees half a file: each is written under another name and then renamed, the envelope first.
        """
        facts = {
            "mail_from": envelope.mail_from,
            "rcpt_to": envelope.rcpt_tos,
            "received_at": received_at.isoformat(timespec="microseconds"),
            "peer": f"{peer[0]}:{peer[1]}",
            "octets": len(envelope.original_content),
        }
        stem = self._free_stem(received_at)
        self._write(f"{stem}.json", json.dumps(facts, ensure_ascii=False, indent=2).encode() + b"\n")
        self._write(f"{stem}.eml", envelope.original_content)
        return f"{stem}.eml"

    def _free_stem(self, received_at: datetime) -> str:
        # The clock may stand still or be set back, so a name in use is passed over, never written over.
        while True:
            stem = f"{received_at.strftime(STAMP)}-{next(self._numbers):06d}"
            if not (self.folder / f"{stem}.eml").exists():
                return stem

    def _write(self, name: str, content: bytes) -> None:
        unfinished = self.folder / f".{name}.part"
        unfinished.write_bytes(content)
        unfinished.rename(self.folder / name)


async def listen(keeper: Keeper, *, port: int) -> asyncio.Server:
    """Return a server that takes mail on `port` of this machine; 0 chooses a free one.

    Any size is taken. A line over 998 octets is answered with 500, as real servers do (RFC 5321 4.5.3.1.6).
    Raises OSError when the port is taken.
    """
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            keeper,
            data_size_limit=None,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Stillpoint local inbox",
            timeout=IDLE_SECONDS,
            loop=loop,
        )

    return await loop.create_server(session, host=HOST, port=port, backlog=512)


async def serve(keeper: Keeper, *, port: int) -> None:
    """Take mail until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await listen(keeper, port=port)
    chosen_port = server.sockets[0].getsockname()[1]
    log.info("inbox ready on %s:%s, mail is kept in %s", HOST, chosen_port, keeper.folder)
    await stop.wait()
    server.close()  # open sessions end with the process; between two messages they hold nothing


def main() -> int:
    """Run the inbox as the environment says; return an exit status of sysexits.h."""
    logging.basicConfig(stream=sys.stdout, format=LOG_LINE, level="INFO")
    logging.getLogger("mail.log").setLevel("WARNING")  # aiosmtpd tells each command at INFO
    try:
        if not env.flag("STILLPOINT_LOCAL", default=False):
            return _refuse(BAD_CONFIGURATION, NOT_LOCAL)
        folder, port = env.text("MAILBOX_DIR"), env.number("INBOX_PORT", DEFAULT_PORT, most=65_535)
    except ImproperlyConfigured as error:
        return _refuse(BAD_CONFIGURATION, str(error))
    if not folder:
        return _refuse(BAD_CONFIGURATION, NO_FOLDER)
    try:
        keeper = Keeper(Path(folder))
    except OSError as error:
        return _refuse(BAD_CONFIGURATION, f"MAILBOX_DIR cannot be used: {error}.")
    try:
        asyncio.run(serve(keeper, port=port))
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        return _refuse(PORT_TAKEN, f"port {port} cannot be opened: {reason}. Set INBOX_PORT to a free one.")
    return 0


def _refuse(status: int, sentence: str) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
