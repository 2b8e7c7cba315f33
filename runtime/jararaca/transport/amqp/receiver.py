"""Consuming: one channel a queue, opened again after whatever ended it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiormq.exceptions import ChannelInvalidStateError

from jararaca.errors import BrokerError
from jararaca.printable import logger_named
from jararaca.transport import Delivery, OnDelivery
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.backoff import backoff
from jararaca.transport.amqp.cancelling import cancel
from jararaca.transport.amqp.channels import calling, close_channel, open_channel, queue_on
from jararaca.transport.amqp.connection import ANSWER_SECONDS, Link
from jararaca.transport.amqp.exact import ExactChannel, ExactIncoming, ExactQueue, Settlement
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.subscription import Subscription
from jararaca.transport.amqp.translate import delivery_of, ended, text

logger = logger_named("jararaca.broker")
CANCEL_SECONDS = 5.0
LAST_CANCEL_SECONDS = 1.0
"""The same at the end of a process, which a broker that says nothing any more must not hold up."""


@dataclass(slots=True)
class Token:
    """The message of a delivery: it can be settled on the channel that it came by alone."""

    message: ExactIncoming
    settled: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it is still to be settled here."""
        if self.settled:
            return False
        try:
            return not self.message.channel.is_closed
        except ChannelInvalidStateError:
            return False


class Receiver:
    """A consumer of one queue; `prepare` declares what may be gone before it starts again."""

    def __init__(
        self,
        link: Link,
        subscription: Subscription,
        on_delivery: OnDelivery,
        prepare: Callable[[FastConnection], Awaitable[None]],
        accounts: Accounts,
    ) -> None:
        self.queue = subscription.queue
        self.careful = subscription.careful
        self._accounts = accounts
        self._link = link
        self._subscription = subscription
        self._on_delivery = on_delivery
        self._prepare = prepare
        self._connection: FastConnection | None = None
        self._closing: asyncio.Future[Any] | None = None
        self._channel: ExactChannel | None = None
        self._consumed: ExactQueue | None = None
        self._tag: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._ending = False
        self._changing = asyncio.Lock()
        self.left = False

    @property
    def ready(self) -> bool:
        """Whether deliveries come, or are not wanted any more."""
        return self._ending or (self._tag is not None and not self._over.is_set())

    async def start(self) -> None:
        """Consume, from now on. Raises QueueNotFoundError, AccessRefusedError."""
        await self._consume()
        self._keeper = asyncio.create_task(self._keep())

    async def be_careful(self, careful: bool) -> None:
        """Take one message at a time, or as many as the prefetch says, on the same channel.

        RabbitMQ keeps a consumer's prefetch as it began: another one takes its place.
        """
        async with self._changing:
            closing, tag = self._closing, self._tag
            allowed = self._subscription.prefetch > 1 and not self._ending
            if careful == self.careful or not allowed or tag is None:
                return
            self.careful = careful
            with suppress(TimeoutError, BrokerError):
                async with asyncio.timeout(CANCEL_SECONDS):
                    begun = await self._begin(self._over)
                    if self._closing is closing:
                        self._tag = begun
                    await self._retire(tag)

    async def cancel(self) -> None:
        """Stop new deliveries; those handed over already stay to be settled."""
        await self._stop_keeping()
        with suppress(TimeoutError, BrokerError):
            async with asyncio.timeout(LAST_CANCEL_SECONDS), self._changing:
                if self._tag is None or self._closing is None or self._closing.done():
                    return
                tag, self._tag = self._tag, None
                await self._cancel(tag)

    async def leave(self) -> None:
        """End the channel, and be forgotten."""
        await self.close()
        self.left = True

    async def close(self) -> None:
        """End the channel, once the broker has all acks; what is unsettled goes back.

        Nothing is cancelled first: a queue with one active consumer would give the next one what
        comes behind the unsettled, before they are back.
        """
        await self._stop_keeping()
        await self._close_channel()

    async def _stop_keeping(self) -> None:
        self._ending = True
        await cancel(self._keeper)

    async def _consume(self) -> None:
        connection = self._connection = await self._link.connection()
        channel = await open_channel(connection)
        over = self._begun()
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _: over.set())
        self._channel, self._closing = channel, underlay.closing
        self._consumed = await queue_on(channel, self.queue)
        self._tag = await self._begin(over)

    async def _begin(self, over: asyncio.Event) -> str:
        """Begin a consumer, careful or not, which sets `over` when the broker ends it; its tag."""
        assert self._channel is not None and self._consumed is not None
        wanted = self._subscription.taking(self.careful)
        await calling(self._channel.set_qos(wanted.prefetch))
        return await calling(self._consumed.receive(self._receive, wanted.arguments))

    async def _retire(self, tag: str) -> None:
        """End a consumer; what has come for it meanwhile is delivered."""
        await self._cancel(tag)

    async def _cancel(self, tag: str) -> None:
        assert self._consumed is not None
        await calling(self._consumed.cancel(tag, timeout=CANCEL_SECONDS))

    def _receive(self, message: ExactIncoming) -> None:
        """A task of ours a delivery: aiormq would cancel its own when the channel ends."""
        token = Token(message)
        delivery = delivery_of(self.queue, message, message.received, token, self._accounts)
        task = asyncio.get_running_loop().create_task(_await(self._on_delivery, delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _begun(self) -> asyncio.Event:
        """A consumer begins: what the broker's cancel sets, and nothing that is left of before."""
        self._over = asyncio.Event()
        return self._over

    async def _keep(self) -> None:
        """Consume again whenever the channel ends or the broker cancels the consumer."""
        while True:
            reason = await self._end()
            self._tag = None
            self.careful = self._subscription.careful
            before = self._connection
            if reason:
                logger.warning("%s: the broker ended the consumer (%s)", self.queue, reason)
            await self._again(before, told=bool(reason))

    async def _end(self) -> str:
        """Return when the consumer has ended; the reason, empty where the connection is gone."""
        assert self._closing is not None and self._connection is not None
        closing, over = self._closing, self._over
        closing.add_done_callback(lambda _: over.set())
        await over.wait()
        ended = closing.done()
        await self._leave()
        if not ended:
            return "the queue was deleted, or a message was not acked within the consumer timeout"
        connection = self._connection
        error = None if closing.cancelled() else closing.exception()
        return "" if connection.is_closed or error is None or not error.args else text(error)

    async def _leave(self) -> None:
        """Have done with the channel that the consumer was on."""
        await self._close_channel()

    async def _close_channel(self) -> None:
        await close_channel(self._channel)

    async def _again(self, before: object, *, told: bool) -> None:
        attempt = 0
        while True:
            attempt += 1
            connection = await self._link.connection()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    # On a new connection all was declared before anybody could use it.
                    if connection is before or attempt > 1:
                        await self._prepare(connection)
                    await self._consume()
                break
            except TimeoutError:
                logger.error("%s: not consumed yet: the broker does not answer", self.queue)
                with suppress(Exception):
                    await connection.close()
            except BrokerError as error:
                logger.error("%s: not consumed yet: %s", self.queue, error)
            await asyncio.sleep(backoff(attempt, random.random()))
        if told or attempt > 1:
            logger.warning("%s: consuming again", self.queue)


async def settle(delivery: Delivery, how: Settlement) -> None:
    """Ack, or give back, on the channel that the delivery came by; if that is gone, nothing."""
    token: Token = delivery.token
    if token.settled:
        return
    token.settled = True
    try:
        await token.message.settle(how)
    except BaseException as error:
        if not ended(error):
            raise


async def _await(on_delivery: OnDelivery, delivery: Delivery) -> None:
    await on_delivery(delivery)
