"""The time of the in-process broker: the system's, or one that a test puts forward."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Tells the time and calls back; seconds since whenever."""

    def time(self) -> float:
        """Now."""

    def call_at(self, when: float, callback: Callable[[], None]) -> None:
        """Call once it is `when`."""


class SystemClock:
    """The running event loop's own."""

    def time(self) -> float:
        """Now: monotonic, the same in every event loop of the machine."""
        return asyncio.get_running_loop().time()

    def call_at(self, when: float, callback: Callable[[], None]) -> None:
        """Call once it is `when`."""
        asyncio.get_running_loop().call_at(when, callback)
