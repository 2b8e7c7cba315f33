"""Consuming on a channel of ours: the plain receiver's recovery over the fast lane's deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import aiormq
from pamqp import commands
from pamqp.base import Frame

from jararaca.topology import QueueBinding
from jararaca.transport import Delivery, OnDelivery
from jararaca.transport.amqp.channels import calling
from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.declaring import bind
from jararaca.transport.amqp.fast.lane import LaneConnection
from jararaca.transport.amqp.link import Link
from jararaca.transport.amqp.receiver import Receiver

TAG = "jararaca"
"""The consumer tag: tags are the channel's own, and each channel has one consumer."""


class FastReceiver(Receiver):
    """A consumer of one queue; opening, bounding, binding and consuming are one exchange.

    `bindings` are declared each time that it starts.
    """

    def __init__(
        self,
        link: Link,
        queue: str,
        prefetch: int,
        on_delivery: OnDelivery,
        prepare: Callable[[aiormq.Connection], Awaitable[None]],
    ) -> None:
        super().__init__(link, queue, prefetch, on_delivery, prepare)
        self.bindings: tuple[QueueBinding, ...] = ()
        self._loop = asyncio.get_running_loop()
        self._handling: dict[Delivery, asyncio.Task[None]] = {}

    async def _consume(self) -> None:
        connection = await self._link.connection()
        assert isinstance(connection, LaneConnection)
        self._cancelled_by_broker.clear()
        # Of its channel the plain receiver asks what ours has too: closing, close, basic_cancel.
        self._channel = cast(aiormq.Channel, await calling(self._start_on(connection)))
        self._tag = TAG

    async def _start_on(self, connection: LaneConnection) -> FastChannel:
        channel = connection.new_channel()
        channel.on_cancelled = self._cancelled_by_broker.set
        channel.consume(TAG, self.queue, self._deliver)
        calls: list[Frame] = [commands.Channel.Open(), *map(bind, self.bindings)]
        calls.append(commands.Basic.Qos(prefetch_count=self._prefetch))
        calls.append(commands.Basic.Consume(queue=self.queue, consumer_tag=TAG))
        await channel.call(*calls)
        return channel

    def _deliver(self, delivery: Delivery) -> None:
        self._handling[delivery] = self._loop.create_task(self._handle(delivery))

    async def _handle(self, delivery: Delivery) -> None:
        # A done callback would do, and cost every message another turn of the loop.
        try:
            await self._on_delivery(delivery)
        finally:
            del self._handling[delivery]
