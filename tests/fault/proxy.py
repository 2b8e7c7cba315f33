"""A TCP proxy that misbehaves on demand: it cuts connections, or takes bytes and keeps them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

CHUNK = 65_536


class Proxy:
    """Between the clients and a port; `url` is where clients go."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._answering = asyncio.Event()
        self.resume()
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port; on the same one after `close`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut what is open."""
        self.resume()
        self.cut()
        if self._server is not None:
            self._server.close()

    def url(self, **parameters: object) -> str:
        """A broker URL through this proxy."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"amqp://guest:guest@127.0.0.1:{self.port}/?{query}"

    @property
    def connections(self) -> int:
        """How many sockets are open, two a connection."""
        return len(self._writers)

    def cut(self) -> None:
        """Reset every connection, whatever is on its way."""
        for writer in self._writers:
            writer.transport.abort()

    def stall(self) -> None:
        """Keep every connection open and pass nothing on."""
        self._flowing.clear()

    def stall_answers(self) -> None:
        """Pass on what clients send, and keep what the broker says."""
        self._answering.clear()

    def abandon(self) -> None:
        """Pass nothing on in what is open, ever again; what is opened from now on flows."""
        self._flowing.clear()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def resume(self) -> None:
        """Pass everything on again."""
        self._flowing.set()
        self._answering.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there[1]}
        try:
            pumps = (
                self._pump(reader, there[1], (self._flowing,)),
                self._pump(there[0], writer, (self._flowing, self._answering)),
            )
            await asyncio.wait(
                {asyncio.ensure_future(pump) for pump in pumps},
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for each in (writer, there[1]):
                each.transport.abort()
                self._writers.discard(each)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        gates: tuple[asyncio.Event, ...],
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                for gate in gates:
                    await gate.wait()
                writer.write(data)
                await writer.drain()
