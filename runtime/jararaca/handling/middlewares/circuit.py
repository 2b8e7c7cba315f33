"""A circuit: closed while a dependency works, open while it is out, half-open for one probe."""

from __future__ import annotations

import asyncio
from collections import deque

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 2.0


class Circuit:
    """Lets tries through while it is closed; while it is open one waits its turn to probe.

    Whoever is let through `close`s it where the dependency works, or says that it `failed`. Turns
    are taken in order, so that a message that fails for a reason of its own cannot keep the others
    waiting.
    """

    def __init__(self) -> None:
        self.is_open = False
        self._pause = FIRST_PAUSE
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def admitted(self) -> None:
        """Return when the circuit is closed, or when it is this one's turn to probe."""
        if not self.is_open:
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if self._timer is None and len(self._waiting) == 1:
            self._schedule()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # Its turn came as it left: the next in line has it.
                self._next()
            raise

    def failed(self) -> None:
        """The dependency is out: open, or open for longer, where this was the probe."""
        if self._timer is not None:
            return
        self._pause = min(self._pause * 2, LONGEST_PAUSE) if self.is_open else FIRST_PAUSE
        self.is_open = True
        self._schedule()

    def close(self) -> None:
        """The dependency works: whoever waits goes on."""
        if not self.is_open:
            return
        self.is_open = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            _wake(self._waiting.popleft())

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._pause, self._next)

    def _next(self) -> None:
        """The next in turn probes; those that have left are passed over."""
        self._timer = None
        while self._waiting:
            if _wake(self._waiting.popleft()):
                return


def _wake(turn: asyncio.Future[None]) -> bool:
    if turn.done():
        return False
    turn.set_result(None)
    return True
