"""The event loop that a transport was connected in: what others ask for is handed over to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jararaca.errors import BrokerUnreachableError

T = TypeVar("T")


class HomeLoop:
    """Where a connection lives: its futures and its socket are of no use to another loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def enter(self) -> None:
        """The running loop is home from now on."""
        self._loop = asyncio.get_running_loop()

    @property
    def is_elsewhere(self) -> bool:
        """Whether the running loop is another than home."""
        return self._loop is not None and self._loop is not asyncio.get_running_loop()

    @property
    def is_running(self) -> bool:
        """Whether what is handed over gets done."""
        return self._loop is not None and self._loop.is_running()

    async def call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Have home do it, and wait here. Raises BrokerUnreachableError where home has ended."""
        if self._loop is None or not self._loop.is_running():
            raise BrokerUnreachableError(
                "this transport was connected in an event loop that does not run any more: connect "
                "one in this loop"
            )
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop))
