"""What is declared of the delay chain: no more levels than were needed, and whom it delivers to."""

from __future__ import annotations

import asyncio

import aiormq

from jararaca.errors import QueueNotFoundError
from jararaca.topology import QueueBinding
from jararaca.transport.amqp import declaring, delays
from jararaca.transport.amqp.channels import calling, close_channel, open_channel

NOTHING = -2
ENDS = -1
"""The end of the chain alone: what a consumed queue needs, to get what others delayed."""


class DelayChain:
    """Declares levels and destinations at their first use; `passive` leaves that to others."""

    def __init__(self) -> None:
        self.passive = False
        self._highest = NOTHING
        self._bound: set[str] = set()
        self._lock = asyncio.Lock()

    async def prepare(self, connection: aiormq.Connection, level: int, queue: str) -> None:
        """Have the levels up to `level`, and `queue` at their end.

        Raises QueueNotFoundError, TopologyMismatchError, AccessRefusedError.
        """
        if self.passive or (level <= self._highest and queue in self._bound):
            return
        async with self._lock:
            if level > self._highest:
                await _declare(connection, level)
                self._highest = level
            if queue not in self._bound:
                await _bind(connection, queue)
                self._bound.add(queue)

    async def restore(self, connection: aiormq.Connection) -> None:
        """Have all that again on a broker that may have lost it; a queue that is gone is let go."""
        if self.passive or self._highest == NOTHING:
            return
        async with self._lock:
            await _declare(connection, self._highest)
            for queue in sorted(self._bound):
                try:
                    await _bind(connection, queue)
                except QueueNotFoundError:
                    self._bound.discard(queue)


async def _declare(connection: aiormq.Connection, highest: int) -> None:
    chain = delays.topology(highest)
    await declaring.declare(connection, chain.topology)
    channel = await open_channel(connection)
    for each in chain.between:
        await calling(channel.exchange_bind(each.destination, each.source, each.routing_key))
    await close_channel(channel)


async def _bind(connection: aiormq.Connection, queue: str) -> None:
    channel = await open_channel(connection)
    binding = QueueBinding(delays.DELIVERY, queue, delays.delivery_key(queue))
    await calling(declaring.bind(channel, binding))
    await close_channel(channel)
