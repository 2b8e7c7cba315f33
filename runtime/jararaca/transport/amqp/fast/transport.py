"""The fast Transport of RabbitMQ: the plain one's connections and recovery, channels of our own."""

from __future__ import annotations

import asyncio

from jararaca.contract.topology import Topology
from jararaca.errors import BrokerError
from jararaca.printable import logger_named
from jararaca.transport import Consumer, Delivery, OnDelivery
from jararaca.transport.amqp.cancelling import cancel
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.delaying import delays
from jararaca.transport.amqp.delaying.delay_chain import ENDS, DelayChain
from jararaca.transport.amqp.delaying.job_ways import JobWays
from jararaca.transport.amqp.fast import declaration
from jararaca.transport.amqp.fast.channel_pool import ChannelPool
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.fast.receiver import FastReceiver
from jararaca.transport.amqp.fast.sender import FastSender
from jararaca.transport.amqp.queries import Asker
from jararaca.transport.amqp.receiver import Receiver, Token
from jararaca.transport.amqp.subscription import Subscription
from jararaca.transport.amqp.transport import AmqpTransport
from jararaca.transport.url import BrokerUrl

logger = logger_named("jararaca.broker")


class FastTransport(AmqpTransport):
    """A broker URL's RabbitMQ, at the broker's own speed; it promises what the plain one does."""

    def __init__(self, url: BrokerUrl) -> None:
        super().__init__(url)
        self._delays = DelayChain(declaration.declare, declaration.bind)
        self._jobs = JobWays(self._delays, declaration.declare)
        self._sending = Link(url, "publishing", self._restore_sending)
        self._receiving = Link(url, "consuming", self._restore)
        self._sender = FastSender(self._sending, url.seconds["publish_timeout"])
        self._asker = Asker(self._receiving, self._accounts)
        self._shared = ChannelPool()
        self._unbound: list[str] = []
        self._binding: asyncio.Task[None] | None = None

    async def consume(
        self,
        queue: str,
        prefetch: int,
        on_delivery: OnDelivery,
        *,
        priority: int = 0,
        timeout: float | None = None,
        careful: bool = False,
        alone: bool = False,
    ) -> Consumer:
        """Await `on_delivery` in a task a delivery. Raises QueueNotFoundError."""
        await self._receiving.open()
        wanted = Subscription.of(queue, prefetch, priority, timeout, careful)
        shared = None if alone else self._shared
        receiver = FastReceiver(
            self._receiving, wanted, on_delivery, self._restore, self._accounts, shared
        )
        await self._delays.prepare(await self._receiving.connection(), ENDS)
        await receiver.start()
        self._receivers = [*(each for each in self._receivers if not each.left), receiver]
        self._unbound.append(queue)
        if self._binding is None or self._binding.done():
            self._binding = asyncio.create_task(self._bind_ends())
        return receiver

    def _reader(self, wanted: Subscription, on_delivery: OnDelivery) -> Receiver:
        # On a channel of its own: who reads another stream may be far slower.
        own = ChannelPool()
        return FastReceiver(
            self._receiving, wanted, on_delivery, self._restore, self._accounts, own
        )

    async def close(self) -> None:
        """Close the connections, once the broker has all acks."""
        await cancel(self._binding)
        await super().close()

    async def ack(self, delivery: Delivery) -> None:
        """Settle for good, in one write with all that is settled in this turn of the loop."""
        if isinstance(delivery.token, Token):
            await super().ack(delivery)
            return
        acks, tag = delivery.token
        acks.ack(tag)

    async def requeue(self, delivery: Delivery, *, failed: bool = False) -> None:
        """Give a delivery back to its queue."""
        if isinstance(delivery.token, Token):
            await super().requeue(delivery, failed=failed)
            return
        acks, tag = delivery.token
        acks.requeue(tag, failed=failed)

    def holds(self, delivery: Delivery) -> bool:
        """Whether it is still ours to settle."""
        if isinstance(delivery.token, Token):
            return super().holds(delivery)
        acks, tag = delivery.token
        return bool(acks.holds(tag))

    async def _declare(self, connection: FastConnection, topology: Topology) -> None:
        await declaration.declare(connection, topology)

    async def _bind_ends(self) -> None:
        """Bind what is consumed to the end of the delay chain, for what comes out of it.

        Nobody's start waits for that: it costs RabbitMQ more than all the rest, and who delays a
        message for a queue of its own has it bound first.
        """
        while self._unbound:
            connection = await self._receiving.connection()
            queues = tuple(self._unbound)
            ends = [delays.of_queue(each) for each in queues]
            try:
                await self._delays.prepare(connection, ENDS, *ends)
                await self._jobs.bind_if_allowed(connection, self._task_keys(*queues))
            except BrokerError as error:
                if not connection.is_closed:
                    logger.warning("delayed messages may not reach their queue yet: %s", error)
                    return
                continue
            del self._unbound[: len(queues)]
