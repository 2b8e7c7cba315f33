"""What was read waits in line: one message, or one batch of them, is handled at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from jararaca.handling.middlewares.keyed_lock import KeyedLock
from jararaca.transport import Delivery

ALL = object()
Handle = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Handles messages, in their order, and settles each."""


class Line:
    """The messages of a stream in their order: the task of the first handles it.

    `size` is how many are handled together at most, `within` how long the first waits for others.
    """

    def __init__(self, handle: Handle, size: int, within: float, stopping: asyncio.Event) -> None:
        self._handle = handle
        self._size = size
        self._within = within
        self._stopping = stopping
        self._turns = KeyedLock()
        self._line: deque[Delivery] = deque()
        self._come = asyncio.Event()

    @property
    def waiting(self) -> set[asyncio.Task[Any] | None]:
        """The tasks of the messages that wait for those before them."""
        return self._turns.waiting

    async def join(self, delivery: Delivery) -> None:
        """Handle it in its turn, if no one before it takes it along."""
        self._line.append(delivery)
        self._come.set()
        async with self._turns.hold(ALL):
            if self._line and self._line[0] is delivery:
                await self._gathered()
                number = min(self._size, len(self._line))
                await self._handle([self._line.popleft() for _ in range(number)])

    def clear(self) -> list[Delivery]:
        """Forget who waits: none of them is handled."""
        left = [*self._line]
        self._line.clear()
        return left

    async def _gathered(self) -> None:
        """Wait until enough have come, for as long as is allowed."""
        if self._size == 1:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._within):
                while len(self._line) < self._size and not self._stopping.is_set():
                    self._come.clear()
                    await self._come.wait()
