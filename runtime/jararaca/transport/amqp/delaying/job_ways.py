"""What is declared and known of the ways of delayed tasks that go on by their topic."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from time import monotonic

from jararaca.contract.topology import QueueBinding, Topology
from jararaca.errors import AccessRefusedError, BrokerError, QueueNotFoundError
from jararaca.transport.amqp.channels import calling, close_channel, open_channel
from jararaca.transport.amqp.delaying import delays, jobs
from jararaca.transport.amqp.delaying.delay_chain import ENDS, Declare, DelayChain, between
from jararaca.transport.amqp.fast.connection import FastConnection

ASKED_AGAIN = 10.0
"""Seconds after which the broker is asked again for a way that it did not have."""

MOST_KNOWN = 10_000
"""Topics that are remembered: those with parameters are many."""


class JobWays:
    """Declares the ways of what is consumed here, and asks for those that others declared."""

    def __init__(self, chain: DelayChain, declare: Declare) -> None:
        self._chain = chain
        self._declare = declare
        self._bound: list[QueueBinding] = []
        self._asked: dict[tuple[str, str], tuple[str, float]] = {}
        self._asking = asyncio.Lock()

    async def bind(self, connection: FastConnection, bindings: Sequence[QueueBinding]) -> None:
        """Make the ways of `bindings`, and tell of them; later on after each reconnect.

        Raises AccessRefusedError, TopologyMismatchError, QueueNotFoundError.
        """
        if not bindings:
            return
        await self._chain.prepare(connection, ENDS)
        ways = jobs.ways(bindings)
        await self._declare(connection, ways.topology)
        await between(connection, ways.between)
        await self._declare(connection, jobs.signs(bindings))
        self._bound += [each for each in bindings if each not in self._bound]

    async def bind_if_allowed(
        self, connection: FastConnection, bindings: Sequence[QueueBinding]
    ) -> None:
        """The same; an account that may not declare them leaves tasks to wait, as they did."""
        if self._chain.passive:
            return
        try:
            await self.bind(connection, [each for each in bindings if each not in self._bound])
        except AccessRefusedError:
            return

    async def restore(self, connection: FastConnection) -> None:
        """Have them again on a broker that may have lost them; without those of queues gone."""
        self.forget()
        bound = [*self._bound]
        try:
            await self.bind(connection, bound)
        except QueueNotFoundError:
            self._bound.clear()

    def forget(self) -> None:
        """Ask the broker anew."""
        self._asked.clear()

    async def destination(
        self, connection: FastConnection, exchange: str, topic: str, own: Iterable[Topology]
    ) -> str:
        """What a task is delayed for: `own` are topologies that may know its topic by a pattern."""
        if (found := self._remembered(exchange, topic)) is not None:
            return found
        async with self._asking:
            if (found := self._remembered(exchange, topic)) is not None:
                return found
            for key in jobs.candidates(own, exchange, topic):
                if await _is_there(connection, jobs.known(exchange, key)):
                    return self._remember(exchange, topic, jobs.destination(exchange), math.inf)
            waiting = delays.destination(exchange, topic, mandatory=True)
            return self._remember(exchange, topic, waiting, monotonic() + ASKED_AGAIN)

    def _remembered(self, exchange: str, topic: str) -> str | None:
        found = self._asked.get((exchange, topic))
        return found[0] if found is not None and monotonic() < found[1] else None

    def _remember(self, exchange: str, topic: str, destination: str, until: float) -> str:
        if len(self._asked) >= MOST_KNOWN:
            self.forget()
        self._asked[exchange, topic] = destination, until
        return destination


async def _is_there(connection: FastConnection, exchange: str) -> bool:
    try:
        channel = await open_channel(connection)
        try:
            await calling(channel.declare_exchange(exchange, passive=True))
        finally:
            await close_channel(channel)
    except BrokerError:
        return False
    return True
