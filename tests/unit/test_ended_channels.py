"""A channel that has ended, by either side, gets no frame of aiormq's until it is opened again."""

from __future__ import annotations

import asyncio
from typing import cast

from jararaca.transport.amqp.fast.ended_channels import ChannelWriter
from jararaca.transport.amqp.fast.wire.frames import method
from pamqp import commands
from pamqp.base import Frame
from pamqp.heartbeat import Heartbeat

PUBLISH = commands.Basic.Publish(exchange="x")
OPEN, CLOSE, CLOSE_OK = (
    commands.Channel.Open(),
    commands.Channel.Close(200, "", 0, 0),
    commands.Channel.CloseOk(),
)


class Socket:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Take it."""
        self.written.append(data)

    def is_closing(self) -> bool:
        """Asked at the end: nothing is left to be closed."""
        return True


async def written(*frames: tuple[Frame, int]) -> list[bytes]:
    """What comes out of these."""
    socket = Socket()
    writer = ChannelWriter(
        cast(asyncio.WriteTransport, socket),
        asyncio.StreamReaderProtocol(asyncio.StreamReader()),
        None,
        asyncio.get_running_loop(),
    )
    for frame, channel in frames:
        writer.write(method(frame, channel))
    return socket.written


async def test_what_comes_behind_either_sides_close_is_dropped_on_that_channel_alone() -> None:
    for end in (CLOSE, CLOSE_OK):
        whole = [(OPEN, 1), (PUBLISH, 1), (end, 1), (PUBLISH, 1), (PUBLISH, 2), (OPEN, 1)]
        told = await written(*whole, (PUBLISH, 1))
        kept = [*whole[:3], *whole[4:], (PUBLISH, 1)]
        assert told == [method(*each) for each in kept]


async def test_both_sides_may_close_at_once() -> None:
    assert len(await written((OPEN, 1), (CLOSE, 1), (CLOSE_OK, 1), (CLOSE, 1))) == 3


async def test_what_is_no_method_goes_out() -> None:
    assert await written((cast(Frame, Heartbeat()), 0)) == [Heartbeat().marshal()]
