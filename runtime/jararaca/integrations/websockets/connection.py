"""One client: what waits to be sent to it is bounded, and a client that is too slow is dropped."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from jararaca.integrations.websockets.frames import Frame
from jararaca.integrations.websockets.rooms import Rooms
from jararaca.printable import printable

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

TRY_AGAIN_LATER = 1013
"""The close code for a client that is too slow (RFC 6455, registered with IANA)."""

LONGEST_REASON = 123
"""Bytes that a close frame has room for (RFC 6455, section 5.5)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait for one client: frames, and their bytes together (a text's characters)."""

    frames: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a connection is closed from this side."""

    code: int
    reason: str


class Connection:
    """A client of this process; `id` is also a room, in which it is alone, in all processes.

    `websocket` is Starlette's: its headers, its session and its `state` tell who the client is.
    """

    def __init__(self, websocket: WebSocket, rooms: Rooms[Connection], limits: Limits) -> None:
        self.id = f"connection-{uuid4().hex}"
        self.websocket = websocket
        self.closing: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()
        self._rooms = rooms
        self._limits = limits
        self._waiting: deque[Frame] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms that it is in, its own included."""
        return self._rooms.of(self)

    def join(self, *rooms: str) -> None:
        """Put it into rooms."""
        self._rooms.join(self, rooms)

    def leave(self, *rooms: str) -> None:
        """Take it out of rooms."""
        self._rooms.leave(self, rooms)

    def put(self, frame: Frame) -> None:
        """Have a frame sent; where too much waits already, the client is dropped instead."""
        if self.closing.done():
            return
        size = len(frame)
        full = len(self._waiting) >= self._limits.frames
        if full or (self._waiting and self._bytes + size > self._limits.bytes):
            self.close(TRY_AGAIN_LATER, "too slow for what is sent to it")
            return
        self._waiting.append(frame)
        self._bytes += size
        self._filled.set()

    def close(self, code: int, reason: str = "") -> None:
        """Close it, with a code of RFC 6455; nothing more is sent to it."""
        if not self.closing.done():
            short = printable(reason).encode()[:LONGEST_REASON].decode(errors="ignore")
            self.closing.set_result(Closing(code, short))
        self._waiting.clear()
        self._bytes = 0

    async def drain(self, send: Callable[[Frame], Awaitable[None]]) -> None:
        """Send what waits, in order, until cancelled; a frame waits until it is handed over."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._waiting:
                frame = self._waiting[0]
                await send(frame)
                if self._waiting:
                    self._waiting.popleft()
                    self._bytes -= len(frame)
