"""What is declared of the delay chain: only the levels needed so far, and its targets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from jararaca.contract.topology import ExchangeBinding, QueueBinding, Topology
from jararaca.errors import AccessRefusedError, QueueNotFoundError
from jararaca.transport.amqp.channels import calling, close_channel, open_channel
from jararaca.transport.amqp.declaring import declaration
from jararaca.transport.amqp.delaying import delays
from jararaca.transport.amqp.fast.connection import FastConnection

NOTHING = -2
ENDS = -1
"""The end of the chain alone: what a consumed queue needs, to get what others delayed."""


Declare = Callable[[FastConnection, Topology], Awaitable[None]]
Bind = Callable[[FastConnection, Sequence[QueueBinding]], Awaitable[None]]


class DelayChain:
    """Declares levels and destinations at their first use; `passive` leaves that to others.

    `declare` and `bind` are how a transport does that on its connections.
    """

    def __init__(
        self, declare: Declare = declaration.declare, bind: Bind = declaration.bind_all
    ) -> None:
        self.passive = False
        self._declare = declare
        self._bind = bind
        self._highest = NOTHING
        self._bound: set[str] = set()
        self._lock = asyncio.Lock()

    async def prepare(self, connection: FastConnection, level: int, *destinations: str) -> None:
        """Have the levels up to `level`, and `destinations` at their end.

        An account that may not declare them takes them as declared by another: the publication
        tells if they are not. Raises QueueNotFoundError, TopologyMismatchError.
        """
        if self.passive or (level <= self._highest and self._bound.issuperset(destinations)):
            return
        async with self._lock:
            try:
                if level > self._highest:
                    await self._declare_levels(connection, level)
                    self._highest = level
                missing = [each for each in destinations if each not in self._bound]
                await self._bind_ends(connection, missing)
                self._bound.update(missing)
            except AccessRefusedError:
                self.passive = True

    async def restore(self, connection: FastConnection) -> None:
        """Have all that again on a broker that may have lost it; what is gone is let go."""
        if self.passive or self._highest == NOTHING:
            return
        async with self._lock:
            await self._declare_levels(connection, self._highest)
            try:
                await self._bind_ends(connection, sorted(self._bound))
            except QueueNotFoundError:
                for destination in sorted(self._bound):
                    try:
                        await self._bind_ends(connection, [destination])
                    except QueueNotFoundError:
                        self._bound.discard(destination)

    async def _declare_levels(self, connection: FastConnection, highest: int) -> None:
        chain = delays.topology(highest)
        await self._declare(connection, chain.topology)
        if chain.between:
            await between(connection, chain.between)

    async def _bind_ends(self, connection: FastConnection, destinations: Sequence[str]) -> None:
        bindings = [delays.binding_of(each) for each in destinations]
        queues = [each for each in bindings if isinstance(each, QueueBinding)]
        exchanges = [each for each in bindings if isinstance(each, ExchangeBinding)]
        if queues:
            await self._bind(connection, queues)
        if exchanges:
            await between(connection, exchanges)


async def between(connection: FastConnection, bindings: Sequence[ExchangeBinding]) -> None:
    """Bind exchanges to exchanges."""
    channel = await open_channel(connection)
    for each in bindings:
        await calling(declaration.bind_exchange(channel, each))
    await close_channel(channel)
