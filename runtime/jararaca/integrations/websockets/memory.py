"""The backend of one process: who serves and who sends are in it together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

HEARING: dict[str, list[InMemory]] = {}
"""Who has subscribed in this process, by the application's name."""


class InMemory:
    """Hands messages to all that subscribed in this process, for an application of this name.

    They may be in event loops of other threads.
    """

    place = "this process (no backend URL)"

    def __init__(self, application: str) -> None:
        self._application = application
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receive: Callable[[bytes], None] | None = None

    async def publish(self, data: bytes) -> None:
        """Hand it to all of them, now."""
        running = asyncio.get_running_loop()
        for each in tuple(HEARING.get(self._application, ())):
            if each._receive is None or each._loop is None or each._loop.is_closed():
                continue
            if each._loop is running:
                each._receive(data)
            else:
                each._loop.call_soon_threadsafe(each._receive, data)

    async def subscribe(self, receive: Callable[[bytes], None]) -> None:
        """Hear what is published from now on."""
        if self._receive is None:
            self._loop, self._receive = asyncio.get_running_loop(), receive
            HEARING.setdefault(self._application, []).append(self)

    async def close(self) -> None:
        """Hear nothing more."""
        self._receive = None
        hearing = HEARING.get(self._application, [])
        if self in hearing:
            hearing.remove(self)
        if not hearing:
            HEARING.pop(self._application, None)
