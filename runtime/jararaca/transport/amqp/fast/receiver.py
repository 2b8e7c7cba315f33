"""Consuming on a channel of ours: the plain receiver's recovery over the fast lane's deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

import aiormq
from pamqp import commands
from pamqp.base import Frame

from jararaca.topology import QueueBinding
from jararaca.transport import Delivery
from jararaca.transport.amqp.channels import calling
from jararaca.transport.amqp.fast.declaring import bind
from jararaca.transport.amqp.fast.lane import LaneConnection
from jararaca.transport.amqp.receiver import Receiver

TAG = "jararaca"
"""The consumer tag: tags are the channel's own, and each channel has one consumer."""


class FastReceiver(Receiver):
    """A consumer of one queue; opening, bounding, binding and consuming are one exchange.

    `bindings` are declared each time that it starts.
    """

    bindings: tuple[QueueBinding, ...] = ()

    async def _consume(self) -> None:
        connection = await self._link.connection()
        assert isinstance(connection, LaneConnection)
        loop, tasks = asyncio.get_running_loop(), self._tasks
        on_delivery = cast(Callable[[Delivery], Coroutine[Any, Any, None]], self._on_delivery)

        def deliver(delivery: Delivery) -> None:
            task = loop.create_task(on_delivery(delivery))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        self._cancelled_by_broker.clear()
        channel = await calling(connection.own_channel())
        channel.on_cancelled = self._cancelled_by_broker.set
        channel.consume(TAG, self.queue, deliver)
        calls: list[Frame] = [bind(binding) for binding in self.bindings]
        calls.append(commands.Basic.Qos(prefetch_count=self._prefetch))
        calls.append(commands.Basic.Consume(queue=self.queue, consumer_tag=TAG))
        await calling(channel.call(*calls))
        # Of its channel the plain receiver asks what ours has too: closing, close, basic_cancel.
        self._channel = cast(aiormq.Channel, channel)
        self._tag = TAG
