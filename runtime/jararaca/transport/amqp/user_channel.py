"""The channel of `use_amqp()`: aio-pika's own, on the connection that is watched over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

import aiormq
from aio_pika import RobustChannel
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import AMQPConnectionError

from jararaca.errors import BrokerError, BrokerUnreachableError
from jararaca.printable import logger_named
from jararaca.transport.amqp.cancelling import cancel
from jararaca.transport.amqp.channels import calling, close_channel, while_open
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.fast.connection import FastConnection

logger = logger_named("jararaca.broker")


class UserChannel:
    """Opened when it is first asked for, and made again as it was once its connection is back.

    Nothing of ours goes over it: what the broker refuses there ends nothing else.
    """

    def __init__(self, link: Link, deadline: float) -> None:
        self._link = link
        self._deadline = deadline
        self._connection = SupervisedConnection(link)
        self._channel: KeptChannel | None = None
        self._opening = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None

    async def get(self) -> AbstractChannel:
        """An open channel. Raises BrokerUnreachableError where there is no connection in time."""
        try:
            async with asyncio.timeout(self._deadline) as deadline:
                # The loss of the connection may be waiting for the loop's next turn.
                await asyncio.sleep(0)
                return await self._open()
        except TimeoutError:
            if not deadline.expired():
                raise
            raise BrokerUnreachableError(
                f"there was no connection to the broker for {self._deadline:g} s"
            ) from None

    async def close(self) -> None:
        """Close it; what was fetched on it and not settled goes back."""
        self._connection.close()
        await cancel(self._keeper)
        await close_channel(self._channel)

    async def _open(self) -> AbstractChannel:
        async with self._opening:
            while True:
                connection = await self._link.connection()
                channel = self._channel
                if channel is None or channel.closed_by_hand:
                    channel = self._channel = KeptChannel(self._connection)
                try:
                    await calling(while_open(connection, channel.restored()))
                except BrokerError:
                    self._forget(channel)
                    if not connection.is_closed:
                        raise
                    continue
                if self._keeper is None:
                    self._keeper = asyncio.create_task(self._keep())
                return channel

    async def _keep(self) -> None:
        """Make the channel again on each new connection, whether or not somebody asks for it."""
        while True:
            connection = await self._link.connection()
            channel = self._channel
            if channel is not None and channel.is_initialized:
                try:
                    await calling(while_open(connection, channel.restored()))
                except BrokerError as error:
                    if not connection.is_closed:
                        logger.warning(
                            "the channel of use_amqp() cannot be made again as it was (%s): the "
                            "next call gives an empty one",
                            error,
                        )
                        self._forget(channel)
            await asyncio.wait({connection.closing})

    def _forget(self, channel: KeptChannel) -> None:
        if self._channel is channel:
            self._channel = None


class KeptChannel(RobustChannel):
    """A channel whose exchanges, queues, consumers and prefetch come back with its connection."""

    def __init__(self, connection: SupervisedConnection) -> None:
        super().__init__(cast(AbstractConnection, connection))
        self._supervised = connection

    async def _open(self) -> None:
        await self._supervised.ready()
        self._channel_number = self._supervised.fresh_number()
        await super()._open()

    @property
    def closed_by_hand(self) -> bool:
        """Whether somebody has called `close()`."""
        return self._close_called

    async def restored(self) -> None:
        """Open it, or make it again if it was lost. Raises aiormq's errors."""
        await (self.restore() if self.is_initialized else self.initialize())


class SupervisedConnection:
    """What aio-pika's robust channel asks of its connection: `Link`'s, whichever is up.

    It is closed once the application is, not while its connection is lost.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._current: FastConnection | None = None
        self._closed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def transport(self) -> SupervisedConnection:
        """Itself: `ready()` and `connection` are all that is asked of it."""
        return self

    @property
    def connection(self) -> aiormq.Connection:
        """aiormq's connection. Call `ready()` before."""
        assert self._current is not None
        return self._current.underlay

    def fresh_number(self) -> int:
        """A number for a channel of it. Call `ready()` before."""
        assert self._current is not None
        return self._current.fresh_number()

    @property
    def is_closed(self) -> bool:
        """Whether the application has stopped."""
        return self._closed.done()

    close_called = is_closed

    def closed(self) -> Awaitable[bool]:
        """Done when the application has stopped."""
        return asyncio.shield(self._closed)

    def close(self) -> None:
        """The application stops: nothing is made again."""
        if not self._closed.done():
            self._closed.set_result(True)

    async def ready(self) -> None:
        """Wait until the connection is up. Raises AMQPConnectionError once it never will be."""
        waiting = asyncio.ensure_future(self._link.connection())
        try:
            ends: tuple[asyncio.Future[Any], ...] = (waiting, self._closed)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                raise AMQPConnectionError("the application has stopped")
            self._current = await waiting
        finally:
            waiting.cancel()
