"""What was read waits in line: one message, or one batch of them, is handled at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from jararaca.transport import Delivery

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
        self._turn = asyncio.Lock()
        self._line: deque[Delivery] = deque()
        self._come = asyncio.Event()
        self._asleep: dict[asyncio.Task[Any] | None, None] = {}

    @property
    def waiting(self) -> set[asyncio.Task[Any] | None]:
        """The tasks of the messages that wait for those before them."""
        return {*self._asleep}

    async def join(self, delivery: Delivery) -> None:
        """Handle it in its turn, if no one before it takes it along."""
        self._line.append(delivery)
        self._come.set()
        task = asyncio.current_task()
        self._asleep[task] = None
        try:
            async with self._turn:
                self._asleep.pop(task, None)
                try:
                    if self._line and self._line[0] is delivery:
                        await self._handle(await self._first())
                finally:
                    # Whose turn is next is at work again, though it has not run yet.
                    self._asleep.pop(next(iter(self._asleep), None), None)
        finally:
            self._asleep.pop(task, None)

    def clear(self) -> list[Delivery]:
        """Forget who waits: none of them is handled."""
        left = [*self._line]
        self._line.clear()
        return left

    async def _first(self) -> list[Delivery]:
        """Who is first, and as many behind it as come within the time that is allowed."""
        if self._size == 1:
            return [self._line.popleft()]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._within):
                while len(self._line) < self._size and not self._stopping.is_set():
                    self._come.clear()
                    await self._come.wait()
        number = min(self._size, len(self._line))
        return [self._line.popleft() for _ in range(number)]
