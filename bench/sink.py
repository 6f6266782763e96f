"""A mail server that takes everything and keeps nothing: the fastest other side there is.

It offers PIPELINING, as most servers do. When a mail to WATCHED has been taken it prints the Unix time.
"""

import asyncio
import sys
import time

WATCHED = "somebody.waits@example.com"


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, b""
        self.in_data = self.is_watched = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            if self.in_data:
                end = self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    return
                self.buffer, self.in_data = self.buffer[end + 5 :], False
                self._taken()
            line, found, rest = self.buffer.partition(b"\r\n")
            if not found:
                return
            self.buffer = rest
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        elif verb == b"EHLO":
            self.transport.write(b"250-sink\r\n250 PIPELINING\r\n")
        else:
            self.is_watched = self.is_watched or WATCHED.encode() in line
            self.transport.write(b"250 ok\r\n")

    def _taken(self) -> None:
        self.transport.write(b"250 taken\r\n")
        if self.is_watched:
            self.is_watched = False
            print(time.time(), flush=True)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
