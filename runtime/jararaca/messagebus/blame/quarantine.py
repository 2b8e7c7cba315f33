"""Where suspects begin alone: what else would begin in this process waits, or stands aside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from jararaca.messagebus.blame import verdict
from jararaca.messagebus.blame.verdict import Running
from jararaca.messagebus.in_hand import InHand
from jararaca.transport import Delivery

POLL_SECONDS = 0.02
"""How often a suspect looks whether it may begin: rare, so that no delivery pays for telling it."""


class Quarantine:
    """What a process knows of its suspects; one for all queues, since it ends as a whole.

    `closed`: nothing that is no suspect begins now; it waits in `passed()`. `suspects` are those
    that have begun, with their strikes.
    """

    def __init__(self) -> None:
        self.closed = False
        self._in_hand: list[InHand] = []
        self.suspects: dict[Delivery, int] = {}
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._setting_aside = 0
        self._opened = asyncio.Event()
        self._ended = False

    def watch(self, in_hand: InHand) -> None:
        """Count what is in hand of another queue among what runs."""
        self._in_hand.append(in_hand)

    def forget(self, in_hand: InHand) -> None:
        """Count it no more: its queue is left."""
        self._in_hand.remove(in_hand)

    async def passed(self) -> None:
        """Wait until what is no suspect may begin."""
        while self.closed:
            await self._opened.wait()

    async def begins(self, delivery: Delivery, strikes: int, *, movable: bool) -> bool:
        """Wait until a suspect may begin; then it has. False: it is to be set aside instead.

        What cannot be moved (it is in order) waits in line.
        """
        if movable and (self._waiting or verdict.stands_aside(strikes, self._running())):
            return False
        self._waiting += 1
        self._update()
        try:
            async with self._turn:
                if not self._ended:
                    await asyncio.sleep(verdict.listens_for(strikes))
                # Nobody tells it what has ended: that would cost every delivery something.
                while (wait := self._wait(strikes)) > 0:  # noqa: ASYNC110
                    await asyncio.sleep(min(wait, POLL_SECONDS))
                self.suspects[delivery] = strikes
        finally:
            self._waiting -= 1
            asyncio.get_running_loop().call_soon(self._update)
        return True

    def over(self, delivery: Delivery) -> None:
        """It is settled, or was given back."""
        if self.suspects.pop(delivery, None) is not None:
            self._update()

    @contextmanager
    def setting_aside(self) -> Iterator[None]:
        """While a suspect is being moved away, no other begins."""
        self._setting_aside += 1
        try:
            yield
        finally:
            self._setting_aside -= 1

    def end(self) -> None:
        """Nobody waits any more: the worker stops."""
        self._ended = True
        self._update()

    def _wait(self, strikes: int) -> float:
        if self._ended:
            return 0.0
        if self._setting_aside:
            return POLL_SECONDS
        return verdict.seconds_until_alone(strikes, self._running())

    def _update(self) -> None:
        """Open or close; open again by itself once the youngest suspect is old enough."""
        wait = verdict.seconds_until_open(self._running())
        self.closed = not self._ended and (self._waiting > 0 or wait > 0)
        if not self.closed:
            self._opened.set()
            return
        self._opened.clear()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._update)

    def _running(self) -> list[Running]:
        now, strikes = monotonic(), self.suspects
        return [
            Running(strikes.get(delivery, 0), now - since)
            for in_hand in self._in_hand
            for delivery, since in in_hand.running()
        ]
