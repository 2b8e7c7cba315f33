"""A server that speaks as much AMQP 0-9-1 as publishers need, and closes connections on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pamqp import body, commands, frame, header

PROTOCOL = b"AMQP\x00\x00\x09\x01"
OFFERED: Any = {"capabilities": {"publisher_confirms": True, "basic.nack": True}}
ANSWERS: dict[type[Any], Any] = {
    commands.Connection.StartOk: commands.Connection.Tune(100, 131_072, 0),
    commands.Connection.Open: commands.Connection.OpenOk(),
    commands.Connection.Close: commands.Connection.CloseOk(),
    commands.Channel.Open: commands.Channel.OpenOk(),
    commands.Channel.Close: commands.Channel.CloseOk(),
    commands.Confirm.Select: commands.Confirm.SelectOk(),
}


class ScriptedBroker:
    """Confirms each publication, but for those whose body begins with a reply code.

    It closes the connection over one of these, with that code; `received` are all bodies.
    """

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            assert await reader.readexactly(len(PROTOCOL)) == PROTOCOL
            start = commands.Connection.Start(server_properties=OFFERED, mechanisms="PLAIN")
            writer.write(frame.marshal(start, 0))
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tags: dict[int, int] = {}
        while True:
            head = await reader.readexactly(7)
            rest = await reader.readexactly(int.from_bytes(head[3:7]) + 1)
            _, channel, got = frame.unmarshal(head + rest)
            if type(got) in ANSWERS:
                writer.write(frame.marshal(ANSWERS[type(got)], channel))
            elif isinstance(got, header.ContentHeader):
                tags[channel] = tags.get(channel, 0) + 1
            elif isinstance(got, body.ContentBody):
                assert got.value is not None
                self.received.append(got.value)
                writer.write(frame.marshal(*self._outcome(got.value, channel, tags[channel])))

    @staticmethod
    def _outcome(text: bytes, channel: int, tag: int) -> tuple[Any, int]:
        code = text[:3].decode()
        if code.isdigit():
            return commands.Connection.Close(int(code), "SCRIPTED", 0, 0), 0
        return commands.Basic.Ack(tag), channel


@asynccontextmanager
async def scripted_broker() -> AsyncIterator[ScriptedBroker]:
    """A server on a free port."""
    broker = ScriptedBroker()
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        server.close()
