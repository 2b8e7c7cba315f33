"""The Transport of RabbitMQ, over two connections: a blocked publisher must not hold back acks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import replace

from aio_pika.abc import AbstractChannel

from jararaca.contract import headers
from jararaca.contract.topology import DEFAULT_EXCHANGE, QueueBinding, Topology
from jararaca.errors import NoAmqpError, TopologyMismatchError
from jararaca.transport import (
    DELAY_LEVELS,
    Consumer,
    Delivery,
    Finding,
    OnDelivery,
    Publication,
    QueueDepth,
    StreamStart,
)
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.declaring import declaration
from jararaca.transport.amqp.delaying import delays, jobs
from jararaca.transport.amqp.delaying.delay_chain import ENDS, DelayChain
from jararaca.transport.amqp.delaying.job_ways import JobWays
from jararaca.transport.amqp.delaying.provisioning import provisioned as with_delays
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.queries import Asker
from jararaca.transport.amqp.receiver import Receiver, Token, settle
from jararaca.transport.amqp.sender import OtherAccountError, Sender
from jararaca.transport.amqp.subscription import Subscription, reading
from jararaca.transport.amqp.user_channel import UserChannel
from jararaca.transport.exchanges import shared_name
from jararaca.transport.home_loop import HomeLoop
from jararaca.transport.url import BrokerUrl

CHANNELS_SECONDS = 2.0
"""How long the channels together may take to close. A process that stops has 5 s for all that
follows its handlers, the connections included."""


class AmqpTransport:
    """A broker URL's RabbitMQ; see `jararaca.transport.Transport` for what each method promises."""

    def __init__(self, url: BrokerUrl) -> None:
        self._url = url
        self._accounts = Accounts(url.user, url.trusted_users)
        self._home = HomeLoop()
        self._exchange = url.exchange or DEFAULT_EXCHANGE
        self._topologies: list[Topology] = []
        self._passive: list[Topology] = []
        self._delays = DelayChain()
        self._jobs = JobWays(self._delays, declaration.declare)
        self._sending = Link(url, "publishing", self._restore_sending)
        self._receiving = Link(url, "consuming", self._restore)
        self._sender = Sender(self._sending, url.seconds["publish_timeout"])
        self._receivers: list[Receiver] = []
        self._asker = Asker(self._receiving, self._accounts)
        self._given: UserChannel | None = None

    @property
    def ready(self) -> bool:
        """Whether it is connected and every consumer receives."""
        links = self._sending.ready and self._receiving.ready
        return links and all(receiver.ready for receiver in self._receivers)

    @property
    def sends(self) -> bool:
        """Whether the publishing connection is up, and takes messages."""
        return self._sending.ready and not self._sending.blocked

    @property
    def home(self) -> HomeLoop:
        """The event loop that it was connected in."""
        return self._home

    @property
    def exchange(self) -> str:
        """The service's own exchange."""
        return self._exchange

    async def connect(self) -> None:
        """Open the publishing connection; the consuming one opens when it is needed.

        Raises BrokerUnreachableError, AccessRefusedError.
        """
        self._home.enter()
        await self._sending.open()

    async def declare(self, topology: Topology, *, passive: bool = False) -> None:
        """Declare what is missing, now and after each reconnect. Raises TopologyMismatchError."""
        self._exchange = shared_name(topology, self._url.exchange) or self._exchange
        self._delays.passive = passive
        named = topology.with_shared_exchange(self._exchange)
        if passive:
            self._passive.append(named)
            return
        await self._receiving.open()
        connection = await self._receiving.connection()
        try:
            await self._declare(connection, named)
        except TopologyMismatchError:
            named = await self._asker.as_found(named)
            await self._declare(connection, named)
        self._topologies.append(named)

    async def provision(self, topology: Topology) -> None:
        """Declare the topology, every level of the delay chain, and where it leads."""
        await self.declare(topology)
        named = topology.with_shared_exchange(self._exchange)
        connection = await self._receiving.connection()
        await self._delays.prepare(connection, DELAY_LEVELS - 1, *delays.destinations(named))
        await self._jobs.bind(connection, jobs.keys_of(named, named.tasks))
        older = QueueBinding(delays.UNDELIVERABLE, delays.UNDELIVERABLE, "")
        await declaration.unbind(connection, older)

    async def publish(self, publication: Publication) -> None:
        """Publish persistently and return once the broker has confirmed."""
        if self._home.is_elsewhere:
            await self._home.call(lambda: self.publish(publication))
            return
        try:
            await self._publish(publication)
        except OtherAccountError as error:
            if not publication.signed and publication.delay <= 0:
                raise
            self._accounts.own = error.account
            await self._publish(publication)

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
        end = delays.of_queue(queue)
        connection = await self._receiving.connection()
        await self._delays.prepare(connection, ENDS, end)
        await self._jobs.bind_if_allowed(connection, self._task_keys(queue))
        wanted = Subscription.of(queue, prefetch, priority, timeout, careful)
        receiver = Receiver(self._receiving, wanted, on_delivery, self._restore, self._accounts)
        await receiver.start()
        self._receivers = [*(each for each in self._receivers if not each.left), receiver]
        return receiver

    async def read(
        self,
        stream: str,
        prefetch: int,
        on_delivery: OnDelivery,
        start: StreamStart,
        only: Sequence[str] = (),
    ) -> Consumer:
        """Await `on_delivery` in a task a delivery, in order. Raises QueueNotFoundError."""
        await self._receiving.open()
        receiver = self._reader(*reading(stream, prefetch, on_delivery, start, only))
        await receiver.start()
        self._receivers.append(receiver)
        return receiver

    def _reader(self, wanted: Subscription, on_delivery: OnDelivery) -> Receiver:
        return Receiver(self._receiving, wanted, on_delivery, self._restore, self._accounts)

    async def fetch(self, queue: str) -> Delivery | None:
        """One message, unsettled. Raises QueueNotFoundError."""
        await self._receiving.open()
        return await self._asker.fetch(queue)

    async def count(self, queue: str) -> int:
        """How many messages wait in a queue. Raises QueueNotFoundError."""
        await self._receiving.open()
        return await self._asker.count(queue)

    async def depth(self, queue: str) -> QueueDepth:
        """How many messages wait, and who consumes them. Raises QueueNotFoundError."""
        await self._receiving.open()
        return await self._asker.depth(queue)

    async def inspect(
        self, topology: Topology, *, provisioned: bool = False
    ) -> tuple[Finding, ...]:
        """How each exchange and queue stands to the broker."""
        await self._receiving.open()
        name = shared_name(topology, self._url.exchange) or self._exchange
        named = topology.with_shared_exchange(name)
        wanted = with_delays(named).topology if provisioned else named
        return await self._asker.inspect(wanted)

    async def remove(self, queues: Sequence[str], exchanges: Sequence[str]) -> None:
        """Delete queues and exchanges."""
        await self._receiving.open()
        await declaration.remove(await self._receiving.connection(), queues, exchanges)

    async def ack(self, delivery: Delivery) -> None:
        """Settle for good."""
        await settle(delivery, "ack")

    async def requeue(self, delivery: Delivery, *, failed: bool = False) -> None:
        """Give a delivery back to its queue."""
        await settle(delivery, "reject" if failed else "nack")

    def holds(self, delivery: Delivery) -> bool:
        """Whether it is still ours to settle."""
        token: Token = delivery.token
        return token.is_held

    async def amqp(self) -> AbstractChannel:
        """A channel of the publishing connection, in the event loop that was connected in."""
        if self._home.is_elsewhere:
            raise NoAmqpError(
                "the channel of use_amqp() lives in the event loop that the application was "
                "started in: call it there"
            )
        if self._given is None:
            self._given = UserChannel(self._sending, self._url.seconds["publish_timeout"])
        return await self._given.get()

    async def close(self) -> None:
        """Close the connections, once the broker has all acks, or says nothing any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CHANNELS_SECONDS):
                await self._close_channels()
        await asyncio.gather(self._sending.close(), self._receiving.close())

    async def _close_channels(self) -> None:
        await asyncio.gather(*(receiver.close() for receiver in self._receivers))
        await self._asker.close()
        if self._given is not None:
            await self._given.close()
        await self._sender.close()

    def _publish(self, publication: Publication) -> Awaitable[None]:
        exchange = self._exchange if publication.exchange is None else publication.exchange
        if publication.delay > 0:
            return self._publish_later(publication, exchange)
        if publication.signed:
            publication = self._accounts.signed(publication)
        return self._sender.send(publication, exchange, None)

    async def _publish_later(self, publication: Publication, exchange: str) -> None:
        units = delays.units_of(publication.delay)
        level = delays.level_of(units)
        destination = await self._destination(publication, exchange)
        later = replace(
            publication,
            routing_key=delays.routing_key(units, destination),
            exchange=delays.entry(level),
            headers={
                headers.TOPIC: publication.routing_key,
                headers.EXCHANGE: exchange,
                **publication.headers,
            },
            mandatory=True,
            onward=publication.routing_key if exchange else None,
        )

        async def prepare() -> None:
            connection = await self._sending.connection()
            await self._delays.prepare(connection, level, destination)

        await self._sender.send(self._accounts.signed(later), delays.entry(level), prepare)

    async def _destination(self, publication: Publication, exchange: str) -> str:
        topic, mandatory = publication.routing_key, publication.mandatory
        if exchange and mandatory and self._sending.ready:
            connection = await self._sending.connection()
            own = (*self._topologies, *self._passive)
            return await self._jobs.destination(connection, exchange, topic, own)
        return delays.destination(exchange, topic, mandatory=mandatory)

    def _task_keys(self, *queues: str) -> list[QueueBinding]:
        """The bindings by which delayed tasks come to these queues."""
        return [key for each in self._topologies for key in jobs.keys_of(each, queues)]

    async def _declare(self, connection: FastConnection, topology: Topology) -> None:
        await declaration.declare(connection, topology)

    async def _restore(self, connection: FastConnection) -> None:
        for topology in self._topologies:
            await self._declare(connection, topology)
        await self._delays.restore(connection)
        await self._jobs.restore(connection)

    async def _restore_sending(self, connection: FastConnection) -> None:
        self._jobs.forget()
        await self._delays.restore(connection)
