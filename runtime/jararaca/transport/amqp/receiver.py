"""Consuming: one channel a queue, opened again after whatever ended it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

import aiormq
from aiormq.abc import DeliveredMessage

from jararaca.errors import BrokerError
from jararaca.printable import logger_named
from jararaca.transport import Delivery, OnDelivery
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.backoff import backoff
from jararaca.transport.amqp.channels import calling, close_channel, open_channel
from jararaca.transport.amqp.connection import ANSWER_SECONDS, Link
from jararaca.transport.amqp.translate import delivery_of, ended, text

logger = logger_named("jararaca.broker")
CANCEL_SECONDS = 5.0


@dataclass(slots=True)
class Token:
    """The channel of a delivery, the only one that it can be settled on, and its tag there."""

    channel: aiormq.Channel
    tag: int
    settled: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it is still to be settled here."""
        return not self.settled and not self.channel.is_closed


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is consumed: the queue, how many unsettled at most, and basic.consume's arguments."""

    queue: str
    prefetch: int
    arguments: Mapping[str, Any]

    @classmethod
    def of(
        cls, queue: str, prefetch: int, priority: int, timeout: float | None = None
    ) -> Subscription:
        """With `x-priority`, where the priority is not the usual one, and `x-consumer-timeout`."""
        arguments = {"x-priority": priority} if priority else {}
        if timeout is not None:
            arguments["x-consumer-timeout"] = ceil(timeout * 1_000)
        return cls(queue, prefetch, arguments)


class Receiver:
    """A consumer of one queue; `prepare` declares what may be gone before it starts again."""

    def __init__(
        self,
        link: Link,
        subscription: Subscription,
        on_delivery: OnDelivery,
        prepare: Callable[[aiormq.Connection], Awaitable[None]],
        accounts: Accounts,
    ) -> None:
        self.queue = subscription.queue
        self._accounts = accounts
        self._link = link
        self._subscription = subscription
        self._on_delivery = on_delivery
        self._prepare = prepare
        self._channel: aiormq.Channel | None = None
        self._tag: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._ending = False

    @property
    def ready(self) -> bool:
        """Whether deliveries come, or are not wanted any more."""
        consuming = self._tag is not None and self._channel is not None
        return self._ending or (consuming and not self._over.is_set())

    async def start(self) -> None:
        """Consume, from now on. Raises QueueNotFoundError, AccessRefusedError."""
        await self._consume()
        self._keeper = asyncio.create_task(self._keep())

    async def cancel(self) -> None:
        """Stop new deliveries; those handed over already stay to be settled."""
        await self._stop_keeping()
        if self._channel is not None and self._tag is not None and not self._channel.is_closed:
            tag, self._tag = self._tag, None
            with suppress(TimeoutError, BrokerError):
                await calling(self._channel.basic_cancel(tag, timeout=CANCEL_SECONDS))

    async def close(self) -> None:
        """End the channel, once the broker has all acks; what is unsettled goes back.

        Nothing is cancelled first: a queue with one active consumer would give the next one what
        comes behind the unsettled, before they are back.
        """
        await self._stop_keeping()
        await close_channel(self._channel)

    async def _stop_keeping(self) -> None:
        self._ending = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _consume(self) -> None:
        connection = await self._link.connection()
        channel = await open_channel(connection)
        over = self._begun()
        channel.on_consumer_cancel_callbacks.add(lambda _: over.set())
        await calling(channel.basic_qos(prefetch_count=self._subscription.prefetch))
        self._channel = channel

        async def on_message(message: DeliveredMessage) -> None:
            self._receive(channel, message)

        answer = await calling(
            channel.basic_consume(
                self.queue, on_message, arguments=dict(self._subscription.arguments)
            )
        )
        self._tag = answer.consumer_tag

    def _receive(self, channel: aiormq.Channel, message: DeliveredMessage) -> None:
        """A task of ours a delivery: aiormq would cancel its own when the channel ends."""
        tag = message.delivery_tag
        assert tag is not None
        delivery = delivery_of(self.queue, message, Token(channel, tag), self._accounts)
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
            assert self._channel is not None
            before = self._channel.connection
            if reason:
                logger.warning("%s: the broker ended the consumer (%s)", self.queue, reason)
            await self._again(before, told=bool(reason))

    async def _end(self) -> str:
        """Return when the consumer has ended; the reason, empty where the connection is gone."""
        assert self._channel is not None
        closing, over = self._channel.closing, self._over
        closing.add_done_callback(lambda _: over.set())
        await over.wait()
        ended = closing.done()
        await self._leave()
        if not ended:
            return "the queue was deleted, or a message was not acked within the consumer timeout"
        connection = self._channel.connection
        error = None if closing.cancelled() else closing.exception()
        return "" if connection.is_closed or error is None or not error.args else text(error)

    async def _leave(self) -> None:
        """Have done with the channel that the consumer was on."""
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
                    await connection.close(timeout=CANCEL_SECONDS)
            except BrokerError as error:
                logger.error("%s: not consumed yet: %s", self.queue, error)
            await asyncio.sleep(backoff(attempt, random.random()))
        if told or attempt > 1:
            logger.warning("%s: consuming again", self.queue)


async def settle(delivery: Delivery, how: Literal["ack", "nack", "reject"]) -> None:
    """Ack, or give back, on the channel that the delivery came by; if that is gone, nothing."""
    token: Token = delivery.token
    if not token.is_held:
        return
    token.settled = True
    try:
        match how:
            case "ack":
                await token.channel.basic_ack(token.tag, wait=False)
            case "nack":
                await token.channel.basic_nack(token.tag, requeue=True, wait=False)
            case "reject":
                await token.channel.basic_reject(token.tag, requeue=True, wait=False)
    except BaseException as error:
        if not ended(error):
            raise


async def _await(on_delivery: OnDelivery, delivery: Delivery) -> None:
    await on_delivery(delivery)
