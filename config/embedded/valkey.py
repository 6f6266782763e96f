"""A Valkey of our own, reached by a Unix socket only."""

import os
import socket
from pathlib import Path

from config.embedded.binaries import executable_by, valkey_programs
from config.embedded.child import Child
from config.embedded.places import Place, private_folder

DATABASES = 64  # one for every pytest worker, and then some


class Valkey:
    """One server below a place that the caller has locked: Valkey itself would share its folder with a second."""

    def __init__(self, place: Place, *, throwaway: bool = False) -> None:
        self.place = place
        self.socket = place.sockets / "valkey.sock"
        self.throwaway = throwaway

    @property
    def data(self) -> Path:
        return self.place.data / "valkey"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def child(self, log: Path) -> Child:
        """Return the server as a child that is not started yet."""
        programs = executable_by(self.place.account, valkey_programs(), main="valkey-server")
        private_folder(self.data, self.place.account)
        return Child(
            name="valkey",
            argv=[
                programs / "valkey-server",
                "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700",
                "--dir", self.data, "--databases", str(DATABASES),
                "--save", "", "--appendonly", "no" if self.throwaway else "yes",
            ],
            log=log,
            ready=self._ready,
            account=self.place.account,
        )  # fmt: skip

    def _ready(self, _pid: int) -> bool:
        """Return whether it answers PING; while it reads its data back it takes connections and says LOADING."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(os.fspath(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
