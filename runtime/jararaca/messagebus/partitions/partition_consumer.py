"""One partition that is consumed: how it is left, with nothing of it in hand."""

from __future__ import annotations

import asyncio
from typing import Any

from jararaca.messagebus.queue_receiver import QueueReceiver
from jararaca.transport import Consumer


class Tasks(set[asyncio.Task[Any]]):
    """The running deliveries of a partition, which are among all of the worker's."""

    def __init__(self, every: set[asyncio.Task[Any]]) -> None:
        super().__init__()
        self._every = every

    def add(self, element: asyncio.Task[Any]) -> None:
        """One begins."""
        super().add(element)
        self._every.add(element)

    def discard(self, element: object) -> None:
        """One has ended."""
        super().discard(element)
        self._every.discard(element)


class PartitionConsumer:
    """A partition's consumer; `stopping` ends the tries of what waits for its next one."""

    def __init__(
        self, receiver: QueueReceiver, consumer: Consumer, running: Tasks, stopping: asyncio.Event
    ) -> None:
        self._receiver = receiver
        self._consumer = consumer
        self._running = running
        self._stopping = stopping

    @property
    def leaving(self) -> bool:
        """Whether nothing more is begun."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()
        self._receiver.stop()

    async def leave(self, *, finish: bool) -> None:
        """Finish what runs, unless somebody has seen to that; then give back what is in hand.

        Only once that is done the broker serves the next worker: the order of a key is kept.
        """
        self.stop()
        while finish and (running := set(self._running)):
            await asyncio.wait(running)
        await self._consumer.leave()
        self._receiver.left()
