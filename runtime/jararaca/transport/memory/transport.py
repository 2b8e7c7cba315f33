"""The Transport of the in-process broker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from jararaca.contract.message_ids import new_message_id
from jararaca.contract.topology import DEFAULT_EXCHANGE, Topology
from jararaca.errors import BrokerError, BrokerUnreachableError, NoAmqpError
from jararaca.transport import (
    Delivery,
    Finding,
    OnDelivery,
    Publication,
    QueueDepth,
    StreamStart,
    limits,
)
from jararaca.transport.exchanges import shared_name
from jararaca.transport.home_loop import HomeLoop
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.queue import Subscription, Token
from jararaca.transport.memory.stream import MemoryStream, Reading


class MemoryConsumer:
    """A subscription that can be ended."""

    def __init__(self, subscription: Subscription, prefetch: int, careful: bool) -> None:
        self._subscription = subscription
        self._prefetch = prefetch
        self.careful = careful and prefetch > 1

    @property
    def queue(self) -> str:
        """The queue that is consumed."""
        return self._subscription.queue.spec.name

    async def be_careful(self, careful: bool) -> None:
        """Take one message at a time, or as many as the prefetch says."""
        self.careful = careful and self._prefetch > 1
        self._subscription.prefetch = 1 if careful else self._prefetch
        self._subscription.queue.pump()

    async def cancel(self) -> None:
        """Stop new deliveries; those handed over already stay to be settled."""
        queue = self._subscription.queue
        if self._subscription in queue.consumers:
            queue.consumers.remove(self._subscription)
            queue.pump()

    async def leave(self) -> None:
        """Stop new deliveries, and give back what is unsettled."""
        _end(self._subscription)
        self._subscription.queue.pump()


def _end(subscription: Subscription) -> None:
    if subscription in subscription.queue.consumers:
        subscription.queue.consumers.remove(subscription)
    unsettled = list(subscription.unsettled.items())
    subscription.unsettled.clear()
    for place, stored in unsettled:
        subscription.queue.put_back(place, stored, failed=True)


class MemoryTransport:
    """A connection to a MemoryBroker; many may share one, as processes share RabbitMQ."""

    def __init__(self, broker: MemoryBroker, exchange: str | None = None) -> None:
        self.broker = broker
        self._named = exchange
        self._exchange = exchange or DEFAULT_EXCHANGE
        self._open = False
        self._home = HomeLoop()
        self._subscriptions: list[Subscription] = []
        self._fetching: dict[str, Subscription] = {}

    @property
    def ready(self) -> bool:
        """Whether it is connected."""
        return self._open

    @property
    def sends(self) -> bool:
        """Whether it is connected."""
        return self._open

    @property
    def home(self) -> HomeLoop:
        """The event loop that it was connected in."""
        return self._home

    @property
    def exchange(self) -> str:
        """The service's own exchange."""
        return self._exchange

    async def connect(self) -> None:
        """Nothing is dialled; delayed messages of earlier connections are taken up."""
        self._open = True
        self._home.enter()
        self.broker.wake()

    async def declare(self, topology: Topology, *, passive: bool = False) -> None:
        """Declare what is missing. Raises TopologyMismatchError."""
        self._exchange = self._exchange_of(topology)
        if not passive:
            self.broker.declare(topology.with_shared_exchange(self._exchange))

    async def provision(self, topology: Topology) -> None:
        """Declare what is missing: delays need nothing here."""
        await self.declare(topology)

    async def publish(self, publication: Publication) -> None:
        """Publish at once. Raises UnroutableError, PublishNackedError."""
        self._connected()
        if self._home.is_elsewhere and self._home.is_running:
            await self._home.call(lambda: self.publish(publication))
            return
        limits.check(publication)
        if publication.properties.message_id is None:
            properties = replace(publication.properties, message_id=new_message_id())
            publication = replace(publication, properties=properties)
        exchange = self._exchange if publication.exchange is None else publication.exchange
        self.broker.publish(publication, exchange)
        # A confirm takes a turn of the loop on every broker; callers rely on others running.
        await asyncio.sleep(0)

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
    ) -> MemoryConsumer:
        """Await `on_delivery` in a task a delivery. Raises QueueNotFoundError."""
        self._connected()
        source = self.broker.queue(queue)
        loop = asyncio.get_running_loop()
        first = 1 if careful else prefetch
        subscription = Subscription(source, first, on_delivery, loop, priority)
        self._subscriptions.append(subscription)
        source.consumers.append(subscription)
        source.pump()
        return MemoryConsumer(subscription, prefetch, careful)

    async def read(
        self,
        stream: str,
        prefetch: int,
        on_delivery: OnDelivery,
        start: StreamStart,
        only: Sequence[str] = (),
    ) -> MemoryConsumer:
        """Await `on_delivery` in a task a delivery, in order. Raises QueueNotFoundError."""
        self._connected()
        source = self.broker.queue(stream)
        if not isinstance(source, MemoryStream):
            raise BrokerError(f"{stream} is a queue, and no stream")
        loop = asyncio.get_running_loop()
        reader = Reading(
            source, prefetch, on_delivery, loop, next=source.begin(start), only=frozenset(only)
        )
        self._subscriptions.append(reader)
        source.consumers.append(reader)
        source.pump()
        return MemoryConsumer(reader, prefetch, careful=False)

    async def fetch(self, queue: str) -> Delivery | None:
        """One message, unsettled. Raises QueueNotFoundError."""
        self._connected()
        subscription = self._fetching.get(queue)
        if subscription is None:
            source = self.broker.queue(queue)
            subscription = Subscription(source, 0, _nobody, asyncio.get_running_loop())
            self._fetching[queue] = subscription
            self._subscriptions.append(subscription)
        taken = subscription.queue.take()
        return None if taken is None else subscription.hold(*taken)

    async def count(self, queue: str) -> int:
        """How many messages wait in a queue. Raises QueueNotFoundError."""
        return len(self.broker.queue(queue))

    async def depth(self, queue: str) -> QueueDepth:
        """How many messages wait, and who consumes them. Raises QueueNotFoundError."""
        found = self.broker.queue(queue)
        return QueueDepth(len(found), len(found.consumers))

    async def inspect(
        self, topology: Topology, *, provisioned: bool = False
    ) -> tuple[Finding, ...]:
        """How each exchange and queue stands to the broker; delays need nothing here."""
        return self.broker.inspect(topology.with_shared_exchange(self._exchange_of(topology)))

    async def remove(self, queues: Sequence[str], exchanges: Sequence[str]) -> None:
        """Delete queues and exchanges."""
        for name in queues:
            self.broker.delete(name)
        for name in exchanges:
            self.broker.delete_exchange(name)

    async def ack(self, delivery: Delivery) -> None:
        """Settle for good; nothing when the connection that received it is closed."""
        token: Token = delivery.token
        if self.holds(delivery):
            del token.consumer.unsettled[token.place]
            token.consumer.queue.pump()

    async def requeue(self, delivery: Delivery, *, failed: bool = False) -> None:
        """Give a delivery back to its queue; only what `failed` counts, as from RabbitMQ 4.3 on."""
        token: Token = delivery.token
        if self.holds(delivery):
            del token.consumer.unsettled[token.place]
            token.consumer.queue.put_back(token.place, token.stored, failed=failed)
            token.consumer.queue.pump()

    def holds(self, delivery: Delivery) -> bool:
        """Whether it is still ours to settle: this very receipt of the message."""
        token: Token = delivery.token
        return token.consumer.unsettled.get(token.place) is token.stored

    async def amqp(self) -> NoReturn:
        """Raises NoAmqpError."""
        raise NoAmqpError(
            "this application runs on memory://, where no AMQP is spoken: run it on RabbitMQ "
            "(amqp://...), or replace what needs the channel in this test"
        )

    async def close(self) -> None:
        """Give back what is unsettled."""
        self._open = False
        for subscription in self._subscriptions:
            _end(subscription)
        for subscription in self._subscriptions:
            subscription.queue.pump()
        self._subscriptions.clear()
        self._fetching.clear()

    def _exchange_of(self, topology: Topology) -> str:
        return shared_name(topology, self._named) or self._exchange

    def _connected(self) -> None:
        if not self._open:
            raise BrokerUnreachableError("this transport is not connected: await connect() first")


async def _nobody(delivery: Delivery) -> None:
    """A subscription that only fetches is handed nothing."""
