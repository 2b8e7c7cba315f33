"""The event loop that a transport was connected in: what others ask for is handed over to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jararaca.errors import BrokerUnreachableError
from jararaca.transport import forked

T = TypeVar("T")


class HomeLoop:
    """Where a connection lives: its futures and its socket are of no use to another loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    def enter(self) -> None:
        """The running loop is home from now on."""
        self._loop = asyncio.get_running_loop()
        self._process = os.getpid()
        forked.at_home()

    @property
    def is_elsewhere(self) -> bool:
        """Whether the running loop is another than home."""
        return self._loop is not None and self._loop is not asyncio.get_running_loop()

    @property
    def is_running(self) -> bool:
        """Whether what is handed over gets done."""
        return self._is_here and self._loop is not None and self._loop.is_running()

    @property
    def _is_here(self) -> bool:
        """Whether this process is the one that home is in: a forked one has a copy of it."""
        return self._process == os.getpid()

    async def call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Have home do it, and wait here. Raises BrokerUnreachableError where home has ended."""
        if not self._is_here:
            raise BrokerUnreachableError(forked.ANOTHER)
        if self._loop is None or not self._loop.is_running():
            raise BrokerUnreachableError(
                "this transport was connected in an event loop that does not run any more: connect "
                "one in this loop"
            )
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop))
