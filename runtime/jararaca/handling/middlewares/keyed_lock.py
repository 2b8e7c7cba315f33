"""A lock for each key: its holders come one at a time, in the order in which they asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Any


class KeyedLock:
    """Who holds each key, and who waits for it."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, list[None]]] = {}
        self.waiting: set[asyncio.Task[Any] | None] = set()

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for the key, hold it, hand it on; a lock wakes those who wait in their order."""
        lock, users = self._locks.setdefault(key, (asyncio.Lock(), []))
        users.append(None)
        task = asyncio.current_task()
        self.waiting.add(task)
        try:
            async with lock:
                self.waiting.discard(task)
                yield
        finally:
            self.waiting.discard(task)
            users.pop()
            if not users:
                del self._locks[key]
