"""The fast Transport of RabbitMQ: the plain one's connections and recovery, channels of our own."""

from __future__ import annotations

import asyncio

import aiormq

from jararaca.topology import QueueBinding, Topology
from jararaca.transport import Consumer, Delivery, OnDelivery
from jararaca.transport.amqp import delays
from jararaca.transport.amqp.asking import Asker
from jararaca.transport.amqp.chain import ENDS
from jararaca.transport.amqp.fast.declaring import declare
from jararaca.transport.amqp.fast.lane import LaneConnection
from jararaca.transport.amqp.fast.receiver import FastReceiver
from jararaca.transport.amqp.fast.sender import FastSender
from jararaca.transport.amqp.link import Link
from jararaca.transport.amqp.receiver import Token
from jararaca.transport.amqp.transport import AmqpTransport
from jararaca.transport.url import BrokerUrl


class FastTransport(AmqpTransport):
    """A broker URL's RabbitMQ, at the broker's own speed; it promises what the plain one does."""

    def __init__(self, url: BrokerUrl) -> None:
        super().__init__(url)
        self._sending = Link(url, "publishing", self._delays.restore, LaneConnection)
        self._receiving = Link(url, "consuming", self._restore, LaneConnection)
        self._sender = FastSender(self._sending, url.seconds["publish_timeout"])
        self._asker = Asker(self._receiving)
        self._ends: Topology | None = None
        self._ending = asyncio.Lock()

    async def consume(self, queue: str, prefetch: int, on_delivery: OnDelivery) -> Consumer:
        """Await `on_delivery` in a task a delivery. Raises QueueNotFoundError."""
        await self._receiving.open()
        receiver = FastReceiver(self._receiving, queue, prefetch, on_delivery, self._restore)
        if not self._delays.passive:
            await self._declare_ends()
            receiver.bindings = (_end(queue),)
        await receiver.start()
        self._receivers.append(receiver)
        return receiver

    async def ack(self, delivery: Delivery) -> None:
        """Settle for good, in one write with all that is settled in this turn of the loop."""
        if isinstance(delivery.token, Token):
            await super().ack(delivery)
            return
        ledger, tag = delivery.token
        ledger.ack(tag)

    async def requeue(self, delivery: Delivery) -> None:
        """Give a delivery back to its queue."""
        if isinstance(delivery.token, Token):
            await super().requeue(delivery)
            return
        ledger, tag = delivery.token
        ledger.requeue(tag)

    async def _declare(self, connection: aiormq.Connection, topology: Topology) -> None:
        await declare(connection, topology)

    async def _declare_ends(self) -> None:
        """The end of the delay chain, which every consumed queue is bound to."""
        async with self._ending:
            if self._ends is None:
                ends = delays.topology(ENDS).topology
                await self._declare(await self._receiving.connection(), ends)
                self._topologies.append(ends)
                self._ends = ends


def _end(queue: str) -> QueueBinding:
    binding = delays.binding_of(delays.destination("", queue, mandatory=True))
    assert isinstance(binding, QueueBinding)
    return binding
