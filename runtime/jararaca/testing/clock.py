"""A clock that stands still until a test puts it forward."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any


class ManualClock:
    """Time for the in-process broker, and for ordered messages that wait for their next try."""

    def __init__(self) -> None:
        self._now = 0.0
        self._count = 0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self.asleep: set[asyncio.Task[Any] | None] = set()

    def time(self) -> float:
        """Seconds since the test began, as far as it has put them forward."""
        return self._now

    @property
    def next_due(self) -> float | None:
        """When something happens next; None where nothing is to."""
        return self._due[0][0] if self._due else None

    def call_at(self, when: float, callback: Callable[[], None]) -> None:
        """Call once the clock was put forward to `when`."""
        self._count += 1
        heappush(self._due, (when, self._count, callback))

    async def pause(self, seconds: float, until: asyncio.Event) -> None:
        """Wait until the clock was put forward so far, but no longer than until the event."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.current_task()

        def wake() -> None:
            # From now on the task is at work again, though it has not run yet.
            self.asleep.discard(task)
            if not woken.done():
                woken.set_result(None)

        self.call_at(self._now + seconds, wake)
        self.asleep.add(task)
        ended = asyncio.ensure_future(until.wait())
        either: set[asyncio.Future[Any]] = {woken, ended}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            self.asleep.discard(task)

    def put_forward(self, to: float) -> None:
        """Make it `to`, and call what is due by then, in order."""
        while self._due and self._due[0][0] <= to:
            self._now, _, callback = heappop(self._due)
            callback()
        self._now = max(self._now, to)
