"""The channel of `use_amqp()`: aio-pika's own, on the connection that is watched over."""

from __future__ import annotations

import asyncio

from aio_pika import Channel
from aio_pika.abc import AbstractChannel

from jararaca.errors import BrokerError, BrokerUnreachableError
from jararaca.transport.amqp.channels import calling, close_channel, while_open
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.fast.connection import FastConnection


class UserChannel:
    """Opened when it is first asked for, and again once it or its connection is gone.

    Nothing of ours goes over it: what the broker refuses there ends nothing else.
    """

    def __init__(self, link: Link, deadline: float) -> None:
        self._link = link
        self._deadline = deadline
        self._connection: FastConnection | None = None
        self._channel: AbstractChannel | None = None
        self._opening = asyncio.Lock()

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
        await close_channel(self._channel)

    async def _open(self) -> AbstractChannel:
        async with self._opening:
            while True:
                connection = await self._link.connection()
                channel = self._channel
                if channel and not channel.is_closed and self._connection is connection:
                    return channel
                opened = Channel(connection)
                try:
                    await calling(while_open(connection, opened.initialize()))
                except BrokerError:
                    if not connection.is_closed:
                        raise
                    continue
                self._channel, self._connection = opened, connection
