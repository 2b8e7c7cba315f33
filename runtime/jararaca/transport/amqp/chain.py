"""What is declared of the delay chain: no more levels than were needed, and whom it delivers to."""

from __future__ import annotations

import asyncio

import aiormq

from jararaca.errors import AccessRefusedError, QueueNotFoundError
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

    async def prepare(self, connection: aiormq.Connection, level: int, destination: str) -> None:
        """Have the levels up to `level`, and `destination` at their end.

        An account that may not declare them takes them as declared by another: the publication
        tells if they are not. Raises QueueNotFoundError, TopologyMismatchError.
        """
        if self.passive or (level <= self._highest and destination in self._bound):
            return
        async with self._lock:
            try:
                await self._prepare(connection, level, destination)
            except AccessRefusedError:
                self.passive = True

    async def _prepare(self, connection: aiormq.Connection, level: int, destination: str) -> None:
        if level > self._highest:
            await _declare(connection, level)
            self._highest = level
        if destination not in self._bound:
            await _bind(connection, destination)
            self._bound.add(destination)

    async def restore(self, connection: aiormq.Connection) -> None:
        """Have all that again on a broker that may have lost it; what is gone is let go."""
        if self.passive or self._highest == NOTHING:
            return
        async with self._lock:
            await _declare(connection, self._highest)
            for destination in sorted(self._bound):
                try:
                    await _bind(connection, destination)
                except QueueNotFoundError:
                    self._bound.discard(destination)


async def _declare(connection: aiormq.Connection, highest: int) -> None:
    chain = delays.topology(highest)
    await declaring.declare(connection, chain.topology)
    channel = await open_channel(connection)
    for each in chain.between:
        await calling(declaring.bind_exchange(channel, each))
    await close_channel(channel)


async def _bind(connection: aiormq.Connection, destination: str) -> None:
    channel = await open_channel(connection)
    binding = delays.binding_of(destination)
    if isinstance(binding, QueueBinding):
        await calling(declaring.bind(channel, binding))
    else:
        await calling(declaring.bind_exchange(channel, binding))
    await close_channel(channel)
