"""Consuming on a channel of ours: the plain receiver's recovery for our own deliveries."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress

from jararaca.errors import BrokerError
from jararaca.transport import OnDelivery
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.channels import CLOSE_SECONDS, calling
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.channel_pool import ChannelPool, opened
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.fast.wire.delivery import FastDelivery
from jararaca.transport.amqp.receiver import CANCEL_SECONDS, Receiver
from jararaca.transport.amqp.subscription import Subscription

NUMBERS = itertools.count(1)
"""What tells the consumer tags of a process apart: a channel may have several consumers."""


class FastReceiver(Receiver):
    """A consumer of one queue; it starts on a channel of `shared`, and again on one of its own.

    Without `shared` it has its own from the beginning.

    Where the broker has ended the consumer alone, it goes on with the channel: what is unsettled
    there stays to be settled.
    """

    def __init__(
        self,
        link: Link,
        subscription: Subscription,
        on_delivery: OnDelivery,
        prepare: Callable[[FastConnection], Awaitable[None]],
        accounts: Accounts,
        shared: ChannelPool | None,
    ) -> None:
        super().__init__(link, subscription, on_delivery, prepare, accounts)
        self._shared = shared
        self._fast: FastChannel | None = None
        self._own: FastChannel | None = None
        self._loop = asyncio.get_running_loop()
        self._handling: dict[FastDelivery, asyncio.Task[None]] = {}

    async def _consume(self) -> None:
        connection = self._connection = await self._link.connection()
        over = self._begun()
        self._fast = await calling(self._opened(connection))
        if self._subscription.is_of_stream:
            self._fast.gather_acks(self._subscription.prefetch // 4)
        self._closing = self._fast.closing
        self._tag = await self._begin(over)

    async def _opened(self, connection: FastConnection) -> FastChannel:
        return self._next_channel(connection)

    async def _begin(self, over: asyncio.Event) -> str:
        assert self._fast is not None
        tag = f"jararaca.{next(NUMBERS)}"
        wanted = self._subscription.taking(self.careful)
        await calling(self._fast.consume(tag, wanted, self._deliver, over.set))
        return tag

    async def _retire(self, tag: str) -> None:
        assert self._fast is not None
        await calling(self._fast.retire(tag, timeout=CANCEL_SECONDS))

    def _next_channel(self, connection: FastConnection) -> FastChannel:
        """The shared one for the first start; then its own, for as long as that lasts.

        A start that the broker refuses ends its channel: not one that others consume on.
        Raises AMQPConnectionError.
        """
        shared, self._shared = self._shared, None
        if shared is not None:
            return shared.take(connection)
        own = self._own
        if own is None or own.is_closed or own.connection is not connection:
            own = self._own = opened(connection)
        return own

    async def _leave(self) -> None:
        """The channel stays: it closes by itself, or has deliveries to be settled."""

    async def _close_channel(self) -> None:
        assert self._fast is not None
        with suppress(TimeoutError, BrokerError):
            await calling(self._fast.close(CLOSE_SECONDS))

    async def _cancel(self, tag: str) -> None:
        assert self._fast is not None
        await calling(self._fast.basic_cancel(tag, timeout=CANCEL_SECONDS))

    def _deliver(self, delivery: FastDelivery) -> None:
        delivery.accounts = self._accounts
        self._handling[delivery] = self._loop.create_task(self._handle(delivery))

    async def _handle(self, delivery: FastDelivery) -> None:
        # A done callback would do, and cost every message another turn of the loop.
        try:
            await self._on_delivery(delivery)
        finally:
            del self._handling[delivery]
