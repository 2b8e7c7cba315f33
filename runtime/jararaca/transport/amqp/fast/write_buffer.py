"""What one loop tick has to say to the broker, in few writes."""

from __future__ import annotations

import asyncio
from typing import cast

from jararaca.transport.amqp.fast.acknowledgements import Acknowledgements

AT_ONCE = 8192
"""Bytes, a dozen messages, that wait for no turn: the broker works while others are prepared."""


class WriteBuffer:
    """Collects frames and settlements until the loop's next turn, or there is much of them.

    Frames of one `write` stay together and in order; AMQP asks no more of a channel. `room()` is
    awaited by whoever writes much: it returns when the socket takes more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.WriteTransport | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._settled: list[Acknowledgements] = []
        self._scheduled = False
        self._room: asyncio.Future[None] | None = None

    @property
    def full(self) -> bool:
        """Whether the socket's buffer has passed its high-water mark."""
        return self._room is not None

    def open(self, transport: asyncio.BaseTransport) -> None:
        """The connection is made; uvloop's transports are asyncio's by their methods only."""
        self._transport = cast(asyncio.WriteTransport, transport)

    def write(self, frames: bytes) -> None:
        """Send whole frames with the loop's next turn, or now where many wait."""
        self._parts.append(frames)
        self._size += len(frames)
        if self._size < AT_ONCE:
            self._schedule()
        else:
            self.flush()

    def settled(self, acks: Acknowledgements) -> None:
        """A channel has something to tell."""
        self._settled.append(acks)
        self._schedule()

    def flush(self) -> None:
        """Send all that was collected, now."""
        self._scheduled = False
        parts, self._parts, self._size = self._parts, [], 0
        settled, self._settled = self._settled, []
        parts.extend(acks.collect() for acks in settled)
        data = b"".join(parts)
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def pause(self) -> None:
        """The socket's buffer is full."""
        if self._room is None:
            self._room = self._loop.create_future()

    def resume(self) -> None:
        """It has room again, or is gone."""
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    async def room(self) -> None:
        """Wait until the socket takes more."""
        while self._room is not None:
            await asyncio.shield(self._room)

    def abort(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """The connection is gone: nothing is sent any more."""
        self._transport = None
        self.resume()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)
