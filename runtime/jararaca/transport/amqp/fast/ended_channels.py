"""What aiormq writes on a channel that has ended is dropped: RabbitMQ would end the connection."""

from __future__ import annotations

import asyncio
from typing import Any

from jararaca.transport.amqp.fast.wire.decoder import METHOD

OPEN = b"\x00\x14\x00\x0a"
CLOSE = b"\x00\x14\x00\x28"
CLOSE_OK = b"\x00\x14\x00\x29"


class ChannelWriter(asyncio.StreamWriter):
    """The writer of aiormq's frames; each write is whole frames of one channel.

    aiormq answers the broker's `channel.close` at once, and takes some turns of the loop until it
    refuses what is written on that channel. RabbitMQ knows no such channel any more, and closes the
    connection with all of its channels (504, "expected 'channel.open'"). Whoever waits for what is
    dropped here is told by aiormq that the channel has ended.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._ended: set[bytes] = set()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write frames, unless their channel has ended."""
        channel = bytes(data[1:3])
        kind = bytes(data[7:11]) if data[0] == METHOD else b""
        if kind == OPEN:
            self._ended.discard(channel)
        elif channel in self._ended and kind != CLOSE_OK:
            return
        elif kind in (CLOSE, CLOSE_OK):
            self._ended.add(channel)
        super().write(data)
